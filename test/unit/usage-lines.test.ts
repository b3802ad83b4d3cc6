/** Usage as people and programs write it: NDJSON and CSV, each line right or wrong by itself. */
import { expect } from 'chai'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { usageLines, type UsageDefaults } from '../../src/subscriptions/usage-lines.js'
import { rejection } from '../support/errors.js'

const now = new Date('2026-02-10T12:00:00Z')
const none: UsageDefaults = { tenant: null, metric: null }

async function* each(lines: readonly string[]): AsyncGenerator<string, void, void> {
  yield* lines
}

/** `line tenant quantity metric key time`, or `line code`. */
async function read(lines: readonly string[], defaults = none): Promise<string[]> {
  const found: string[] = []
  for await (const { line, record, error } of usageLines(each(lines), defaults, now)) {
    const words = record
      ? [record.tenant, record.quantity, record.metric, record.key, record.at?.toISOString() ?? 'now']
      : [error?.code]
    found.push([line, ...words].join(' '))
  }
  return found
}

describe('usage lines', () => {
  it('are NDJSON', async () => {
    const lines = [
      '\ufeff{"tenant":"acme","metric":"api_calls","quantity":5,"key":"a","at":"2026-02-10T09:00:00+05:30"}',
      '',
      '{"tenant":"acme","metric":"storage_bytes","quantity":"123456789012345678","key":"b"}',
    ]
    expect(await read(lines)).to.deep.equal([
      '1 acme 5 api_calls a 2026-02-10T03:30:00.000Z',
      '3 acme 123456789012345678 storage_bytes b now',
    ])
  })

  it('are CSV, in any order of columns, with quotes', async () => {
    const lines = ['key,quantity,tenant,metric', '"a,""b""",7, globex ,users', 'c, "8" ,globex,users']
    expect(await read(lines)).to.deep.equal(['2 globex 7 users a,"b" now', '3 globex 8 users c now'])
  })

  it('take the tenant and the metric from outside, and let no line name another tenant', async () => {
    const lines = ['quantity,key,tenant', '1,a,', '2,b,ACME', '3,c,globex']
    expect(await read(lines, { tenant: 'acme', metric: 'api_calls' })).to.deep.equal([
      '2 acme 1 api_calls a now',
      '3 ACME 2 api_calls b now',
      '4 usage.line_invalid',
    ])
  })

  const good = { tenant: 'acme', metric: 'api_calls', quantity: 1, key: 'k' }
  const wrong: [string, unknown][] = [
    ['no JSON', '{"tenant"'],
    ['a list', '[1]'],
    ['another field', { ...good, quantiy: 1 }],
    ['no tenant', { ...good, tenant: '' }],
    ['another metric', { ...good, metric: 'calls' }],
    ['a fraction', { ...good, quantity: 1.5 }],
    ['a negative', { ...good, quantity: -1 }],
    ['beyond exact numbers', { ...good, quantity: 2 ** 53 }],
    ['a number in words', { ...good, quantity: '1e3' }],
    ['19 digits', { ...good, quantity: '1234567890123456789' }],
    ['no key', { ...good, key: '' }],
    ['a space in the key', { ...good, key: 'a b' }],
    ['a key beyond ASCII', { ...good, key: 'schlüssel' }],
    ['a key of 201 characters', { ...good, key: 'k'.repeat(201) }],
    ['the future', { ...good, at: '2026-02-10T12:05:01Z' }],
    ['a time in words', { ...good, at: 'yesterday' }],
  ]
  for (const [what, line] of wrong) {
    it(`refuse ${what}, and go on`, async () => {
      const text = typeof line === 'string' ? line : JSON.stringify(line)
      const lines = [JSON.stringify(good), text, JSON.stringify({ ...good, key: 'after' })]
      const [before, refused, after] = await read(lines)
      expect([before, after]).to.deep.equal(['1 acme 1 api_calls k now', '3 acme 1 api_calls after now'])
      expect(refused).to.match(/^2 usage\.(line|time)_invalid$/)
    })
  }

  it('take five minutes of a clock ahead', async () => {
    expect(await read([JSON.stringify({ ...good, at: '2026-02-10T12:05:00Z' })])).to.have.length(1)
  })

  for (const header of ['a,b', 'tenant,metric,quantity', 'tenant,metric,quantity,key,key', '"tenant']) {
    it(`refuse the header ${header}`, async () => {
      const error = await rejection(read([header, '1,2']))
      expect(error).to.be.instanceOf(ErpmaxError)
      expect((error as ErpmaxError).code).to.equal('usage.header_invalid')
    })
  }

  it('refuse a line with too few cells or an open quote', async () => {
    expect(
      await read(['quantity,key', '1', '1,"a', '1,a'], { tenant: 'acme', metric: 'users' }),
    ).to.deep.equal(['2 usage.line_invalid', '3 usage.line_invalid', '4 acme 1 users a now'])
  })

  it('are none where there is nothing', async () => expect(await read(['', '  '])).to.deep.equal([]))
})
