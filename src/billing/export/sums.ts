/** Adds up the rows of a book as they are written, and compares that with what the book comes to. */
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import { minor, type BookRow } from './table.js'
import type { BookTotals } from './totals.js'

export interface Reconciliation {
  /** `invoices.total INR`, `gstr1.taxable INR` */
  sum: string
  expected: MoneyJson
  found: MoneyJson
  ok: boolean
}

/** Adds up what goes by, by name and currency. */
export class Sums {
  readonly #sums = new Map<string, bigint>()

  add(name: string, currency: string, amount: bigint): void {
    const key = `${name} ${currency}`
    this.#sums.set(key, this.of(name, currency) + amount)
  }

  of(name: string, currency: string): bigint {
    return this.#sums.get(`${name} ${currency}`) ?? 0n
  }
}

/** The sums of the rows of one table that were written. */
export function addRow(sums: Sums, table: string, row: BookRow): void {
  const add = (name: string, column: string, currency = String(row.currency), sign = 1n): void =>
    sums.add(`${table}.${name}`, currency, sign * minor(row[column] ?? 0n))
  switch (table) {
    case 'invoices':
    case 'credit-notes':
      if (row.status === 'void') return
      for (const name of ['taxable', 'tax', 'total']) add(name, name)
      for (const head of ['cgst', 'sgst', 'utgst', 'igst', 'vat']) add('heads', head)
      return
    case 'lines':
      if (row.status === 'void') return
      for (const name of ['taxable', 'tax']) add(name, name)
      return
    case 'payments':
    case 'refunds':
    case 'settlements':
      return add('amount', 'amount')
    case 'tax':
      add('tax', 'tax')
      return add('credited_tax', 'credited_tax')
    default:
      if (!table.startsWith('gstr1-') || table === 'gstr1-docs') return
      return addGst(sums, table, row)
  }
}

/** Notes are written without a sign: they take away. */
function addGst(sums: Sums, table: string, row: BookRow): void {
  const name = table === 'gstr1-hsn' ? 'gstr1.hsn' : 'gstr1'
  const sign = table === 'gstr1-cdnr' || table === 'gstr1-cdnur' ? -1n : 1n
  sums.add(`${name}.taxable`, 'INR', sign * minor(row.taxable))
  sums.add(`${name}.tax`, 'INR', sign * (minor(row.igst) + minor(row.cgst) + minor(row.sgst_utgst)))
}

/** @param gst null where no GSTR-1 was written */
export function reconcile(
  totals: readonly BookTotals[],
  gst: { taxable: bigint; tax: bigint } | null,
  sums: Sums,
): Reconciliation[] {
  const checked = (sum: string, currency: string, expected: bigint): Reconciliation => {
    const found = sums.of(sum, currency)
    const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency })
    return {
      sum: `${sum} ${currency}`,
      expected: money(expected),
      found: money(found),
      ok: found === expected,
    }
  }
  const byCurrency = totals.flatMap((one) => {
    const of = (sum: string, { amount_minor }: MoneyJson): Reconciliation =>
      checked(sum, one.currency, BigInt(amount_minor))
    return [
      ...[of('invoices.taxable', one.taxable), of('invoices.tax', one.tax), of('invoices.total', one.total)],
      ...[of('invoices.heads', one.tax), of('lines.taxable', one.taxable), of('lines.tax', one.tax)],
      ...[of('credit-notes.taxable', one.credited_taxable), of('credit-notes.tax', one.credited_tax)],
      ...[of('credit-notes.total', one.credited), of('credit-notes.heads', one.credited_tax)],
      ...[of('tax.tax', one.tax), of('tax.credited_tax', one.credited_tax)],
      ...[of('payments.amount', one.received), of('refunds.amount', one.refunded)],
      of('settlements.amount', one.settled),
    ]
  })
  if (gst === null) return byCurrency
  return [
    ...byCurrency,
    ...['gstr1', 'gstr1.hsn'].flatMap((name) => [
      checked(`${name}.taxable`, 'INR', gst.taxable),
      checked(`${name}.tax`, 'INR', gst.tax),
    ]),
  ]
}
