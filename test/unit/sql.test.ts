/** The SQL template: values become bindings, pieces nest, question marks stay text, errors get their caret. */
import { expect } from 'chai'
import fc from 'fast-check'
import knexModule from 'knex'
import type { Sql } from '../../src/database/sql.js'
import { caretAt, identifier, join, quoteIdentifier, sql, verbatim } from '../../src/database/sql.js'

const knex = knexModule.default({ client: 'pg' })

/** What the driver is sent. */
function sent(statement: Sql): { text: string; values: readonly unknown[] } {
  const { sql: text, bindings } = knex
    .raw(statement.text, statement.bindings as string[])
    .toSQL()
    .toNative()
  return { text, values: bindings }
}

describe('the sql template', () => {
  it('binds values, null for undefined', () => {
    expect(sent(sql`select ${1} where a = ${'x'} and b = ${undefined} and c = ${null}`)).to.deep.equal({
      text: 'select $1 where a = $2 and b = $3 and c = $4',
      values: [1, 'x', null, null],
    })
  })

  it('leaves question marks in the text alone', () => {
    expect(sent(sql`select data ? 'key', data ?| ${['a']}, '??' from t`)).to.deep.equal({
      text: "select data ? 'key', data ?| $1, '??' from t",
      values: [['a']],
    })
  })

  it('leaves question marks in values alone', () => {
    expect(sent(sql`select ${'who? $1 :name ??'}`)).to.deep.equal({
      text: 'select $1',
      values: ['who? $1 :name ??'],
    })
  })

  it('takes pieces with their bindings, in place', () => {
    const condition = sql`a = ${2} and b ? ${'k'}`
    const piece = sql`select ${1} from t where ${condition} order by ${sql`c`} limit ${3}`
    expect(sent(piece)).to.deep.equal({
      text: 'select $1 from t where a = $2 and b ? $3 order by c limit $4',
      values: [1, 2, 'k', 3],
    })
    expect(sent(sql`${piece}${sql``}`)).to.deep.equal(sent(piece))
  })

  it('joins pieces', () => {
    expect(sent(join([sql`a = ${1}`, sql`b ? ${2}`], ' and '))).to.deep.equal({
      text: 'a = $1 and b ? $2',
      values: [1, 2],
    })
    expect(sent(join([], ' and '))).to.deep.equal({ text: '', values: [] })
  })

  it('quotes identifiers so that they can be nothing else', () => {
    expect(sent(sql`select * from ${identifier('a"; drop table "b?')}`)).to.deep.equal({
      text: 'select * from "a""; drop table ""b?"',
      values: [],
    })
    fc.assert(
      fc.property(fc.string(), (name) => {
        const quoted = quoteIdentifier(name)
        expect(quoted.slice(1, -1).replaceAll('""', '')).not.to.include('"')
        expect(quoted.slice(1, -1).replaceAll('""', '"')).to.equal(name)
      }),
    )
  })

  it('takes whole statements as they are', () => {
    const text = "insert into t values ('why?', 'https?', 'a::b :c $1') -- ??"
    expect(sent(verbatim(text)).text).to.equal(text)
  })

  it('refuses the one thing that Knex would change without a word', () => {
    expect(() => verbatim("select '\\?'")).to.throw(TypeError)
  })

  it('sends the text that stands around the values, but for a space between marks', () => {
    const part = fc.string({ unit: fc.constantFrom('?', 'a', ' ', "'", '"', ':', '$', '-', '\\') })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        fc.pre(!parts.some((text) => text.includes('\\?')))
        const values = parts.slice(1).map((_, index) => `value ${index}?`)
        const { text, values: bound } = sent(sql(Object.assign([...parts], { raw: parts }), ...values))
        const expected = parts.map((piece, index) => piece + (index < values.length ? `$${index + 1}` : ''))
        expect(text.replaceAll(' ', '')).to.equal(expected.join('').replaceAll(' ', ''))
        expect(bound).to.deep.equal(values)
      }),
    )
  })

  it('keeps values apart that stand side by side', () => {
    expect(sent(sql`select ${1}${2} ?${3}`)).to.deep.equal({ text: 'select $1 $2 ? $3', values: [1, 2, 3] })
  })
})

describe('the caret', () => {
  const text = 'select 1;\nselect x\n  from t;'

  it('stands under the character that Postgres counts to', () => {
    expect(caretAt(text, 1)).to.deep.equal({ line: 1, excerpt: 'select 1;\n^' })
    expect(caretAt(text, 18)).to.deep.equal({ line: 2, excerpt: 'select x\n       ^' })
    expect(caretAt(text, 27)).to.deep.equal({ line: 3, excerpt: '  from t;\n       ^' })
  })

  it('does not fall off the end', () => {
    expect(caretAt('select', 7)).to.deep.equal({ line: 1, excerpt: 'select\n      ^' })
  })

  it('counts characters as Postgres does, not halves of them', () => {
    expect(caretAt('😀😀\nx', 4)).to.deep.equal({ line: 2, excerpt: 'x\n^' })
  })

  it('stands under the character itself, wherever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'é', '\n', ' '), { minLength: 1 }),
        fc.nat(),
        (characters, at) => {
          const place = at % characters.length
          if (characters[place] === '\n') return
          const { line, excerpt } = caretAt(characters.join(''), place + 1)
          const [source = '', caret = ''] = excerpt.split('\n')
          expect(source.charAt(caret.indexOf('^'))).to.equal(characters[place])
          expect(line).to.equal(characters.slice(0, place).filter((one) => one === '\n').length + 1)
        },
      ),
    )
  })
})
