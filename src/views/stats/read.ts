/** `tenant stats`: the fleet in numbers, all of one moment. */
import { inSnapshot } from '../../database/snapshot.js'
import { rows, sql } from '../../database/sql.js'
import { dayIn, type PlainDate } from '../../kernel/dates.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { tenantStates } from '../../tenants/states.js'
import { readChurn, type Churn } from './flows.js'
import { readRevenue, readUptake, type CurrencyRevenue, type ModuleUptake } from './revenue.js'
import { customerStates, running, standing, type StatsDay } from './standing.js'
import type { Context } from '../../kernel/context.js'

export interface TierCount {
  /** Null: without a subscription. */
  tier: string | null
  name: string | null
  total: number
  by_status: Record<string, number>
}

export interface Stats {
  as_of: PlainDate
  tenants: {
    /** All but the deleted ones. */
    total: number
    by_status: Record<string, number>
    by_tier: TierCount[]
    deleted: number
    /** Active or suspended, with a subscription that runs. */
    customers: number
  }
  /** One entry for each currency: they are never added up. */
  revenue: CurrencyRevenue[]
  modules: ModuleUptake[]
  churn: Churn
}

/**
 * @param asOf a day in UTC; null: today, with the states as they are
 * @throws usage `usage.date_in_future`
 */
export async function readStats(
  ctx: Pick<Context, 'db' | 'clock'>,
  asOf: PlainDate | null,
): Promise<{ stats: Stats }> {
  const today = dayIn('UTC', ctx.clock.now())
  if (asOf !== null && asOf > today) {
    throw new ErpmaxError('usage', 'usage.date_in_future', `${asOf} is later than today, ${today}`, {
      hint: `--as-of ${today}`,
    })
  }
  const on = { day: asOf ?? today, past: asOf !== null && asOf < today }
  return inSnapshot(ctx, async (inner) => {
    const tenants = await countTenants(inner, on)
    const revenue = await readRevenue(inner, on)
    const modules = await readUptake(inner, on, tenants.customers)
    return { stats: { as_of: on.day, tenants, revenue, modules, churn: await readChurn(inner, on) } }
  })
}

async function countTenants(ctx: Pick<Context, 'db'>, on: StatsDay): Promise<Stats['tenants']> {
  const counts = await rows<{ status: string; tier: string | null; customers: number; tenants: number }>(
    ctx.db,
    sql`with standing as (${standing(on)}), tier as (
          select s.tenant_id, i.product_code as tier from public.subscriptions s
          join public.subscription_items i on i.subscription_id = s.id and i.kind = 'platform' and i.active @> ${on.day}::date
          where ${running(on.day)}
        )
        select st.status, tier.tier, count(*)::int as tenants,
               (count(*) filter (where st.status in ${customerStates} and tier.tier is not null))::int as customers
        from standing st left join tier on tier.tenant_id = st.tenant_id group by st.status, tier.tier`,
  )
  const tiers = await rows<{ code: string; name: string }>(
    ctx.db,
    sql`select code, name from public.tiers order by position`,
  )
  const there = counts.filter(({ status }) => status !== 'deleted')
  const without = there.some(({ tier }) => tier === null) ? [{ code: null, name: null }] : []
  return {
    total: sum(there),
    by_status: byStatus(there),
    by_tier: [...tiers, ...without].map(({ code, name }) => {
      const inTier = there.filter(({ tier }) => tier === code)
      return { tier: code, name, total: sum(inTier), by_status: byStatus(inTier) }
    }),
    deleted: sum(counts) - sum(there),
    customers: there.reduce((all, { customers }) => all + customers, 0),
  }
}

type StatusCount = { status: string; tenants: number }

function sum(counts: readonly StatusCount[]): number {
  return counts.reduce((all, { tenants }) => all + tenants, 0)
}

/** Only the states that there are, in the order of a tenant's life. */
function byStatus(counts: readonly StatusCount[]): Record<string, number> {
  const found = tenantStates.map(
    (status) => [status, sum(counts.filter((one) => one.status === status))] as const,
  )
  return Object.fromEntries(found.filter(([, tenants]) => tenants > 0))
}
