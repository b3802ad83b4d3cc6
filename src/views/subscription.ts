/** `subscription show` and `subscription history`. */
import { overview, type SubscriptionOverview } from '../billing/overview.js'
import { readPage, type Page, type PageRequest } from '../database/keyset.js'
import { sql, verbatim } from '../database/sql.js'
import { todayOf } from '../subscriptions/hold.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

/** @throws not_found `tenant.not_found`; conflict `subscription.none` */
export async function showSubscription(
  ctx: Pick<Context, 'db' | 'clock'>,
  subdomainOrId: string,
): Promise<SubscriptionOverview> {
  const tenant = await findTenant(ctx, subdomainOrId)
  return overview(ctx, tenant, await todayOf(ctx, tenant))
}

export interface SubscriptionHistoryItem {
  id: string
  subscription_id: string
  at: string
  kind: string
  module: string | null
  status: string
  effective_on: PlainDate
  before: Record<string, unknown>
  after: Record<string, unknown>
  reason: string | null
  operator: string
  /** When it was applied or withdrawn; null while it waits. */
  decided_at: string | null
}

export type SubscriptionHistory = Page<SubscriptionHistoryItem>

/** Of all subscriptions the tenant has had, the newest change first. */
export async function subscriptionHistory(
  ctx: Pick<Context, 'db'>,
  subdomainOrId: string,
  page: Omit<PageRequest, 'sort'>,
): Promise<SubscriptionHistory> {
  const tenant = await findTenant(ctx, subdomainOrId)
  const found = await readPage<
    Omit<SubscriptionHistoryItem, 'at' | 'decided_at'> & { at: Date; decided_at: Date | null }
  >(
    ctx.db,
    {
      columns: verbatim(
        'c.id, c.subscription_id, c.created_at as at, c.kind, c.module_code as module, c.status, c.effective_on, c.before, c.after, c.reason, c.operator, c.decided_at',
      ),
      from: verbatim('public.subscription_changes c join public.subscriptions s on s.id = c.subscription_id'),
      where: [sql`s.tenant_id = ${tenant.id}`],
      keys: { at: { by: verbatim('c.created_at'), type: 'timestamptz' } },
      id: { by: verbatim('c.id'), type: 'uuid' },
    },
    { ...page, sort: '-at' },
  )
  return {
    items: found.items.map(({ at, decided_at, ...item }) => ({
      ...item,
      at: at.toISOString(),
      decided_at: decided_at?.toISOString() ?? null,
    })),
    next_cursor: found.next_cursor,
  }
}
