/** What a subdomain may be, and that each one gives a schema name that Postgres keeps. */
import { expect } from 'chai'
import fc from 'fast-check'
import { schemaName } from '../../src/kernel/ids.js'
import { longest, malformation, newSchemaName, subdomainFrom } from '../../src/tenants/subdomain.js'

const label = fc.stringMatching(/^[a-z0-9-]{1,60}$/)
const anything = fc.oneof(label, fc.string({ maxLength: 70 }), fc.string({ unit: 'grapheme', maxLength: 70 }))

describe('a subdomain', () => {
  const accepted = ['abc', 'a-b', '1st', '123', 'acme-corp', 'a--b', `a${'b'.repeat(55)}`]
  for (const text of accepted) {
    it(`may be ${text}`, () => expect(malformation(text)).to.equal(null))
  }

  const refused: Record<string, string> = {
    nothing: '',
    'shorter than 3': 'ab',
    'longer than 56': 'a'.repeat(57),
    'with a hyphen before it': '-abc',
    'with a hyphen behind it': 'abc-',
    'with an underscore': 'jane_doe',
    'in capitals': 'Acme',
    'with letters beyond ASCII': 'Ünïcode',
    'with digits beyond ASCII': 'acme١',
    'with a dot': 'www.acme',
    'with a space': 'acme corp',
    'with a line break at its end': 'acme\n',
    'with a NUL': 'acme\0',
    'an injection': 'a"; drop schema public cascade; --',
  }
  for (const [what, text] of Object.entries(refused)) {
    it(`is not ${what}`, () => expect(malformation(text)).to.be.a('string'))
  }

  it('gives a schema name that Postgres keeps whole, wherever it is accepted', () => {
    fc.assert(
      fc.property(anything, (text) => {
        if (malformation(text) !== null) return
        const schema = newSchemaName(text)
        expect(schema).to.match(/^tenant_[a-z0-9][a-z0-9_]*[a-z0-9]$/)
        expect(Buffer.byteLength(schema)).to.be.at.most(63)
        expect(schemaName(schema)).to.equal(schema)
      }),
      { numRuns: 1_000 },
    )
  })

  it('of the greatest length fills the 63 bytes', () => {
    expect(newSchemaName('a'.repeat(longest))).to.have.length(63)
  })
})

describe('a subdomain made from a name', () => {
  const made: Record<string, string> = {
    'Acme Corp.': 'acme-corp',
    'Ünïcode GmbH': 'unicode-gmbh',
    'Müller & Söhne': 'muller-sohne',
    Straße: 'strasse',
    'Møller Æther': 'moller-aether',
    'ŁÓDŹ Œuvre': 'lodz-oeuvre',
    'Đorđević Þór Sigurðsson': 'dordevic-thor-sigurdsson',
    'Işık İnşaat': 'isik-insaat',
    Ħamrun: 'hamrun',
    '  --Café--  ': 'cafe',
    ﬁne: 'fine',
    टाटा: '',
  }
  for (const [name, text] of Object.entries(made)) {
    it(`${name} is "${text}"`, () => expect(subdomainFrom(name)).to.equal(text))
  }

  it('is well formed or too short, never anything else', () => {
    fc.assert(
      fc.property(anything, (name) => {
        const text = subdomainFrom(name)
        expect(text.length >= 3 ? malformation(text) : null).to.equal(null)
        expect(text).to.match(/^([a-z0-9]+(-[a-z0-9]+)*)?$/)
      }),
    )
  })
})

describe('the name of a schema', () => {
  for (const text of [
    '',
    'public',
    'tenant_',
    'tenant_A',
    'tenant_a"b',
    `tenant_${'a'.repeat(57)}`,
    'tenant_a\n',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => expect(() => schemaName(text)).to.throw(TypeError))
  }
})
