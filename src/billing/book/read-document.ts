/** From the rows of the book to the document a renderer prints: what was issued, and since then only void and receipts. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { sumByHead } from '../tax/tax.js'
import { convert } from '../exchange.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { BillingDocument, DocumentLine, DocumentParty, TaxHead } from '../document.js'

/** What the documents of one invoice have in common: both sides, the place and the language as they were at its issue. */
interface Shared {
  template: BillingDocument['template']
  language: string
  currency: string
  /** Those written before there was any say nothing of it. */
  supplier: DocumentParty & { payment_details?: string | null }
  recipient: DocumentParty
  place_of_supply: BillingDocument['place_of_supply']
  reverse_charge: boolean
  endorsement: string | null
  lut: string | null
  exchange: ExchangeRow | null
}

interface ExchangeRow {
  rate: string
  date: PlainDate
  source: string
  currency: string
  total_minor: number
}

interface InvoiceRow extends Shared {
  status: string
  number: string | null
  issue_date: PlainDate
  due_date: PlainDate | null
  taxable_minor: bigint
  total_minor: bigint
  credit_applied_minor: bigint
  paid_minor: bigint
  settled_minor: bigint
  credited_minor: bigint
  void_reason: string | null
}

interface CreditNoteRow extends Shared {
  number: string
  issue_date: PlainDate
  reason: string
  taxed: boolean
  taxable_minor: bigint
  total_minor: bigint
  original_number: string
  original_date: PlainDate
}

interface LineRow {
  position: number
  description: string
  sac: string | null
  from: PlainDate | null
  to: PlainDate | null
  taxable_minor: bigint
  taxes: { head: TaxHead; rate: string; amount_minor: number }[]
}

/** @throws not_found `invoice.not_found`; conflict `invoice.draft` */
export async function readInvoiceDocument(ctx: Pick<Context, 'db'>, id: string): Promise<BillingDocument> {
  const row = await firstRow<InvoiceRow>(
    ctx.db,
    sql`select i.status, i.number, i.issue_date, i.due_date, i.currency, i.supplier, i.recipient, i.place_of_supply, i.reverse_charge,
               i.endorsement, i.lut, i.exchange, i.taxable_minor, i.total_minor, i.credit_applied_minor, i.paid_minor, i.settled_minor,
               i.credited_minor, i.template, i.language, i.void_reason
        from public.invoices i where i.id = ${id}`,
  )
  if (!row) {
    throw new ErpmaxError('not_found', 'invoice.not_found', `There is no invoice ${id}`, {
      hint: 'erpmax invoice list',
    })
  }
  const { number } = row
  if (number === null) {
    throw new ErpmaxError('conflict', 'invoice.draft', 'This invoice is a draft: it has no number yet', {
      details: { id },
    })
  }
  const lines = await readLines(
    ctx,
    sql`select position, description, sac, lower(period) as from, upper(period) as to, taxable_minor, taxes
        from public.invoice_lines where invoice_id = ${id} order by position`,
  )
  return {
    kind: 'invoice',
    number,
    issue_date: row.issue_date,
    due_date: row.due_date,
    ...sharedOf(row),
    lines,
    taxable_minor: row.taxable_minor,
    taxes: sumByHead(lines.flatMap((line) => line.taxes)),
    total_minor: row.total_minor,
    credit_applied_minor: row.credit_applied_minor,
    receipts: receiptsOf(row),
    exchange: row.exchange && { ...row.exchange, total_minor: BigInt(row.exchange.total_minor) },
    original: null,
    reason: null,
    commercial: false,
    void: row.void_reason === null ? null : { reason: row.void_reason },
    pay_url: null,
    payment_details: row.supplier.payment_details ?? null,
  }
}

/** @throws not_found `credit_note.not_found` */
export async function readCreditNoteDocument(ctx: Pick<Context, 'db'>, id: string): Promise<BillingDocument> {
  const row = await firstRow<CreditNoteRow>(
    ctx.db,
    sql`select c.number, c.issue_date, c.currency, c.reason, c.taxed, c.taxable_minor, c.total_minor, i.number as original_number,
               i.issue_date as original_date, i.supplier, i.recipient, i.place_of_supply, i.reverse_charge, i.endorsement, i.lut, i.exchange,
               i.template, i.language
        from public.credit_notes c join public.invoices i on i.id = c.invoice_id where c.id = ${id}`,
  )
  if (!row) {
    throw new ErpmaxError('not_found', 'credit_note.not_found', `There is no credit note ${id}`, {
      hint: 'erpmax credit-note list',
    })
  }
  const lines = await readLines(
    ctx,
    sql`select position, description, sac, lower(period) as from, upper(period) as to, taxable_minor, taxes
        from public.credit_note_lines where credit_note_id = ${id} order by position`,
  )
  const { exchange, currency } = row
  return {
    kind: 'credit_note',
    number: row.number,
    issue_date: row.issue_date,
    due_date: null,
    ...sharedOf(row),
    // The words of a supply without tax, or of a reverse charge, are about tax: a commercial credit touches none.
    endorsement: row.taxed ? row.endorsement : null,
    lut: row.taxed ? row.lut : null,
    lines,
    taxable_minor: row.taxable_minor,
    taxes: sumByHead(lines.flatMap((line) => line.taxes)),
    total_minor: row.total_minor,
    credit_applied_minor: 0n,
    receipts: null,
    // At the rate of the invoice, as the tax on it was.
    exchange: exchange && {
      ...exchange,
      total_minor: convert(row.total_minor, {
        currency,
        to_currency: exchange.currency,
        rate: exchange.rate,
      }),
    },
    original: { number: row.original_number, date: row.original_date },
    reason: row.reason,
    commercial: !row.taxed,
    void: null,
    pay_url: null,
    payment_details: null,
  }
}

async function readLines(ctx: Pick<Context, 'db'>, query: ReturnType<typeof sql>): Promise<DocumentLine[]> {
  const found = await rows<LineRow>(ctx.db, query)
  return found.map(({ from, to, taxes, ...line }) => ({
    ...line,
    period: from !== null && to !== null ? { from, to } : null,
    taxes: taxes.map((tax) => ({ ...tax, amount_minor: BigInt(tax.amount_minor) })),
  }))
}

function sharedOf(row: Shared) {
  const { template, currency, supplier, place_of_supply, reverse_charge, endorsement, lut } = row
  return {
    ...{ template, currency, place_of_supply, reverse_charge, endorsement, lut },
    language: languageOf(row.language),
    supplier: partyOf(supplier),
    recipient: partyOf(row.recipient),
  }
}

/** Without what is stored beside the party, such as its treatment under GST. */
function partyOf(party: DocumentParty): DocumentParty {
  const { name, legal_name, address, country, state, gstin, vat_id, email } = party
  return { name, legal_name, address, country, state, gstin, vat_id, email }
}

/** A tenant may read any language; documents are written in three. */
function languageOf(language: string): BillingDocument['language'] {
  const [primary] = language.toLowerCase().split('-')
  return primary === 'hi' || primary === 'uk' ? primary : 'en'
}

/** Null until something has come in: the document is then what was issued, and nothing more. */
function receiptsOf(row: InvoiceRow): BillingDocument['receipts'] {
  const { paid_minor, settled_minor, credited_minor } = row
  const received = paid_minor + settled_minor + credited_minor
  if (received === 0n) return null
  const open_minor = row.total_minor - row.credit_applied_minor - received
  return { paid_minor, settled_minor, credited_minor, open_minor }
}
