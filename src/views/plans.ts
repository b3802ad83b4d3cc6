/** `plan list` and `plan show`: the tiers with their limits and fees, and who is on them. */
import { oneRow, rows, sql } from '../database/sql.js'
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { readCatalogue, type Tier } from '../subscriptions/catalogue.js'
import { tenantsAbove, type AboveLimits } from '../subscriptions/above.js'
import { pricesOf, type PriceFilters, type PriceJson, type TierJson } from './modules.js'
import type { Context } from '../kernel/context.js'

export interface PlanListItem extends TierJson {
  /** With a running subscription in it. */
  tenants: number
}

export interface PlanList {
  items: PlanListItem[]
  next_cursor: null
}

export interface ShownPlan extends PlanListItem {
  tenants_by_status: Record<string, number>
  /** Tenants that are to enter it and to leave it at the end of their period. */
  scheduled: { arriving: number; leaving: number }
  /** Tenants that hold or use more than its limits. */
  above: AboveLimits
}

const everyPrice: PriceFilters = { currency: null, cycle: null }

/** In the order of their size. */
export async function listPlans(
  ctx: Pick<Context, 'db' | 'clock'>,
  filters: PriceFilters = everyPrice,
): Promise<PlanList> {
  const catalogue = await readCatalogue(ctx, dayIn('UTC', ctx.clock.now()))
  const prices = pricesOf(catalogue, filters)
  const counts = await countTenants(ctx)
  return {
    items: catalogue.tiers.map((tier) => {
      const statuses = counts.filter(({ tier: code }) => code === tier.code)
      return shaped(tier, prices('platform', tier.code), sum(statuses.map(({ tenants }) => tenants)))
    }),
    next_cursor: null,
  }
}

/** @throws not_found `tier.not_found` */
export async function showPlan(ctx: Pick<Context, 'db' | 'clock'>, code: string): Promise<ShownPlan> {
  const plan = (await listPlans(ctx)).items.find((one) => one.code === code.toUpperCase())
  if (!plan) {
    throw new ErpmaxError('not_found', 'tier.not_found', `There is no tier "${code.slice(0, 40)}"`, {
      hint: 'erpmax plan list',
    })
  }
  const counts = (await countTenants(ctx)).filter(({ tier }) => tier === plan.code)
  const scheduled = await oneRow<ShownPlan['scheduled']>(
    ctx.db,
    sql`select (count(*) filter (where after ->> 'tier' = ${plan.code}))::int as arriving,
               (count(*) filter (where before ->> 'tier' = ${plan.code}))::int as leaving
        from public.subscription_changes where status = 'scheduled' and kind = 'tier'`,
  )
  return {
    ...plan,
    tenants_by_status: Object.fromEntries(counts.map(({ status, tenants }) => [status, tenants])),
    scheduled,
    above: (await tenantsAbove(ctx, plan.code)).counts,
  }
}

interface Count {
  tier: string
  status: string
  tenants: number
}

async function countTenants(ctx: Pick<Context, 'db'>): Promise<Count[]> {
  return rows<Count>(
    ctx.db,
    sql`select tier_code as tier, status, count(*)::int as tenants from public.subscriptions
        where status <> 'cancelled' group by tier_code, status order by tier_code, status`,
  )
}

function shaped(tier: Tier, fees: PriceJson[], tenants: number): PlanListItem {
  const calls = tier.max_api_calls_per_month
  return { ...tier, max_api_calls_per_month: calls === null ? null : Number(calls), fees, tenants }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0)
}
