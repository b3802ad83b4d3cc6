/** Money is an integer number of minor units and an ISO 4217 code; no floating point touches an amount. */

export interface Money {
  amountMinor: bigint
  currency: string
}

/** What JSON output carries: `{"amount_minor":49900,"currency":"USD"}`. */
export interface MoneyJson {
  amount_minor: number
  currency: string
}

/** Decimal places of a currency's minor unit, from CLDR by way of Intl (JPY 0, INR 2, KWD 3). */
export function minorDigits(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  )
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

/** Sums amounts of one currency. */
export function sumMoney(currency: string, amounts: Iterable<bigint>): Money {
  let amountMinor = 0n
  for (const amount of amounts) amountMinor += amount
  return { amountMinor, currency }
}
