/** `tenant history`: every change of a tenant's state, newest first unless asked otherwise. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { sql, verbatim } from '../database/sql.js'
import { findKnownTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

export interface HistoryItem {
  at: string
  /** Null: the row began in `to`. */
  from: string | null
  to: string
  /** Of a suspension: `billing` or `operator`. */
  cause: string | null
  reason: string | null
  operator: string
}

export interface TenantHistory extends Page<HistoryItem> {
  tenant: { id: string; subdomain: string; status: string }
}

/** Rows are numbered as they are written, which is the order of the changes; their times may be equal. */
const keys = { at: { by: verbatim('h.id'), type: 'bigint' } } satisfies Record<string, SortKey>

export const historyOrders = ['-at', 'at'] as const

/** A deleted tenant has its history still, found by its id or, while nobody else has it, by its subdomain. */
export async function tenantHistory(
  ctx: Pick<Context, 'db'>,
  subdomainOrId: string,
  page: PageRequest,
): Promise<TenantHistory> {
  const { id, subdomain, status } = await findKnownTenant(ctx, subdomainOrId)
  const found = await readPage<Omit<HistoryItem, 'at'> & { at: Date }>(
    ctx.db,
    {
      columns: verbatim('h.at, h.from_status as from, h.to_status as to, h.cause, h.reason, h.operator'),
      from: verbatim('public.tenant_history h'),
      where: [sql`h.tenant_id = ${id}`],
      keys,
      id: keys.at,
    },
    page,
  )
  return {
    tenant: { id, subdomain, status },
    items: found.items.map((item) => ({ ...item, at: item.at.toISOString() })),
    next_cursor: found.next_cursor,
  }
}
