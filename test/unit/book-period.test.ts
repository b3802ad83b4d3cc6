/** Which days a book is of, and what its files are called. */
import { expect } from 'chai'
import { bookPeriod, type PeriodInput } from '../../src/billing/export/period.js'
import { thrown } from '../support/errors.js'

const days = (country: string, input: PeriodInput): string => {
  const { from, to, label } = bookPeriod(country, input)
  return `${from} ${to} ${label}`
}

describe('the period of a book', () => {
  it('is a month to its last day', () => {
    expect(days('IN', { month: '2026-04' })).to.equal('2026-04-01 2026-04-30 2026-04')
    expect(days('IN', { month: '2028-02' })).to.equal('2028-02-01 2028-02-29 2028-02')
    expect(days('IN', { month: '2026-12' })).to.equal('2026-12-01 2026-12-31 2026-12')
  })

  it('is a financial year of the supplier', () => {
    expect(days('IN', { year: '2026-27' })).to.equal('2026-04-01 2027-03-31 2026-27')
    expect(days('IN', { year: '1999-00' })).to.equal('1999-04-01 2000-03-31 1999-00')
    expect(days('DE', { year: '2026' })).to.equal('2026-01-01 2026-12-31 2026')
  })

  it('is any days, both included', () => {
    expect(days('IN', { from: '2026-04-03', to: '2026-04-03' })).to.equal(
      '2026-04-03 2026-04-03 2026-04-03_2026-04-03',
    )
  })

  it('is said in one way, and rightly', () => {
    const refused: [string, PeriodInput, string][] = [
      ['IN', {}, 'export.period_missing'],
      ['IN', { month: '2026-04', year: '2026-27' }, 'export.period_missing'],
      ['IN', { from: '2026-04-01' }, 'export.period_invalid'],
      ['IN', { from: '2026-04-02', to: '2026-04-01' }, 'export.period_invalid'],
      ['IN', { month: '2026-13' }, 'export.period_invalid'],
      ['IN', { year: '2026' }, 'export.period_invalid'],
      ['IN', { year: '2026-28' }, 'export.period_invalid'],
      ['DE', { year: '2026-27' }, 'export.period_invalid'],
    ]
    for (const [country, input, code] of refused)
      expect(
        thrown(() => bookPeriod(country, input)),
        JSON.stringify(input),
      ).to.include({ kind: 'usage', code })
  })
})
