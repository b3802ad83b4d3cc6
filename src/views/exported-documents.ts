/** Which documents an export is about: named ones, or all that match, in the order of their numbers. */
import { findCreditNote } from '../billing/book/find-credit-note.js'
import { findInvoice } from '../billing/book/find-invoice.js'
import { join, rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { creditNoteConditions, filteredCreditNotes, type CreditNoteFilter } from './credit-note-filter.js'
import { filteredInvoices, invoiceConditions, numberOrder, type InvoiceFilter } from './invoice-filter.js'
import type { Context } from '../kernel/context.js'

export interface NamedDocument {
  id: string
  number: string
}

/**
 * @param named numbers or ids; empty: what the filter lets through
 * @throws not_found `invoice.not_found`, `tenant.not_found`; conflict `invoice.draft`
 */
export async function selectInvoices(
  ctx: Pick<Context, 'db' | 'clock'>,
  named: readonly string[],
  filter: InvoiceFilter,
): Promise<NamedDocument[]> {
  if (named.length > 0) {
    return each(named, async (text) => {
      const { id, number } = await findInvoice(ctx, text)
      if (number !== null) return { id, number }
      throw new ErpmaxError('conflict', 'invoice.draft', `${text} is a draft: it has no number yet`)
    })
  }
  const where = await invoiceConditions(ctx, filter)
  return rows<NamedDocument>(
    ctx.db,
    sql`select i.id, i.number from ${filteredInvoices} where ${join(where, ' and ')}
        order by i.issue_date, ${numberOrder('i.number')}`,
  )
}

/** @throws not_found `credit_note.not_found`, `tenant.not_found` */
export async function selectCreditNotes(
  ctx: Pick<Context, 'db'>,
  named: readonly string[],
  filter: CreditNoteFilter,
): Promise<NamedDocument[]> {
  if (named.length > 0) return each(named, (text) => findCreditNote(ctx, text))
  const where = await creditNoteConditions(ctx, filter)
  return rows<NamedDocument>(
    ctx.db,
    sql`select c.id, c.number from ${filteredCreditNotes} where ${join(where, ' and ')}
        order by c.issue_date, ${numberOrder('c.number')}`,
  )
}

/** Each once, however often it was named. */
async function each(
  named: readonly string[],
  find: (text: string) => Promise<NamedDocument>,
): Promise<NamedDocument[]> {
  const found = new Map<string, NamedDocument>()
  for (const text of named) {
    const { id, number } = await find(text)
    found.set(id, { id, number })
  }
  return [...found.values()]
}
