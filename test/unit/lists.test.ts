/** How lists, tables and times are written and read on the command line. */
import { expect } from 'chai'
import { Chalk } from 'chalk'
import { instantFrom, sinceFrom } from '../../src/kernel/dates.js'
import { formatFacts, unbreakable, wrapText } from '../../src/terminal/format.js'
import { documentTable } from '../../src/terminal/invoice-run-report.js'
import { nextPage, withFields } from '../../src/terminal/lists.js'
import { pipedCommand } from '../../src/terminal/secrets.js'
import { formatTable } from '../../src/terminal/table.js'
import { plainTerminal } from '../support/plain-terminal.js'

describe('lists', () => {
  it('name the command for the next page, the earlier cursor replaced', () => {
    expect(
      nextPage('tenant:list', ['--search', "O'Neil & Co", '--cursor', 'old', '--limit=2'], 'new'),
    ).to.equal("erpmax tenant list --search 'O'\\''Neil & Co' --limit=2 --cursor new")
    expect(nextPage('job:list', ['--cursor=old'], 'new')).to.equal('erpmax job list --cursor new')
  })

  it('keep the fields that were asked for, in that order', () => {
    const page = { items: [{ a: 1, b: null, c: 3 }], next_cursor: null, total: 1 }
    expect(withFields(page, ['c', 'b'])).to.deep.equal({
      items: [{ c: 3, b: null }],
      next_cursor: null,
      total: 1,
    })
    expect(Object.keys(withFields(page, ['c', 'b']).items[0] ?? {})).to.deep.equal(['c', 'b'])
    expect(withFields(page, undefined)).to.equal(page)
  })
})

describe('a table of documents', () => {
  it('names the last day of a period, not the one after it', () => {
    const amounts = { currency: 'INR', lines: [], taxable_minor: 100, tax_minor: 18, total_minor: 118 }
    const period = { from: '2026-11-21', to: '2026-12-21' }
    const of = {
      kind: 'cycle' as const,
      tenant: 'acme',
      number: null,
      issue_date: '2026-11-21',
      due_date: null,
    }
    expect(documentTable([{ ...of, ...amounts, period }], plainTerminal)).to.include(
      '2026-11-21 - 2026-12-20',
    )
  })
})

describe('the command that takes a secret from a pipe', () => {
  it('is the one that was typed, with its flag once', () => {
    const piped = `echo "$PASSWORD" | erpmax auth login 'o'\\''neil@acme.test' --password-stdin`
    expect(pipedCommand('password', ['auth', 'login', "o'neil@acme.test"])).to.equal(piped)
    expect(pipedCommand('token', ['token', 'verify', '--token-stdin', '--json'])).to.equal(
      'echo "$TOKEN" | erpmax token verify --token-stdin --json',
    )
  })
})

describe('tables', () => {
  const columns = [
    { title: 'Name', value: (row: [string, string]) => row[0], flexible: true },
    { title: 'State', value: (row: [string, string]) => row[1] },
  ]

  it('take no more than the width there is', () => {
    const rows: [string, string][] = [['a long name that has to give way', 'active']]
    for (const width of [14, 16, 20, 30, 80])
      for (const line of formatTable(rows, columns, width).split('\n'))
        expect(line.length).to.be.at.most(width)
    expect(formatTable(rows, columns, Infinity)).to.include('a long name that has to give way  active')
  })

  it('cut no figure: it would be another one', () => {
    const figures = [
      { title: 'What', value: (row: [string, string]) => row[0] },
      { title: 'Amount', value: (row: [string, string]) => row[1], align: 'right' as const },
    ]
    const table = formatTable([['a payment by bank transfer', '1,23,456.00 INR']], figures, 24)
    expect(table).to.include('1,23,456.00 INR').and.include('…')
  })

  it('cut no column that is to stay whole', () => {
    const rows: [string, string][] = [['a long name', 'erpmax_0123abcd']]
    const [name, state] = columns
    if (!name || !state) throw new Error('two columns')
    expect(formatTable(rows, [name, { ...state, whole: true }], 10)).to.include('erpmax_0123abcd')
    expect(formatTable(rows, [name, state], 10)).not.to.include('erpmax_0123abcd')
  })

  it('are not put out of line by colours, wide characters or line breaks', () => {
    const green = new Chalk({ level: 1 }).green
    const lines = formatTable(
      [
        ['株式会社', green('one')],
        [green('green'), 'on'],
        ['two\nlines', 'two'],
      ] as [string, string][],
      columns,
      80,
    ).split('\n')
    expect(lines).to.have.length(4)
    expect(lines[0]).to.match(/^Name {7}State$/)
    expect(lines[1]).to.equal(`株式会社   ${green('one')}`)
    expect(lines[2]).to.equal(`${green('green')}      on`)
    expect(lines[3]).to.equal('two lines  two')
  })
})

describe('texts', () => {
  it('wrap between words, under themselves in facts', () => {
    expect(wrapText(`aa bb${unbreakable}cc dd`, 5)).to.deep.equal(['aa', 'bb cc', 'dd'])
    expect(formatFacts([['Key', 'one two three four five six']], 25)).to.equal(
      'Key  one two three four\n     five six',
    )
  })
})

describe('times on the command line', () => {
  const now = new Date('2026-03-31T12:00:00Z')
  const read = (text: string, edge: 'beginning' | 'end' = 'beginning'): string =>
    instantFrom(text, now, edge).toISOString()

  it('are RFC 3339, a whole day, or an age', () => {
    expect(read('2026-03-31T18:30:00+05:30')).to.equal('2026-03-31T13:00:00.000Z')
    expect(read('2026-02-28')).to.equal('2026-02-28T00:00:00.000Z')
    expect(read('2026-02-28', 'end')).to.equal('2026-03-01T00:00:00.000Z')
    expect(read('90m')).to.equal('2026-03-31T10:30:00.000Z')
    expect(read('7d', 'end')).to.equal('2026-03-24T12:00:00.000Z')
  })

  it('are refused where they are none', () => {
    for (const text of ['yesterday', '2026-02-30', '2026-13-01', '', '7', '2026-01-01T00:00:00'])
      expect(() => read(text), text)
        .to.throw()
        .with.property('code', 'usage.time_invalid')
  })

  it('since which something is looked for are not still to come', () => {
    for (const text of ['2026-03-31', '2026-03-31T12:00:00Z', '0m', '7d'])
      expect(sinceFrom(text, now).toISOString(), text).to.equal(read(text))
    for (const text of ['2026-04-01', '2026-03-31T12:00:01Z', '2027-01-01'])
      expect(() => sinceFrom(text, now), text)
        .to.throw()
        .with.property('code', 'usage.time_in_future')
  })
})
