/** `credit-note list` and `credit-note show`. */
import { findCreditNote } from '../billing/book/find-credit-note.js'
import { readCreditNoteDocument } from '../billing/book/read-document.js'
import { documentJson, type DocumentLineJson, type DocumentTaxJson } from '../billing/documents/json.js'
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { join, rows, sql, verbatim } from '../database/sql.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import { creditNoteConditions, filteredCreditNotes, type CreditNoteFilter } from './credit-note-filter.js'
import { numberOrder } from './invoice-filter.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { DocumentParty } from '../billing/document.js'

export interface CreditNoteListItem {
  id: string
  number: string
  /** The tenant's subdomain. */
  tenant: string
  /** The number of the invoice it corrects. */
  invoice: string
  issue_date: PlainDate
  reason: string
  /** False for a commercial credit, which leaves the tax alone. */
  taxed: boolean
  total: MoneyJson
  /** What it lowered the invoice by; the rest went to the credit balance. */
  applied: MoneyJson
}

export interface CreditNoteList extends Page<CreditNoteListItem> {
  /** Of what matches in each currency, on all pages. */
  sums: { currency: string; credit_notes: number; total: MoneyJson; applied: MoneyJson }[]
}

export interface ShownCreditNote extends CreditNoteListItem {
  tenant_id: string
  invoice_id: string
  invoice_date: PlainDate
  currency: string
  supplier: DocumentParty
  recipient: DocumentParty
  place_of_supply: { code: string; name: string } | null
  endorsement: string | null
  exchange: { rate: string; date: PlainDate; source: string; total: MoneyJson } | null
  lines: DocumentLineJson[]
  taxable: MoneyJson
  taxes: DocumentTaxJson[]
  /** What went to the credit balance. */
  to_balance: MoneyJson
}

const keys = {
  issued: { by: verbatim('c.issue_date'), type: 'date' },
  number: { by: numberOrder('c.number'), type: 'text' },
  tenant: { by: verbatim('t.subdomain'), type: 'text' },
  total: { by: verbatim('c.total_minor'), type: 'bigint' },
} satisfies Record<string, SortKey>

/** Each order both ways. */
export const creditNoteOrders = Object.keys(keys).flatMap((key) => [key, `-${key}`])

/** @throws not_found `tenant.not_found`, `invoice.not_found`; usage `currency.invalid` */
export async function listCreditNotes(
  ctx: Pick<Context, 'db'>,
  filter: CreditNoteFilter,
  page: PageRequest,
): Promise<CreditNoteList> {
  const where = await creditNoteConditions(ctx, filter)
  const found = await readPage<CreditNoteListItem>(
    ctx.db,
    {
      columns: sql`c.id, c.number, t.subdomain as tenant, i.number as invoice, c.issue_date, c.reason, c.taxed,
        json_build_object('amount_minor', c.total_minor, 'currency', c.currency) as total,
        json_build_object('amount_minor', c.applied_minor, 'currency', c.currency) as applied`,
      from: filteredCreditNotes,
      where,
      keys,
      id: keys.number,
    },
    page,
  )
  const sums = await rows<{ currency: string; credit_notes: number; total: bigint; applied: bigint }>(
    ctx.db,
    sql`select c.currency, count(*)::int as credit_notes, sum(c.total_minor)::bigint as total, sum(c.applied_minor)::bigint as applied
        from ${filteredCreditNotes} where ${join(where, ' and ')} group by c.currency order by c.currency`,
  )
  return {
    ...found,
    sums: sums.map(({ currency, credit_notes, total, applied }) => ({
      ...{ currency, credit_notes },
      total: moneyJson({ amountMinor: total, currency }),
      applied: moneyJson({ amountMinor: applied, currency }),
    })),
  }
}

/** @throws not_found `credit_note.not_found` */
export async function showCreditNote(
  ctx: Pick<Context, 'db'>,
  numberOrId: string,
): Promise<{ credit_note: ShownCreditNote }> {
  const found = await findCreditNote(ctx, numberOrId)
  const { taxable_minor: _net, tax_minor: _tax, total_minor, applied_minor, ...facts } = found
  const document = documentJson(await readCreditNoteDocument(ctx, found.id))
  const { supplier, recipient, place_of_supply, endorsement, exchange, lines, taxable, taxes, total } =
    document
  const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency: found.currency })
  return {
    credit_note: {
      ...facts,
      ...{ supplier, recipient, place_of_supply, endorsement, exchange, lines, taxable, taxes, total },
      applied: money(applied_minor),
      to_balance: money(total_minor - applied_minor),
    },
  }
}
