/** The document as a table for spreadsheets: a row per line, the document's own facts on each. */
import { lastDay, plainAmount } from './numbers.js'
import type { BillingDocument, DocumentLine, TaxHead } from '../document.js'

const heads: readonly TaxHead[] = ['CGST', 'SGST', 'UTGST', 'IGST', 'VAT']

type Row = Record<string, string | null>

export function csvDocument(document: BillingDocument): string {
  const rows = document.lines.map((line) => ({ ...factsOf(document), ...lineFacts(line, document.currency) }))
  return csv(rows)
}

/** RFC 4180 with a header row. Numbers are plain (`49900.00`), days `YYYY-MM-DD`. */
export function csv(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {})
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))].map(csvLine).join('')
}

/** One line of it; names of columns do not look like formulas. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

/** Names are typed by customers, and a spreadsheet runs what begins like a formula: such text gets an apostrophe. */
function cell(value: string): string {
  const number = /^-?\d+(\.\d+)?$/.test(value)
  const safe = !number && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function factsOf(document: BillingDocument): Row {
  const { supplier, recipient, original, place_of_supply: place } = document
  return {
    kind: document.kind,
    number: document.number,
    issue_date: document.issue_date,
    due_date: document.due_date,
    original_number: original?.number ?? null,
    original_date: original?.date ?? null,
    void: document.void ? 'yes' : 'no',
    supplier_name: supplier.legal_name,
    supplier_gstin: supplier.gstin,
    supplier_vat_id: supplier.vat_id,
    recipient_name: recipient.legal_name,
    recipient_country: recipient.country,
    recipient_gstin: recipient.gstin,
    recipient_vat_id: recipient.vat_id,
    place_of_supply: place?.name ?? null,
    place_of_supply_code: place?.code ?? null,
    reverse_charge: document.reverse_charge ? 'yes' : 'no',
    currency: document.currency,
    exchange_rate: document.exchange?.rate ?? null,
  }
}

function lineFacts(line: DocumentLine, currency: string): Row {
  const amount = (minor: bigint): string => plainAmount(minor, currency)
  const taxes = heads.flatMap((head) => {
    const tax = line.taxes.find((one) => one.head === head)
    const name = head.toLowerCase()
    return [
      [`${name}_rate`, tax?.rate ?? null],
      [name, tax ? amount(tax.amount_minor) : null],
    ] as const
  })
  return {
    line: String(line.position),
    description: line.description,
    sac: line.sac,
    period_from: line.period?.from ?? null,
    period_last_day: line.period ? lastDay(line.period) : null,
    taxable: amount(line.taxable_minor),
    ...Object.fromEntries(taxes),
    total: amount(line.taxes.reduce((sum, tax) => sum + tax.amount_minor, line.taxable_minor)),
  }
}
