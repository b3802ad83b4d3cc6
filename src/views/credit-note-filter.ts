/** What the flags of `credit-note list` mean, in its export too. */
import { findInvoice } from '../billing/book/find-invoice.js'
import { sql, verbatim, type Sql } from '../database/sql.js'
import { documentConditions, type DocumentFilter } from './invoice-filter.js'
import type { Context } from '../kernel/context.js'

export interface CreditNoteFilter extends DocumentFilter {
  /** The number or id of the invoice they correct. */
  invoice: string | null
}

/** The tables that the conditions are about. */
export const filteredCreditNotes = verbatim(
  'public.credit_notes c join public.tenants t on t.id = c.tenant_id join public.invoices i on i.id = c.invoice_id',
)

/** @throws not_found `tenant.not_found`, `invoice.not_found`; usage `currency.invalid` */
export async function creditNoteConditions(
  ctx: Pick<Context, 'db'>,
  filter: CreditNoteFilter,
): Promise<Sql[]> {
  const where = [sql`true`, ...(await documentConditions(ctx, 'c', filter))]
  if (filter.invoice !== null)
    where.push(sql`c.invoice_id = ${(await findInvoice(ctx, filter.invoice)).id}::uuid`)
  return where
}
