/** The document as data: the shape of `BillingDocument`, with money as JSON carries it everywhere. */
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import type { BillingDocument, DocumentLine, DocumentTax } from '../document.js'

export interface DocumentTaxJson extends Omit<DocumentTax, 'amount_minor'> {
  amount: MoneyJson
}

export interface DocumentLineJson extends Omit<DocumentLine, 'taxable_minor' | 'taxes'> {
  taxable: MoneyJson
  taxes: DocumentTaxJson[]
}

export interface DocumentJson extends Omit<
  BillingDocument,
  'lines' | 'taxable_minor' | 'taxes' | 'total_minor' | 'credit_applied_minor' | 'receipts' | 'exchange'
> {
  lines: DocumentLineJson[]
  taxable: MoneyJson
  taxes: DocumentTaxJson[]
  total: MoneyJson
  credit_applied: MoneyJson
  receipts: { paid: MoneyJson; settled: MoneyJson; credited: MoneyJson; open: MoneyJson } | null
  exchange: { rate: string; date: string; source: string; total: MoneyJson } | null
}

export function documentJson(document: BillingDocument): DocumentJson {
  const { lines, taxable_minor, taxes, total_minor, credit_applied_minor, receipts, exchange, ...rest } =
    document
  const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency: document.currency })
  const tax = ({ amount_minor, ...facts }: DocumentTax): DocumentTaxJson => {
    return { ...facts, amount: money(amount_minor) }
  }
  return {
    ...rest,
    lines: lines.map(({ taxable_minor: taxable, taxes: own, ...line }) => {
      return { ...line, taxable: money(taxable), taxes: own.map(tax) }
    }),
    taxable: money(taxable_minor),
    taxes: taxes.map(tax),
    total: money(total_minor),
    credit_applied: money(credit_applied_minor),
    receipts: receipts && {
      paid: money(receipts.paid_minor),
      settled: money(receipts.settled_minor),
      credited: money(receipts.credited_minor),
      open: money(receipts.open_minor),
    },
    exchange: exchange && {
      rate: exchange.rate,
      date: exchange.date,
      source: exchange.source,
      total: moneyJson({ amountMinor: exchange.total_minor, currency: exchange.currency }),
    },
  }
}
