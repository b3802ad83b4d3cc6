/** What a document says, in its language and in order: HTML and PDF print this and add nothing. */
import { amountInWords } from './amount-in-words.js'
import { fill, type Labels, type Title } from './labels.js'
import { printAmount, printDate, printPeriod, printRate } from './numbers.js'
import type { BillingDocument, DocumentLine, DocumentParty, DocumentTax, TaxHead } from '../document.js'

export interface Fact {
  label: string
  value: string
}

export interface PartyView {
  name: string
  lines: string[]
  facts: Fact[]
}

export interface ColumnView {
  key: 'position' | 'description' | 'sac' | 'taxable' | 'total' | TaxHead
  label: string
  numeric: boolean
}

export interface CellView {
  text: string
  /** Below it, smaller: the period of a description, the rate of a tax. */
  note: string | null
}

export interface TotalView extends Fact {
  strong: boolean
}

export interface DocumentView {
  locale: string
  title: string
  subtitle: string | null
  /** Rule 48 of the CGST Rules: whose copy this is. */
  copy: string | null
  number: string
  supplier: PartyView
  recipient: PartyView & { label: string }
  facts: Fact[]
  columns: ColumnView[]
  rows: CellView[][]
  totals: TotalView[]
  words: Fact
  /** The words the law asks for, by themselves. */
  endorsement: string | null
  notes: Fact[]
  pay: { label: string; url: string } | null
  no_signature: string | null
  watermark: string | null
  /** With `{page}` and `{pages}`. */
  page: string
}

const heads: readonly TaxHead[] = ['CGST', 'SGST', 'UTGST', 'IGST', 'VAT']

export function viewDocument(document: BillingDocument, labels: Labels): DocumentView {
  const { kind, language, currency, supplier, recipient } = document
  const amount = (minor: bigint): string => printAmount(minor, currency, language)
  const title = titleOf(document)
  const gst = supplier.gstin !== null
  return {
    locale: labels.locale,
    title: labels.titles[title],
    subtitle: labels.subtitles?.[title] ?? null,
    copy: title === 'tax_invoice' ? labels.original_copy : null,
    number: document.number,
    supplier: viewParty(supplier, document, labels),
    recipient: {
      label: kind === 'invoice' ? labels.bill_to : labels.credit_to,
      ...viewParty(recipient, document, labels),
    },
    facts: viewFacts(document, labels),
    columns: columnsOf(document, labels),
    rows: document.lines.map((line) => rowOf(line, document, labels)),
    totals: viewTotals(document, labels, amount),
    words: {
      label: labels.words,
      value: amountInWords({ amountMinor: document.total_minor, currency }, language, labels),
    },
    endorsement: document.endorsement,
    notes: viewNotes(document, labels),
    pay: isPayable(document) ? payable(document.pay_url, labels.pay) : null,
    no_signature: gst ? labels.no_signature : null,
    watermark: document.void ? labels.void : null,
    page: labels.page,
  }
}

function titleOf(document: BillingDocument): Title {
  if (document.kind === 'credit_note') return 'credit_note'
  return document.supplier.gstin === null ? 'invoice' : 'tax_invoice'
}

function viewParty(party: DocumentParty, document: BillingDocument, labels: Labels): PartyView {
  const { supplier, recipient } = document
  const abroad = supplier.country !== recipient.country
  const facts: Fact[] = []
  if (party.state) {
    const { name, gst_code: code } = party.state
    facts.push({ label: labels.state, value: code ? `${name}, ${labels.state_code} ${code}` : name })
  }
  if (abroad) facts.push({ label: labels.country, value: countryName(party.country, labels) })
  if (party.gstin) facts.push({ label: labels.gstin, value: party.gstin })
  else if (party === recipient && supplier.gstin && !abroad) {
    facts.push({ label: labels.gstin, value: labels.unregistered })
  }
  if (party.vat_id) facts.push({ label: labels.vat_id, value: party.vat_id })
  if (party.email) facts.push({ label: labels.email, value: party.email })
  const legal = party.legal_name === party.name ? [] : [party.legal_name]
  return { name: party.name, lines: [...legal, ...party.address], facts }
}

function viewFacts(document: BillingDocument, labels: Labels): Fact[] {
  const { kind, supplier, recipient, place_of_supply: place, original } = document
  const facts: Fact[] = [
    { label: labels.number[kind], value: document.number },
    { label: labels.date, value: printDate(document.issue_date, labels) },
  ]
  if (document.due_date) facts.push({ label: labels.due_date, value: printDate(document.due_date, labels) })
  if (original) {
    facts.push({ label: labels.original, value: original.number })
    facts.push({ label: labels.original_date, value: printDate(original.date, labels) })
  }
  if (place) facts.push({ label: labels.place_of_supply, value: `${place.name} (${place.code})` })
  if (supplier.gstin && supplier.country !== recipient.country) {
    facts.push({ label: labels.country_of_destination, value: countryName(recipient.country, labels) })
  }
  if (supplier.gstin || document.reverse_charge) {
    facts.push({
      label: labels.reverse_charge,
      value: document.reverse_charge ? labels.yes : labels.no,
    })
  }
  if (document.currency !== 'INR') facts.push({ label: labels.currency, value: document.currency })
  return facts
}

/** The heads that any line carries, in the order of the law. */
function headsOf(document: BillingDocument): TaxHead[] {
  const used = new Set(document.lines.flatMap((line) => line.taxes.map((tax) => tax.head)))
  return heads.filter((head) => used.has(head))
}

function columnsOf(document: BillingDocument, labels: Labels): ColumnView[] {
  const text = (key: 'position' | 'description' | 'sac'): ColumnView => {
    return { key, label: labels.columns[key], numeric: false }
  }
  const sac = document.lines.some((line) => line.sac !== null)
  return [
    text('position'),
    text('description'),
    ...(sac ? [text('sac')] : []),
    { key: 'taxable', label: labels.columns.taxable, numeric: true },
    ...headsOf(document).map((head) => ({ key: head, label: labels.heads[head], numeric: true })),
    { key: 'total', label: labels.columns.total, numeric: true },
  ]
}

function rowOf(line: DocumentLine, document: BillingDocument, labels: Labels): CellView[] {
  const { currency, language } = document
  const total = line.taxes.reduce((sum, tax) => sum + tax.amount_minor, line.taxable_minor)
  return columnsOf(document, labels).map(({ key }): CellView => {
    switch (key) {
      case 'position':
        return { text: String(line.position), note: null }
      case 'description':
        return { text: line.description, note: line.period ? printPeriod(line.period, labels) : null }
      case 'sac':
        return { text: line.sac ?? '–', note: null }
      case 'taxable':
        return { text: printAmount(line.taxable_minor, currency, language), note: null }
      case 'total':
        return { text: printAmount(total, currency, language), note: null }
      case 'CGST':
      case 'SGST':
      case 'UTGST':
      case 'IGST':
      case 'VAT': {
        const tax = line.taxes.find(({ head }) => head === key)
        return tax
          ? {
              text: printAmount(tax.amount_minor, currency, language),
              note: printRate(tax.rate, language),
            }
          : { text: '–', note: null }
      }
    }
  })
}

function viewTotals(
  document: BillingDocument,
  labels: Labels,
  amount: (minor: bigint) => string,
): TotalView[] {
  const { kind, language, total_minor: total, credit_applied_minor: credit } = document
  const name = (tax: DocumentTax): string => `${labels.heads[tax.head]} ${printRate(tax.rate, language)}`
  const totals: TotalView[] = [
    { label: labels.totals.taxable, value: amount(document.taxable_minor), strong: false },
    ...document.taxes.map((tax) => {
      return { label: name(tax), value: amount(tax.amount_minor), strong: false }
    }),
    { label: labels.totals.total[kind], value: amount(total), strong: true },
  ]
  if (kind === 'credit_note' || document.void) return totals
  if (credit > 0n) {
    totals.push({ label: labels.totals.credit_applied, value: amount(-credit), strong: false })
  }
  totals.push({ label: labels.totals.due, value: amount(total - credit), strong: true })
  return [...totals, ...viewReceipts(document, labels, amount)]
}

/** Below what was due at issue: what came in since, and what is open. */
function viewReceipts(
  { receipts }: BillingDocument,
  labels: Labels,
  amount: (minor: bigint) => string,
): TotalView[] {
  if (!receipts) return []
  const { paid, settled, credited, open } = labels.totals
  const came = [
    { label: paid, minor: receipts.paid_minor },
    { label: settled, minor: receipts.settled_minor },
    { label: credited, minor: receipts.credited_minor },
  ].filter(({ minor }) => minor > 0n)
  return [
    ...came.map(({ label, minor }) => ({ label, value: amount(-minor), strong: false })),
    { label: open, value: amount(receipts.open_minor), strong: true },
  ]
}

function viewNotes(document: BillingDocument, labels: Labels): Fact[] {
  const { exchange, reason, language, currency, lut, payment_details: details } = document
  const notes: Fact[] = []
  if (lut) notes.push({ label: labels.lut, value: lut })
  if (document.void) notes.push({ label: labels.void_reason, value: document.void.reason })
  if (reason) notes.push({ label: labels.reason, value: reason })
  if (document.commercial) notes.push({ label: labels.titles.credit_note, value: labels.commercial })
  if (exchange) {
    const { rate, source } = exchange
    const day = printDate(exchange.date, labels)
    notes.push({
      label: labels.exchange,
      value: `1 ${currency} = ${language === 'uk' ? rate.replace('.', ',') : rate} ${exchange.currency}, ${day}, ${source}`,
    })
    notes.push({
      label: fill(labels.total_in, { currency: exchange.currency }),
      value: printAmount(exchange.total_minor, exchange.currency, language),
    })
  }
  if (details && isPayable(document)) notes.push({ label: labels.payment_details, value: details })
  return notes
}

function isPayable(document: BillingDocument): boolean {
  const { kind, void: voided, receipts, total_minor, credit_applied_minor } = document
  const open = receipts ? receipts.open_minor : total_minor - credit_applied_minor
  return kind === 'invoice' && !voided && open > 0n
}

/** A link is printed only where it leads to a web page: the address goes into an attribute. */
function payable(url: string | null, label: string): DocumentView['pay'] {
  return url && /^https?:\/\/[^\s"'<>]+$/i.test(url) ? { label, url } : null
}

function countryName(code: string, labels: Labels): string {
  return new Intl.DisplayNames([labels.locale], { type: 'region', fallback: 'code' }).of(code) ?? code
}
