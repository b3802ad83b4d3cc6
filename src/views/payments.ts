/** `payment list`: what came in, newest first unless asked otherwise. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { sql, verbatim, type Sql } from '../database/sql.js'
import {
  paymentColumns,
  paymentJson,
  paymentTables,
  type PaymentJson,
  type PaymentRow,
} from '../billing/book/read-payment.js'
import { findInvoice } from '../billing/book/find-invoice.js'
import { findKnownTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

export type PaymentList = Page<PaymentJson>

export interface PaymentFilters {
  /** Subdomain or id. */
  tenant: string | null
  /** Number or id. */
  invoice: string | null
  status: readonly string[]
}

export const paymentStates = ['pending', 'succeeded', 'failed', 'unknown'] as const

const keys = {
  created_at: { by: verbatim('p.created_at'), type: 'timestamptz' },
  received_on: { by: verbatim(`coalesce(p.received_on, '-infinity')`), type: 'date' },
  amount: { by: verbatim('p.amount_minor'), type: 'bigint' },
} satisfies Record<string, SortKey>

/** Each order both ways. */
export const paymentOrders = Object.keys(keys).flatMap((key) => [key, `-${key}`])

/** @throws not_found `tenant.not_found`, `invoice.not_found` */
export async function listPayments(
  ctx: Pick<Context, 'db'>,
  { tenant, invoice, status }: PaymentFilters,
  page: PageRequest,
): Promise<PaymentList> {
  const where: Sql[] = []
  if (tenant !== null) where.push(sql`p.tenant_id = ${(await findKnownTenant(ctx, tenant)).id}`)
  if (invoice !== null) where.push(sql`p.invoice_id = ${(await findInvoice(ctx, invoice)).id}`)
  if (status.length > 0) where.push(sql`p.status = any(${[...status]}::text[])`)
  const { items, next_cursor } = await readPage<PaymentRow>(
    ctx.db,
    { columns: paymentColumns, from: paymentTables, where, keys, id: { by: verbatim('p.id'), type: 'uuid' } },
    page,
  )
  return { items: items.map(paymentJson), next_cursor }
}
