/** What is given back of the lines that charged days which were given up: pure, from the lines to the amounts. */
import { overlap, type Period } from './periods.js'
import { creditFor } from './proration.js'
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
  /** Per head, in the order of `taxes`. */
  creditedTaxes: readonly bigint[]
}

export interface CreditLine {
  line: ChargedLine
  period: Period
  net: bigint
  taxes: DocumentTax[]
}

/**
 * The credit for `unused` days of an item (rule 5): what the line charged less what is used of it, never more than is
 * left. None where no day of it was charged.
 * @param percent a rate, as decimal text, of an amount, rounded half up
 */
export function creditUnused(
  unused: Period,
  lines: readonly ChargedLine[],
  percent: (net: bigint, rate: string) => bigint,
): CreditLine[] {
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
    return net > 0n ? [{ line, period, net, taxes: taxesOfCredit(line, net, percent) }] : []
  })
}

/**
 * Tax on everything credited of the line so far, less the tax credited before: credits of the whole line give back
 * exactly the tax it charged, in however many pieces.
 */
export function taxesOfCredit(
  line: Pick<ChargedLine, 'net' | 'taxes' | 'creditedNet' | 'creditedTaxes'>,
  net: bigint,
  percent: (net: bigint, rate: string) => bigint,
): DocumentTax[] {
  const total = line.creditedNet + net
  return line.taxes.map((tax, index) => {
    const due = total === line.net ? tax.amount_minor : percent(total, tax.rate)
    return { ...tax, amount_minor: due - (line.creditedTaxes[index] ?? 0n) }
  })
}
