/** Whether a tenant's tier has room for one more. */
import { firstRow, oneRow, sql } from '../database/sql.js'
import { readCatalogue } from '../subscriptions/catalogue.js'
import { requireFits } from '../subscriptions/limits.js'
import { runningSubscription } from '../subscriptions/running.js'
import { calendarOf } from '../tenants/today.js'
import type { Context } from '../kernel/context.js'
import type { KnownTenantName } from './members.js'

/**
 * Members count, and whoever is invited, so that not more are invited than can come.
 * @param of `invited`: before an invitation; `active`: before somebody comes in, the tier may be another by now
 * @throws conflict `tier.too_many_users`, `subscription.none`
 */
export async function requireSeat(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenant: KnownTenantName,
  of: 'invited' | 'active',
): Promise<void> {
  const { today: day } = await calendarOf(ctx, tenant.id)
  const { tier: current } = await runningSubscription(ctx, tenant, day)
  const catalogue = await readCatalogue(ctx, day)
  const tier = catalogue.tiers.find(({ code }) => code === current)
  if (!tier) throw new Error(`there is no tier ${current}`)
  const { taken } = await oneRow<{ taken: number }>(
    ctx.db,
    sql`select count(*)::int as taken from public.memberships
        where tenant_id = ${tenant.id} and status = any(${of === 'active' ? ['active'] : ['active', 'invited']}::text[])`,
  )
  const facts = { subdomain: tenant.subdomain, current, day, atOnce: true }
  requireFits(catalogue, tier, { modules: [], users: taken, coming: 1 }, facts)
}

/** The first place somebody has, or the next one where that was taken away, is the one they sign in to. */
export async function settleDefault(ctx: Pick<Context, 'db'>, userId: string): Promise<void> {
  await firstRow(
    ctx.db,
    sql`update public.memberships set is_default = true, updated_at = now()
        where id = (select id from public.memberships where user_id = ${userId} and status = 'active' order by created_at, id limit 1)
          and not exists (select 1 from public.memberships where user_id = ${userId} and status = 'active' and is_default)
        returning id`,
  )
}
