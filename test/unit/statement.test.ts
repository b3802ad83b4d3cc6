/** A tenant's account over some days: balances and ages worked out by hand. */
import { expect } from 'chai'
import fc from 'fast-check'
import { accountOf, ages, type BookEntry, type BookOfCurrency } from '../../src/billing/book/statement.js'
import { addDays, type PlainDate } from '../../src/kernel/dates.js'

function entry(date: PlainDate, kind: BookEntry['kind'], amount: bigint, number = 'A'): BookEntry {
  return { date, kind, number, note: null, amount }
}

/** 1,180.00 billed, 180.00 of it from the credit balance; 900.00 come in and 100.00 are withheld. */
const book: BookOfCurrency = {
  entries: [
    entry('2026-01-01', 'credit_note', -180_00n, 'C'),
    entry('2026-01-05', 'invoice', 1180_00n),
    entry('2026-02-01', 'payment', -900_00n),
    entry('2026-02-03', 'tds', -100_00n),
  ],
  movements: [
    { date: '2026-01-01', kind: 'credit_note', number: 'C', amount: 180_00n },
    { date: '2026-01-05', kind: 'applied', number: 'A', amount: -180_00n },
  ],
  invoices: [
    {
      ...{ number: 'A', issue_date: '2026-01-05', due_date: '2026-01-12', due: 1000_00n },
      less: [
        { date: '2026-02-01', amount: 900_00n },
        { date: '2026-02-03', amount: 100_00n },
      ],
    },
  ],
}

describe('a statement', () => {
  it('runs from the first entry to the last, and is nothing in the end', () => {
    const account = accountOf(book, null, '2026-03-01')
    expect(account.opening).to.equal(0n)
    expect(account.entries.map(({ balance }) => balance)).to.deep.equal([-180_00n, 1000_00n, 100_00n, 0n])
    expect(account.closing).to.equal(0n)
    expect(account.open_invoices).to.deep.equal([])
  })

  it('begins with what was there the day before, and ends with its last day', () => {
    const account = accountOf(book, '2026-01-05', '2026-02-01')
    expect([account.opening, account.closing]).to.deep.equal([-180_00n, 100_00n])
    expect(account.entries.map(({ kind }) => kind)).to.deep.equal(['invoice', 'payment'])
    expect(account.credit).to.deep.include({ opening: 180_00n, closing: 0n })
  })

  it('says what was open on its last day, not today', () => {
    const open = (day: PlainDate): unknown =>
      accountOf(book, null, day).open_invoices.map((one) => [one.open, one.days_overdue])
    expect(open('2026-01-04')).to.deep.equal([])
    expect(open('2026-01-05')).to.deep.equal([[1000_00n, -7]])
    expect(open('2026-01-31')).to.deep.equal([[1000_00n, 19]])
    expect(open('2026-02-01')).to.deep.equal([[100_00n, 20]])
    expect(open('2026-02-03')).to.deep.equal([])
  })

  it('ages from the day after the due day, by thirty days', () => {
    const invoice = { number: 'A', issue_date: '2026-01-01', due_date: '2026-01-10', due: 1n, less: [] }
    const ageAfter = (days: number): unknown => {
      const { ageing } = accountOf(
        { entries: [], movements: [], invoices: [invoice] },
        null,
        addDays('2026-01-10', days),
      )
      return ages.find((age) => ageing[age] === 1n)
    }
    expect([0, 1, 30, 31, 60, 61, 90, 91].map(ageAfter)).to.deep.equal([
      ...['not_due', 'days_1_30', 'days_1_30', 'days_31_60', 'days_31_60'],
      ...['days_61_90', 'days_61_90', 'days_over_90'],
    ])
  })

  it('ages come to what is open, and two halves of it to the whole', () => {
    const day = fc.integer({ min: 0, max: 400 }).map((days) => addDays('2026-01-01', days))
    const amount = fc.bigInt({ min: -1_000_000n, max: 1_000_000n })
    const anyEntry = fc
      .record({ date: day, amount })
      .map(({ date, amount: of }) => entry(date, 'invoice', of))
    fc.assert(
      fc.property(fc.array(anyEntry), fc.array(fc.tuple(day, day)), day, day, (entries, dates, a, b) => {
        const invoices = dates.map(([issue_date, due_date], index) => ({
          ...{ number: String(index), issue_date, due_date, due: BigInt(index + 1), less: [] },
        }))
        const [from, to] = a < b ? [a, b] : [b, a]
        const whole = accountOf({ entries, movements: [], invoices }, null, to)
        expect(ages.reduce((sum, age) => sum + whole.ageing[age], 0n)).to.equal(whole.open)
        const first = accountOf({ entries, movements: [], invoices }, null, addDays(from, -1))
        const second = accountOf({ entries, movements: [], invoices }, from, to)
        expect(second.opening).to.equal(first.closing)
        expect(second.closing).to.equal(whole.closing)
      }),
    )
  })
})
