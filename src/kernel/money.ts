/** Money is an integer number of minor units and an ISO 4217 code; no floating point touches an amount. */
import { ErpmaxError } from './errors.js'

export interface Money {
  amountMinor: bigint
  currency: string
}

/** What JSON output carries: `{"amount_minor":49900,"currency":"USD"}`. */
export interface MoneyJson {
  amount_minor: number
  currency: string
}

/** The exponents of ISO 4217 that are not 2. */
const exponents = new Map(
  Object.entries({
    0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
    3: 'BHD IQD JOD KWD LYD OMR TND',
    4: 'CLF UYW',
  }).flatMap(([digits, codes]) => codes.split(' ').map((code) => [code, Number(digits)] as const)),
)

/**
 * Decimal places of a currency's minor unit: JPY 0, INR 2, KWD 3.
 * Not from Intl: it follows custom (HUF, IDR and COP 0) where banks and payment providers count by ISO 4217.
 */
export function minorDigits(currency: string): number {
  return exponents.get(currency) ?? 2
}

/** The amount as JSON. Throws above 2^53 minor units rather than lose a unit. */
export function moneyJson(money: Money): MoneyJson {
  if (
    money.amountMinor > BigInt(Number.MAX_SAFE_INTEGER) ||
    money.amountMinor < BigInt(Number.MIN_SAFE_INTEGER)
  ) {
    throw new RangeError(`${money.amountMinor} minor units do not fit a JSON number`)
  }
  return { amount_minor: Number(money.amountMinor), currency: money.currency }
}

/** `49,900.00 INR` with the grouping of the currency's home: lakh and crore for INR. */
export function formatMoney(money: Money): string {
  const digits = minorDigits(money.currency)
  const text = (money.amountMinor < 0n ? -money.amountMinor : money.amountMinor)
    .toString()
    .padStart(digits + 1, '0')
  const whole = BigInt(text.slice(0, text.length - digits))
  const fraction = digits > 0 ? `.${text.slice(-digits)}` : ''
  const grouped = whole.toLocaleString(money.currency === 'INR' ? 'en-IN' : 'en-US')
  return `${money.amountMinor < 0n ? '-' : ''}${grouped}${fraction} ${money.currency}`
}

/**
 * An amount as people type it, exactly: `499`, `499.00`, `0.5`; no sign, no grouping, no more decimals than the
 * currency has.
 * @throws usage `money.invalid`
 */
export function parseMoney(text: string, currency: string): Money {
  const digits = minorDigits(currency)
  const [, whole = '', fraction = ''] = /^(\d{1,20})(?:\.(\d+))?$/.exec(text.trim()) ?? []
  const amountMinor = fraction.length > digits ? -1n : BigInt(whole + fraction.padEnd(digits, '0'))
  if (whole === '' || amountMinor < 0n || amountMinor > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ErpmaxError(
      'usage',
      'money.invalid',
      `"${text.slice(0, 40)}" is not an amount in ${currency}`,
      {
        hint: `Write ${formatMoney({ amountMinor: 499n * 10n ** BigInt(digits), currency }).replace(` ${currency}`, '')}: digits${digits > 0 ? ` and at most ${digits} decimals` : ''}, no sign, no grouping`,
        details: { amount: text.slice(0, 40), currency, decimals: digits },
      },
    )
  }
  return { amountMinor, currency }
}

/** A currency's code as ISO 4217 writes it, in capitals. @throws usage `currency.invalid` */
export function currencyCode(text: string): string {
  const code = text.trim().toUpperCase()
  if (/^[A-Z]{3}$/.test(code) && Intl.supportedValuesOf('currency').includes(code)) return code
  throw new ErpmaxError('usage', 'currency.invalid', `"${text.slice(0, 20)}" is not a currency`, {
    hint: 'Three letters of ISO 4217: INR, USD, JPY',
  })
}

/** Sums amounts of one currency. */
export function sumMoney(currency: string, amounts: Iterable<bigint>): Money {
  let amountMinor = 0n
  for (const amount of amounts) amountMinor += amount
  return { amountMinor, currency }
}
