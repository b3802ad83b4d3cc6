/** Finds one credit note by its number or its id. */
import { firstRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid, type TenantId } from '../../kernel/ids.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'

/** Amounts in minor units of `currency`. */
export interface FoundCreditNote {
  id: string
  tenant_id: TenantId
  /** The tenant's subdomain. */
  tenant: string
  number: string
  issue_date: PlainDate
  invoice_id: string
  /** The number of the invoice it corrects, and its day. */
  invoice: string
  invoice_date: PlainDate
  currency: string
  reason: string
  /** False for a commercial credit, which leaves the tax alone. */
  taxed: boolean
  taxable_minor: bigint
  tax_minor: bigint
  total_minor: bigint
  /** What it lowered the invoice by; the rest went to the credit balance. */
  applied_minor: bigint
}

/** @throws not_found `credit_note.not_found` */
export async function findCreditNote(ctx: Pick<Context, 'db'>, text: string): Promise<FoundCreditNote> {
  const wanted = text.trim()
  const found = await firstRow<FoundCreditNote>(
    ctx.db,
    sql`select c.id, c.tenant_id, t.subdomain as tenant, c.number, c.issue_date, c.invoice_id, i.number as invoice,
               i.issue_date as invoice_date, c.currency, c.reason, c.taxed, c.taxable_minor, c.tax_minor, c.total_minor, c.applied_minor
        from public.credit_notes c join public.invoices i on i.id = c.invoice_id join public.tenants t on t.id = c.tenant_id
        where ${isUuid(wanted) ? sql`c.id = ${wanted}` : sql`c.number = ${wanted.toUpperCase()}`}`,
  )
  if (found) return found
  throw new ErpmaxError(
    'not_found',
    'credit_note.not_found',
    `There is no credit note "${wanted.slice(0, 80)}"`,
    {
      hint: 'erpmax credit-note list',
    },
  )
}
