/** Did you mean: the nearest of the names, or none where none is near. */
import { expect } from 'chai'
import fc from 'fast-check'
import { nearest } from '../../src/kernel/nearest.js'

const commands = ['tenant create', 'tenant show', 'tenant list', 'module list', 'db url']

describe('the nearest name', () => {
  const meant: Record<string, string> = {
    'tenant craete': 'tenant create',
    'tenat list': 'tenant list',
    tenantlist: 'tenant list',
    'db ulr': 'db url',
    'tenant show': 'tenant show',
  }
  for (const [typed, name] of Object.entries(meant)) {
    it(`to "${typed}" is ${name}`, () => expect(nearest(typed, commands)).to.equal(name))
  }

  it('is none where nothing is near, and among no names', () => {
    expect(nearest('backup', commands)).to.equal(null)
    expect(nearest('tenant', [])).to.equal(null)
    expect(nearest('', ['abc'])).to.equal(null)
  })

  it('is the word itself where it is among them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 12 }), { minLength: 1 }), fc.nat(), (names, pick) => {
        const name = names[pick % names.length] ?? ''
        expect(nearest(name, names)).to.equal(name)
      }),
    )
  })

  it('is found through one slip of the finger', () => {
    const word = fc.stringMatching(/^[a-z]{3,12}$/)
    fc.assert(
      fc.property(word, fc.nat(), (name, at) => {
        const place = at % name.length
        const dropped = name.slice(0, place) + name.slice(place + 1)
        const doubled = name.slice(0, place) + name.slice(place, place + 1) + name.slice(place)
        expect(nearest(dropped, [name, '123456789012345'])).to.equal(name)
        expect(nearest(doubled, [name, '123456789012345'])).to.equal(name)
      }),
    )
  })
})
