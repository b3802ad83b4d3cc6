/** A secret prints as [redacted], whichever way it is printed. */
import { expect } from 'chai'
import fc from 'fast-check'
import { format, inspect } from 'node:util'
import { redactCards, redactUrls, Secret } from '../../src/kernel/secret.js'

describe('a secret', () => {
  const secret = new Secret('hunter2')

  const printed: Record<string, () => string> = {
    'in a template': () => `${String(secret)} ${secret}`,
    'by concatenation': () => 'secret: ' + secret,
    'as JSON': () => JSON.stringify({ nested: [{ secret }] }),
    'by inspect': () => inspect({ nested: { secret } }, { depth: 9, showHidden: true }),
    'by inspect without its own word': () => inspect({ secret }, { customInspect: false, showHidden: true }),
    'by format': () => format('%s %o %O %j', secret, secret, secret, secret),
    'in the message of an error': () => String(new Error(`login with ${secret} failed`)),
    'by its keys': () => Object.keys(secret).join() + JSON.stringify(Object.entries(secret)),
    spread: () => JSON.stringify({ ...secret }),
  }
  for (const [how, print] of Object.entries(printed)) {
    it(`is hidden ${how}`, () => expect(print()).not.to.include('hunter2'))
  }

  it('says that it was there', () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).to.deep.equal([
      ...['[redacted]', '"[redacted]"', '[redacted]'],
    ])
  })

  it('is revealed on demand, to the last character', () => {
    fc.assert(fc.property(fc.string(), (value) => new Secret(value).reveal() === value))
  })
})

describe('the password in a URL', () => {
  const hidden: Record<string, string> = {
    'postgres://erp:hunter2@db/erp': 'postgres://erp:[redacted]@db/erp',
    'postgresql://erp:hunter2@/erp?host=%2Frun': 'postgresql://erp:[redacted]@/erp?host=%2Frun',
    'smtps://mail%40a.b:hunter2@mail.example.com:465': 'smtps://mail%40a.b:[redacted]@mail.example.com:465',
    'postgres://:hunter2@db/erp': 'postgres://:[redacted]@db/erp',
    'postgres://erp:hunter2@hunter2@db/erp': 'postgres://erp:[redacted]@db/erp',
    'postgres://erp:hunter2/hunter2@db/erp': 'postgres://erp:[redacted]@db/erp',
    'cannot reach postgres://a:hunter2@b/c, nor postgres://d:hunter2@e/f':
      'cannot reach postgres://a:[redacted]@b/c, nor postgres://d:[redacted]@e/f',
  }
  for (const [text, redacted] of Object.entries(hidden)) {
    it(`of ${text} is hidden`, () => expect(redactUrls(text)).to.equal(redacted))
  }

  for (const text of ['postgres://erp@db:5432/erp', 'https://example.com:8443/a?b=c:d', 'at 12:30, a@b.c']) {
    it(`is not seen in ${text}`, () => expect(redactUrls(text)).to.equal(text))
  }
})

describe('the number of a card', () => {
  const hidden: Record<string, string> = {
    'card 4242424242424242 was declined': 'card [redacted] was declined',
    '4000 0566 5566 5556, 3782-822463-10005': '[redacted], [redacted]',
    // A check digit that is wrong, a time in milliseconds, too many digits, an id.
    'card 4242424242424241': 'card 4242424242424241',
    'at 1795279536000': 'at 1795279536000',
    '42424242424242424242424242': '42424242424242424242424242',
    'ERP/26-27/00042 of 2026-04-10': 'ERP/26-27/00042 of 2026-04-10',
  }
  for (const [text, shown] of Object.entries(hidden))
    it(`is hidden, and nothing else: ${text}`, () => expect(redactCards(text)).to.equal(shown))
})
