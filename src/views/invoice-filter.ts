/** What the flags of `invoice list` mean, wherever invoices are chosen by them; credit notes by the same where they fit. */
import { sql, verbatim, type Sql } from '../database/sql.js'
import { currencyCode } from '../kernel/money.js'
import { findKnownTenant } from '../tenants/find.js'
import { dayOfTenant } from '../tenants/local-day.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export const invoiceStates = ['open', 'paid', 'void', 'uncollectible'] as const

/** Of documents of either kind. */
export interface DocumentFilter {
  /** Subdomains or ids; empty: every tenant, deleted ones too. */
  tenants: readonly string[]
  currency: string | null
  issuedFrom: PlainDate | null
  /** That day included. */
  issuedTo: PlainDate | null
  /** A number or its beginning. */
  number: string | null
}

export interface InvoiceFilter extends DocumentFilter {
  /** One of these; empty: any. */
  status: readonly string[]
  /** Open, and due before the day it is where the tenant is. */
  overdue: boolean
}

/** The tables that the conditions are about. */
export const filteredInvoices = verbatim('public.invoices i join public.tenants t on t.id = i.tenant_id')

/** Numbers in the order they were given: those of one series differ in length. */
export const numberOrder = (column: string): Sql => verbatim(`lpad(${column}, 16, '0') collate "C"`)

/** @throws not_found `tenant.not_found`; usage `currency.invalid` */
export async function invoiceConditions(
  ctx: Pick<Context, 'db' | 'clock'>,
  filter: InvoiceFilter,
): Promise<Sql[]> {
  const where = [verbatim('i.number is not null'), ...(await documentConditions(ctx, 'i', filter))]
  if (filter.status.length > 0) where.push(sql`i.status = any(${filter.status}::text[])`)
  if (filter.overdue) where.push(overdueOn(await dayOfTenant(ctx)))
  return where
}

/** @param alias of the table: `i` of invoices, `c` of credit notes */
export async function documentConditions(
  ctx: Pick<Context, 'db'>,
  alias: 'i' | 'c',
  { tenants, currency, issuedFrom, issuedTo, number }: DocumentFilter,
): Promise<Sql[]> {
  const at = verbatim(alias)
  const where: Sql[] = []
  if (tenants.length > 0) {
    const ids: string[] = []
    for (const name of tenants) ids.push((await findKnownTenant(ctx, name)).id)
    where.push(sql`${at}.tenant_id = any(${ids}::uuid[])`)
  }
  if (currency !== null) where.push(sql`${at}.currency = ${currencyCode(currency)}`)
  if (issuedFrom !== null) where.push(sql`${at}.issue_date >= ${issuedFrom}::date`)
  if (issuedTo !== null) where.push(sql`${at}.issue_date <= ${issuedTo}::date`)
  if (number !== null) where.push(sql`starts_with(${at}.number, ${number.trim().toUpperCase()})`)
  return where
}

/** That the invoice i is overdue. @param day where its tenant is */
export function overdueOn(day: Sql): Sql {
  return sql`(i.status = 'open' and i.due_date < ${day})`
}
