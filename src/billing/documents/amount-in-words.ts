/** An amount as the law and banks want it spelled: lakh and crore for rupees, in the document's language. */
import { toCardinal as indianEnglish } from 'n2words/en-IN'
import { toCardinal as english } from 'n2words/en-US'
import { toCardinal as hindi } from 'n2words/hi-IN'
import { toCardinal as ukrainian } from 'n2words/uk-UA'
import { minorDigits, type Money } from '../../kernel/money.js'
import type { CurrencyWords, Labels, Language } from './labels.js'

/** Ten million: above a hundred of them English in India counts crores on, where the library says `arab` and `kharab`. */
const crore = 10_000_000n

/**
 * `One lakh two thousand rupees and fifty paise only`. A currency whose units have no names in the language gives
 * `CHF forty-nine and 05/100 only`.
 */
export function amountInWords(money: Money, language: Language, labels: Labels): string {
  const { currency } = money
  const amount = money.amountMinor < 0n ? -money.amountMinor : money.amountMinor
  const digits = minorDigits(currency)
  const unit = 10n ** BigInt(digits)
  const [whole, rest] = [amount / unit, amount % unit]
  const names = labels.currencies[currency]

  const words: string[] = money.amountMinor < 0n ? [labels.minus] : []
  if (!names) {
    words.push(currency, spell(whole, language, currency))
    if (digits > 0) words.push(labels.and, `${rest.toString().padStart(digits, '0')}/${unit}`)
  } else {
    if (whole > 0n || rest === 0n || !names.minor) words.push(counted(whole, 'major', names))
    if (whole > 0n && rest > 0n && names.minor) words.push(labels.and)
    if (rest > 0n && names.minor) words.push(counted(rest, 'minor', names))
  }
  if (labels.only) words.push(labels.only)
  const text = words.join(' ')
  return text.charAt(0).toUpperCase() + text.slice(1)

  function counted(n: bigint, part: 'major' | 'minor', of: CurrencyWords): string {
    const forms = of[part] ?? []
    const gender = of[`${part}_gender`]
    return `${spell(n, language, currency, gender)} ${forms[formOf(n, language)] ?? forms.at(-1) ?? ''}`
  }
}

function spell(
  n: bigint,
  language: Language,
  currency: string,
  gender: CurrencyWords['major_gender'] = 'masculine',
): string {
  switch (language) {
    case 'en':
      return currency === 'INR' ? inCrores(n) : english(n)
    case 'hi':
      return hindi(n)
    case 'uk':
      return inUkrainian(n, gender)
  }
}

function inCrores(n: bigint): string {
  if (n < 100n * crore) return indianEnglish(n)
  const rest = n % crore
  const join = rest < 100n ? ' and ' : ' '
  return `${inCrores(n / crore)} crore${rest > 0n ? join + indianEnglish(rest) : ''}`
}

/** The library writes Ukrainian with the Latin letter i and knows two genders of three. */
function inUkrainian(n: bigint, gender: 'masculine' | 'feminine' | 'neuter'): string {
  const text = ukrainian(n, { gender: gender === 'feminine' ? 'feminine' : 'masculine' })
    .replaceAll('i', 'і')
    .replaceAll("'", '’')
  return gender === 'neuter' ? text.replace(/(^| )один$/, '$1одне') : text
}

/** Which form of a unit's name a number takes: an index into its forms. */
function formOf(n: bigint, language: Language): number {
  if (language !== 'uk') return n === 1n ? 0 : 1
  const [last, lastTwo] = [n % 10n, n % 100n]
  if (lastTwo >= 11n && lastTwo <= 14n) return 2
  if (last === 1n) return 0
  return last >= 2n && last <= 4n ? 1 : 2
}
