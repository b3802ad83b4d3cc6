/** Starts a tenant's subscription: with a trial, or with its first period due today. */
import { execute, firstRow, oneRow, sql } from '../database/sql.js'
import { addDays, type PlainDate } from '../kernel/dates.js'
import type { Context } from '../kernel/context.js'
import type { SubscriptionId, TenantId } from '../kernel/ids.js'
import { recordChange } from './changes.js'
import type { Selection } from './selection.js'

/**
 * The anchor is the day the trial ends (billing rule 3), which is the first day not billed yet.
 * Safe to repeat: a tenant that has its subscription keeps it.
 * @param today the day it is in the tenant's time zone
 */
export async function startSubscription(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenantId: TenantId,
  selection: Selection,
  today: PlainDate,
): Promise<SubscriptionId> {
  const running = await firstRow<{ id: SubscriptionId }>(
    ctx.db,
    sql`select id from public.subscriptions where tenant_id = ${tenantId} and status <> 'cancelled'`,
  )
  if (running) return running.id
  const trialEnd = selection.trialDays > 0 ? addDays(today, selection.trialDays) : null
  const anchor = trialEnd ?? today
  const { id } = await oneRow<{ id: SubscriptionId }>(
    ctx.db,
    sql`insert into public.subscriptions
          (tenant_id, status, tier_code, currency, cycle, started_on, trial_ends_on, anchor_date, next_billing_on)
        values (${tenantId}, ${trialEnd ? 'trialing' : 'active'}, ${selection.tier.code}, ${selection.currency}, ${selection.cycle},
                ${today}, ${trialEnd}, ${anchor}, ${anchor})
        returning id`,
  )
  await execute(
    ctx.db,
    sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
        select ${id}, p.product_kind, p.product_code, p.id, daterange(${today}::date, null)
        from public.prices p where p.id = any(${selection.prices.map((price) => price.id)}::uuid[])`,
  )
  await recordChange(ctx, {
    subscriptionId: id,
    kind: 'start',
    status: 'applied',
    after: {
      tier: selection.tier.code,
      cycle: selection.cycle,
      currency: selection.currency,
      trial_ends_on: trialEnd,
      modules: selection.prices.filter((price) => price.kind === 'module').map((price) => price.code),
    },
    effectiveOn: today,
  })
  return id
}

/** Takes back a subscription that nothing has been billed for. */
export async function discardSubscription(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<void> {
  await execute(ctx.db, sql`delete from public.subscriptions where tenant_id = ${tenantId}`)
}
