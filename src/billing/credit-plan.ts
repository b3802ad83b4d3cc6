/** What is given back of the lines that charged days which were given up: pure, from the lines to the amounts. */
import { denominator, parseDecimal } from '../kernel/decimal.js'
import { overlap, type Period } from './periods.js'
import { creditFor, divideHalfUp } from './proration.js'
import type { PlainDate } from '../kernel/dates.js'
import type { DocumentTax } from './document.js'

/** A live line of an issued invoice, with what was credited of it before. */
export interface ChargedLine {
  id: string
  invoiceId: string
  description: string
  sac: string | null
  period: Period
  fullPeriod: Period
  unitPrice: bigint
  net: bigint
  taxes: readonly DocumentTax[]
  creditedNet: bigint
  /** The part of it that was credited without tax. */
  creditedUntaxed: bigint
  /** Per head, in the order of `taxes`. */
  creditedTaxes: readonly bigint[]
  /** The last day on which a credit takes the tax back with it; null: any day. */
  taxedUntil: PlainDate | null
}

export interface CreditLine {
  line: ChargedLine
  period: Period
  net: bigint
  taxes: DocumentTax[]
}

/**
 * The credit for `unused` days of an item (rule 5): what the line charged less what is used of it, never more than is
 * left. None where no day of it was charged. Without tax once the law does not let it be taken back any more.
 * @param day of issue
 */
export function creditUnused(unused: Period, lines: readonly ChargedLine[], day: PlainDate): CreditLine[] {
  return lines.flatMap((line) => {
    const period = overlap(line.period, unused)
    if (!period) return []
    const whole = creditFor(line.net, line.unitPrice, line.period, line.fullPeriod, period.from)
    const after =
      period.to < line.period.to
        ? creditFor(line.net, line.unitPrice, line.period, line.fullPeriod, period.to)
        : 0n
    const left = line.net - line.creditedNet
    const net = whole - after < left ? whole - after : left
    const taxes = canBeTaxed(line, day) ? taxesOfCredit(line, net) : []
    return net > 0n ? [{ line, period, net, taxes }] : []
  })
}

export function canBeTaxed({ taxedUntil }: Pick<ChargedLine, 'taxedUntil'>, day: PlainDate): boolean {
  return taxedUntil === null || day <= taxedUntil
}

/**
 * Tax on everything credited with tax of the line so far, less the tax credited before: credits of the whole line give
 * back exactly the tax it charged, in however many pieces.
 */
export function taxesOfCredit(
  line: Pick<ChargedLine, 'net' | 'taxes' | 'creditedNet' | 'creditedUntaxed' | 'creditedTaxes'>,
  net: bigint,
): DocumentTax[] {
  const total = line.creditedNet - line.creditedUntaxed + net
  return line.taxes.map((tax, index) => {
    const due = total === line.net ? tax.amount_minor : percentOf(total, tax.rate)
    return { ...tax, amount_minor: due - (line.creditedTaxes[index] ?? 0n) }
  })
}

/** Rounded half up. @param rate per cent, as decimal text */
function percentOf(net: bigint, rate: string): bigint {
  const decimal = parseDecimal(rate)
  if (!decimal) throw new TypeError(`not a rate: ${rate}`)
  return divideHalfUp(net * decimal.units, 100n * denominator(decimal))
}
