/** What a part of a period costs, in exact integers (billing rules 4 and 5). */
import { daysOf, type Period } from './periods.js'

/** `numerator / denominator` rounded half up, away from zero at a half for positive numbers; the denominator is positive. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('the denominator must be positive')
  const doubled = 2n * numerator + denominator
  const quotient = doubled / (2n * denominator)
  return doubled % (2n * denominator) < 0n ? quotient - 1n : quotient
}

/**
 * Price x days of the piece / days of the full period it belongs to, rounded half up once (rule 4).
 * @param price of the full period, in minor units
 */
export function prorate(price: bigint, piece: Period, full: Period): bigint {
  return divideHalfUp(price * BigInt(daysOf(piece)), BigInt(daysOf(full)))
}

/**
 * What is given back of a charge from `from` on (rule 5): the used part is rounded, the rest is the credit, so that
 * used and credited add up to what was charged. The day of the change belongs to the new choice.
 * @param charged what the line charged for `piece`, in minor units
 * @param price the price of the full period that the line was computed from
 */
export function creditFor(charged: bigint, price: bigint, piece: Period, full: Period, from: string): bigint {
  const end = from < piece.from ? piece.from : from > piece.to ? piece.to : from
  return charged - prorate(price, { from: piece.from, to: end }, full)
}
