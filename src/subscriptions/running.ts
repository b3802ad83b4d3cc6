/** The running subscription of a tenant with its items, to read or to change under a lock. */
import { firstRow, rows, sql, verbatim } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { SubscriptionId, TenantId } from '../kernel/ids.js'
import type { Cycle, ProductKind } from './catalogue.js'

export interface RunningItem {
  id: string
  kind: ProductKind
  code: string
  /** First day; `to` is the first day it is not held any more, null while nothing ends it. */
  from: PlainDate
  to: PlainDate | null
}

export interface RunningSubscription {
  id: SubscriptionId
  tenant_id: TenantId
  status: 'trialing' | 'active' | 'past_due' | 'suspended'
  tier: string
  cycle: Cycle
  currency: string
  started_on: PlainDate
  trial_ends_on: PlainDate | null
  anchor_date: PlainDate
  next_billing_on: PlainDate | null
  cancel_on: PlainDate | null
  /** Those held today or later, the platform fee first, then in the order of the catalogue. */
  items: RunningItem[]
}

/**
 * @param today where the tenant is: items that ended before are left out
 * @param lock keeps others from changing it until the transaction ends
 * @throws conflict `subscription.none`
 */
export async function runningSubscription(
  ctx: Pick<Context, 'db'>,
  tenant: { id: TenantId; subdomain: string },
  today: PlainDate,
  { lock = false } = {},
): Promise<RunningSubscription> {
  const found = await firstRow<Omit<RunningSubscription, 'items'>>(
    ctx.db,
    sql`select id, tenant_id, status, tier_code as tier, cycle, currency, started_on, trial_ends_on, anchor_date,
               next_billing_on, cancel_on
        from public.subscriptions where tenant_id = ${tenant.id} and status <> 'cancelled' ${verbatim(lock ? 'for update' : '')}`,
  )
  if (!found) {
    throw new ErpmaxError(
      'conflict',
      'subscription.none',
      `${tenant.subdomain} has no running subscription`,
      {
        hint: `erpmax subscription history ${tenant.subdomain}`,
      },
    )
  }
  const items = await rows<RunningItem>(
    ctx.db,
    sql`select i.id, i.kind, i.product_code as code, lower(i.active) as from, upper(i.active) as to
        from public.subscription_items i left join public.modules m on i.kind = 'module' and m.code = i.product_code
        where i.subscription_id = ${found.id} and not isempty(i.active) and (upper_inf(i.active) or upper(i.active) > ${today}::date)
        order by i.kind desc, m.position, lower(i.active)`,
  )
  return { ...found, items }
}
