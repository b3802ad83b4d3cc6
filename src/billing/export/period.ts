/** Which days a book is of: a month, a financial year, or any days; and what its files are called after. */
import { addDays, plainDate, type PlainDate } from '../../kernel/dates.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { financialYear } from '../numbering.js'

export interface PeriodInput {
  from?: PlainDate | undefined
  to?: PlainDate | undefined
  /** `2026-04` */
  month?: string | undefined
  /** As numbers of documents have it: `2026-27` in India, `2026` elsewhere. */
  year?: string | undefined
}

/** Both days belong to it. */
export interface BookPeriod {
  from: PlainDate
  to: PlainDate
  /** Part of the names of files: `2026-04`, `2026-27`, `2026-04-01_2026-04-15`. */
  label: string
}

/** @throws usage `export.period_missing`, `export.period_invalid` */
export function bookPeriod(country: string, { from, to, month, year }: PeriodInput): BookPeriod {
  const ways = [from ?? to, month, year].filter((way) => way !== undefined).length
  if (ways !== 1) {
    throw new ErpmaxError(
      'usage',
      'export.period_missing',
      ways === 0 ? 'Which days is the book of?' : 'A book is of one period: say it in one way',
      { hint: '--month 2026-04, --year 2026-27, or --from 2026-04-01 --to 2026-06-30' },
    )
  }
  if (month !== undefined) return ofMonth(month)
  if (year !== undefined) return ofYear(country, year)
  if (from === undefined || to === undefined || to < from)
    throw invalid('The days of a book go from one to a later one', '--from 2026-04-01 --to 2026-06-30')
  return { from, to, label: `${from}_${to}` }
}

function ofMonth(month: string): BookPeriod {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw invalid(`"${month.slice(0, 20)}" is not a month`, '--month 2026-04')
  const from = plainDate(`${month}-01`)
  const next = addDays(from, 31).slice(0, 7)
  return { from, to: addDays(`${next}-01`, -1), label: month }
}

function ofYear(country: string, year: string): BookPeriod {
  const first = Number(year.slice(0, 4))
  const label = country === 'IN' ? `${first}-${String((first + 1) % 100).padStart(2, '0')}` : String(first)
  if (!/^\d{4}(-\d{2})?$/.test(year) || year !== label) {
    const example = country === 'IN' ? '2026-27' : '2026'
    throw invalid(`"${year.slice(0, 20)}" is not a financial year of the supplier`, `--year ${example}`)
  }
  const { from, to } = financialYear(country, country === 'IN' ? `${first}-04-01` : `${first}-01-01`)
  return { from, to: addDays(to, -1), label }
}

function invalid(message: string, hint: string): ErpmaxError {
  return new ErpmaxError('usage', 'export.period_invalid', message, { hint })
}
