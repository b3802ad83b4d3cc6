/** Whether running subscriptions hold what each must: the base module and the fee of their tier. */
import { execute, firstRow, rows, sql, type Sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { recordChange } from './changes.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { SubscriptionId, TenantId } from '../kernel/ids.js'

export interface UnsoundSubscription {
  tenant_id: TenantId
  /** Null: there never was one. */
  id: SubscriptionId | null
  today: PlainDate
  tier: string | null
  /** Codes of base modules that are not held. */
  base_missing: string[]
  /** The tier whose fee is held; null: none is. */
  platform: string | null
}

/**
 * Those of active and suspended tenants that lack something. One whose end has come is left to the run that ends it.
 * @param today of the tenant t
 * @param tenants conditions on t
 */
export async function unsoundSubscriptions(
  ctx: Pick<Context, 'db'>,
  today: Sql,
  tenants: Sql,
): Promise<UnsoundSubscription[]> {
  return rows<UnsoundSubscription>(
    ctx.db,
    sql`with running as materialized (
          select t.id as tenant_id, s.id, ${today} as today, s.tier_code as tier, s.cancel_on
          from public.tenants t left join public.subscriptions s on s.tenant_id = t.id and s.status <> 'cancelled'
          where t.status in ('active', 'suspended') and ${tenants}
        ), held as (
          select r.id, coalesce(array_agg(i.product_code) filter (where i.kind = 'module'), '{}') as modules,
                 case when bool_or(i.kind = 'platform' and i.product_code = r.tier) then r.tier
                   else min(i.product_code) filter (where i.kind = 'platform') end as platform
          from running r join public.subscription_items i on i.subscription_id = r.id
          where i.kind = 'platform' and (i.active @> r.today or lower(i.active) > r.today)
             or i.active @> r.today and i.product_code in (select m.code from public.modules m where m.is_base)
          group by r.id, r.tier
        ), judged as (
          select r.tenant_id, r.id, r.today, r.tier, h.platform, r.cancel_on,
                 array(select m.code from public.modules m where m.is_base and m.code <> all(coalesce(h.modules, '{}')) order by m.position) as base_missing
          from running r left join held h on h.id = r.id
          where r.id is not null or not exists (select 1 from public.subscriptions s where s.tenant_id = r.tenant_id)
        )
        select tenant_id, id, today, tier, platform, base_missing from judged
        where (id is null or cardinality(base_missing) > 0 or platform is distinct from tier)
          and (cancel_on is null or cancel_on > today)`,
  )
}

/**
 * Gives a subscription the base module from today on, in the transaction of `ctx`.
 * @throws conflict `subscription.base_costs` where that would cost something, or has no price
 */
export async function holdBaseModule(
  ctx: Pick<Context, 'db' | 'actor'>,
  subscription: { id: SubscriptionId; today: PlainDate },
  code: string,
): Promise<void> {
  const { id, today } = subscription
  const price = await firstRow<{ id: string; amount_minor: bigint }>(
    ctx.db,
    sql`select p.id, p.amount_minor from public.subscriptions s
        join public.prices p on p.product_kind = 'module' and p.product_code = ${code} and p.currency = s.currency
          and p.cycle = s.cycle and p.validity @> ${today}::date
        where s.id = ${id} for update of s`,
  )
  if (price?.amount_minor !== 0n) {
    throw new ErpmaxError(
      'conflict',
      'subscription.base_costs',
      price ? `${code} is not free in this currency` : `${code} has no price in this currency`,
      { hint: 'erpmax module list' },
    )
  }
  const added = await execute(
    ctx.db,
    sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
        select ${id}, 'module', ${code}, ${price.id}, daterange(${today}::date, null)
        where not exists (select 1 from public.subscription_items i where i.subscription_id = ${id} and i.kind = 'module'
          and i.product_code = ${code} and i.active && daterange(${today}::date, null))`,
  )
  if (added === 0) return
  await recordChange(ctx, {
    subscriptionId: id,
    kind: 'add_module',
    status: 'applied',
    module: code,
    effectiveOn: today,
    reason: 'the base module was missing',
  })
}
