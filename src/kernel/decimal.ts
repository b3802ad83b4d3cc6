/** Decimal text as an exact integer and a scale: rates never become floating point numbers. */

/** The value is `units / 10^scale`: 25.5 is 255 and 1. */
export interface Decimal {
  units: bigint
  scale: number
}

/** Digits with an optional fraction, no sign, no exponent; null for anything else. */
export function parseDecimal(text: string): Decimal | null {
  const [, whole, fraction = ''] = /^(\d{1,15})(?:\.(\d{1,12}))?$/.exec(text) ?? []
  return whole === undefined ? null : { units: BigInt(whole + fraction), scale: fraction.length }
}

/** The denominator of the value as a fraction. */
export function denominator({ scale }: Decimal): bigint {
  return 10n ** BigInt(scale)
}

/** Exactly: the half of 0.25 is 0.125. */
export function half({ units, scale }: Decimal): Decimal {
  return { units: units * 5n, scale: scale + 1 }
}

/** Without zeros that say nothing: `9`, `2.5`. The value is not negative. */
export function decimalText({ units, scale }: Decimal): string {
  const digits = units.toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/** Negative, zero or positive, as sort wants it. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const difference = a.units * denominator(b) - b.units * denominator(a)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
