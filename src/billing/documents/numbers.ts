/** How a document writes amounts, rates and days: for people in its language, and plainly for files. */
import { addDays, type PlainDate } from '../../kernel/dates.js'
import type { Labels, Language } from './labels.js'

export { plainAmount, printAmount } from '../../kernel/amounts.js'

/** `9%`, `20,5%` in Ukrainian. */
export function printRate(rate: string, language: Language): string {
  return `${language === 'uk' ? rate.replace('.', ',') : rate}%`
}

/** `01 Apr 2026`. */
export function printDate(day: PlainDate, labels: Labels): string {
  const [year = '', month = '', date = ''] = day.split('-')
  return `${date} ${labels.months[Number(month) - 1] ?? month} ${year}`
}

/** The days a half-open period charges for, first and last: `01 Apr 2026 – 30 Apr 2026`. */
export function printPeriod(period: { from: PlainDate; to: PlainDate }, labels: Labels): string {
  const last = lastDay(period)
  const first = printDate(period.from, labels)
  return last === period.from ? first : `${first} – ${printDate(last, labels)}`
}

export function lastDay(period: { from: PlainDate; to: PlainDate }): PlainDate {
  return addDays(period.to, -1)
}
