/** Free settings as they are typed: what is JSON, what is text, what is refused. */
import { expect } from 'chai'
import { changedSettings } from '../../src/tenants/settings.js'
import { thrown } from '../support/errors.js'

describe('settings of a tenant', () => {
  const set = (...given: string[]): unknown => changedSettings({}, given, [])

  it('are JSON where the text is JSON, and the text where it is not', () => {
    expect(set('theme=dark', 'beta=true', 'seats=5', 'rate=0.5', 'tags=["a"]', 'none=null')).to.deep.equal({
      ...{ theme: 'dark', beta: true, seats: 5, rate: 0.5, tags: ['a'], none: null },
    })
    expect(set('quoted="5"', 'empty=', 'equation=a=b', 'open={')).to.deep.equal({
      ...{ quoted: '5', empty: '', equation: 'a=b', open: '{' },
    })
  })

  it('keep a number as text where it would come out as another text', () => {
    expect(set('code=007', 'price=1.50', 'big=12345678901234567890', 'e=1e3')).to.deep.equal({
      ...{ code: '007', price: '1.50', big: '12345678901234567890', e: '1e3' },
    })
  })

  it('change what is named and leave the rest', () => {
    const before = { a: 1, b: { c: 2 }, d: 'x' }
    expect(changedSettings(before, ['a=2'], ['d', 'not-there'])).to.deep.equal({ a: 2, b: { c: 2 } })
    expect(before).to.deep.equal({ a: 1, b: { c: 2 }, d: 'x' })
  })

  it('refuse what is no key, no assignment, contradictory or too much', () => {
    for (const [given, away] of [
      [['a'], []],
      [['=1'], []],
      [['A=1'], []],
      [['__proto__=1'], []],
      [[`${'k'.repeat(65)}=1`], []],
      [[`a=${'x'.repeat(60_000)}`], []],
      [['a=1'], ['a']],
      [[], ['Not A Key']],
    ] as const) {
      expect(thrown(() => changedSettings({}, given, away))).to.include({
        kind: 'usage',
        code: 'tenant.settings_invalid',
      })
    }
  })
})
