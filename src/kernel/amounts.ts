/** Amounts and days as people read them in each language: in documents and in mails alike. */
import { minorDigits } from './money.js'
import type { PlainDate } from './dates.js'

/** The languages that documents and mails are written in. */
export type WrittenLanguage = 'en' | 'hi' | 'uk'

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
export function printAmount(amountMinor: bigint, currency: string, language: WrittenLanguage): string {
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

const locales = { en: 'en-IN', hi: 'hi-IN', uk: 'uk-UA' } as const

/** `1 April 2026`, `1 अप्रैल 2026`, `1 квітня 2026`: without the full stop that would double at the end of a sentence. */
export function printDay(day: PlainDate, language: WrittenLanguage): string {
  const format = new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone: 'UTC' })
  return format.format(new Date(`${day}T00:00:00Z`)).replace(/\s+р\.$/, '')
}
