/** How a document writes amounts, rates and days: for people in its language, and plainly for files. */
import { addDays, type PlainDate } from '../../kernel/dates.js'
import { minorDigits } from '../../kernel/money.js'
import type { Labels, Language } from './labels.js'

/** Currencies whose sign is theirs alone or near enough; the others carry their code. */
const signs: Readonly<Record<string, string>> = {
  INR: '₹',
  USD: '$',
  EUR: '€',
  GBP: '£',
  JPY: '¥',
  UAH: '₴',
}

const noBreak = '\u00a0'

/** `₹1,23,456.00`, `KWD 1,234.567`, in Ukrainian `1 234,56 €`; rupees in lakh and crore. */
export function printAmount(amountMinor: bigint, currency: string, language: Language): string {
  const [whole = '', fraction] = plainAmount(amountMinor < 0n ? -amountMinor : amountMinor, currency).split(
    '.',
  )
  const sign = signs[currency]
  const minus = amountMinor < 0n ? '−' : ''
  if (language === 'uk') {
    const number = group(whole, currency, noBreak) + (fraction ? `,${fraction}` : '')
    return `${minus}${number}${noBreak}${sign ?? currency}`
  }
  const number = group(whole, currency, ',') + (fraction ? `.${fraction}` : '')
  return `${minus}${sign ?? currency + noBreak}${number}`
}

/** `49900.00`: what a spreadsheet reads as a number. */
export function plainAmount(amountMinor: bigint, currency: string): string {
  const digits = minorDigits(currency)
  const text = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(digits + 1, '0')
  const cut = text.length - digits
  return `${amountMinor < 0n ? '-' : ''}${text.slice(0, cut)}${digits > 0 ? `.${text.slice(cut)}` : ''}`
}

function group(whole: string, currency: string, separator: string): string {
  const pattern = currency === 'INR' ? /\B(?=(\d{2})*\d{3}$)/g : /\B(?=(\d{3})+$)/g
  return whole.replace(pattern, separator)
}

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
