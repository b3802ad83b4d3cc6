/** What a tenant uses of what its tier allows: people counted, storage measured, API calls summed up by month. */
import { Temporal } from 'temporal-polyfill'
import { firstRow, oneRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { stateAllows } from '../subscriptions/gate.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { calendarOf } from '../tenants/today.js'
import { schemaBytes } from './tenant.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import { metrics, type Metric } from '../subscriptions/usage-lines.js'

export interface MetricUsage {
  metric: Metric
  /** Null where nothing is known of it: a past month for which nothing was recorded. */
  used: bigint | null
  /** Null: none. */
  limit: bigint | null
  /** Of the limit, with one decimal; null where either is. */
  percent: number | null
  /** `counted` people, `measured` storage of the schema, or what the ERP `recorded`: of the two the larger. */
  source: 'counted' | 'measured' | 'recorded' | null
}

export interface Usage {
  tenant: string
  /** `YYYY-MM` of the tenant's own calendar. */
  month: string
  time_zone: string
  /** Null where no subscription runs. */
  tier: string | null
  metrics: MetricUsage[]
}

export interface UsageCheck {
  tenant: string
  allowed: boolean
  /** `within_limits`, `over_limit`, `no_subscription`, or `tenant_` and the tenant's state. */
  reason: string
  /** How much more was asked for. */
  add: bigint
  metrics: (MetricUsage & { allowed: boolean })[]
}

interface Limits {
  tier: string
  users: bigint | null
  storage_bytes: bigint | null
  api_calls: bigint | null
}

/** @param month `YYYY-MM`, or null for the present one where the tenant is */
export async function showUsage(
  ctx: Pick<Context, 'db' | 'clock'>,
  subdomainOrId: string,
  month: string | null,
): Promise<Usage> {
  return usageOf(ctx, await findTenant(ctx, subdomainOrId), month)
}

/**
 * Whether a tenant may use what it uses, and `add` more of the metric.
 * @param metric null: all three
 */
export async function checkUsage(
  ctx: Pick<Context, 'db' | 'clock'>,
  subdomainOrId: string,
  metric: Metric | null,
  add: bigint,
): Promise<UsageCheck> {
  const tenant = await findTenant(ctx, subdomainOrId)
  const usage = await usageOf(ctx, tenant, null)
  const judged = usage.metrics
    .filter((one) => metric === null || one.metric === metric)
    .map((one) => ({ ...one, allowed: one.limit === null || (one.used ?? 0n) + add <= one.limit }))
  const reason = !stateAllows(tenant.status, 'work')
    ? `tenant_${tenant.status}`
    : usage.tier === null
      ? 'no_subscription'
      : judged.every(({ allowed }) => allowed)
        ? 'within_limits'
        : 'over_limit'
  return { tenant: tenant.subdomain, allowed: reason === 'within_limits', reason, add, metrics: judged }
}

async function usageOf(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenant: PlacedTenant,
  asked: string | null,
): Promise<Usage> {
  const { time_zone, today } = await calendarOf(ctx, tenant.id)
  const { from, to, current } = monthOf(asked, today)
  const limits = await limitsOf(ctx, tenant)
  const recorded = await recordedIn(ctx, tenant, { from, to, time_zone })
  const found: Record<Metric, Pick<MetricUsage, 'used' | 'source'>> = {
    users: larger(current ? await countPeople(ctx, tenant) : null, 'counted', recorded.users),
    storage_bytes: larger(
      current ? BigInt(await schemaBytes(ctx, tenant.schema)) : null,
      'measured',
      recorded.storage_bytes,
    ),
    api_calls: { used: recorded.api_calls, source: 'recorded' },
  }
  return {
    tenant: tenant.subdomain,
    month: from.slice(0, 7),
    time_zone,
    tier: limits?.tier ?? null,
    metrics: metrics.map((metric) => {
      const { used, source } = found[metric]
      const limit = limits?.[metric] ?? null
      return { metric, used, limit, percent: percentOf(used, limit), source }
    }),
  }
}

/** @throws usage `usage.month_invalid` for what is no month, or one that has not begun */
function monthOf(
  asked: string | null,
  today: PlainDate,
): { from: PlainDate; to: PlainDate; current: boolean } {
  const present = today.slice(0, 7)
  const month = asked ?? present
  if (!/^2\d{3}-(0[1-9]|1[0-2])$/.test(month) || month > present) {
    throw new ErpmaxError(
      'usage',
      'usage.month_invalid',
      `"${month.slice(0, 40)}" is not a month that has begun`,
      {
        hint: `--month ${present}`,
      },
    )
  }
  const first = Temporal.PlainDate.from(`${month}-01`)
  return { from: first.toString(), to: first.add({ months: 1 }).toString(), current: month === present }
}

async function limitsOf(ctx: Pick<Context, 'db'>, tenant: PlacedTenant): Promise<Limits | null> {
  return firstRow<Limits>(
    ctx.db,
    sql`select t.code as tier, t.max_users::bigint as users, t.max_storage_gb * 1000000000::bigint as storage_bytes,
               t.max_api_calls_per_month as api_calls
        from public.subscriptions s join public.tiers t on t.code = s.tier_code
        where s.tenant_id = ${tenant.id} and s.status <> 'cancelled'`,
  )
}

/** Whoever belongs or is invited takes a seat. */
async function countPeople(ctx: Pick<Context, 'db'>, tenant: PlacedTenant): Promise<bigint> {
  const { people } = await oneRow<{ people: bigint }>(
    ctx.db,
    sql`select count(*) as people from public.memberships where tenant_id = ${tenant.id} and status <> 'removed'`,
  )
  return people
}

/** The sum of the calls, and the latest readings; the month's edges are midnights where the tenant is. */
async function recordedIn(
  ctx: Pick<Context, 'db'>,
  tenant: PlacedTenant,
  { from, to, time_zone }: { from: PlainDate; to: PlainDate; time_zone: string },
): Promise<{ users: bigint | null; storage_bytes: bigint | null; api_calls: bigint }> {
  const edge = (day: PlainDate) => sql`${day}::date::timestamp at time zone ${time_zone}`
  const reading = (metric: Metric) => sql`(select u.quantity from public.usage_records u
    where u.tenant_id = ${tenant.id} and u.metric = ${metric} and u.at >= ${edge(from)} and u.at < ${edge(to)}
    order by u.at desc, u.recorded_at desc limit 1)`
  const found = await oneRow<{ users: bigint | null; storage_bytes: bigint | null; api_calls: string }>(
    ctx.db,
    sql`select ${reading('users')} as users, ${reading('storage_bytes')} as storage_bytes,
               (select coalesce(sum(u.quantity), 0)::text from public.usage_records u
                where u.tenant_id = ${tenant.id} and u.metric = 'api_calls' and u.at >= ${edge(from)} and u.at < ${edge(to)}) as api_calls`,
  )
  return { ...found, api_calls: BigInt(found.api_calls) }
}

function larger(
  seen: bigint | null,
  source: 'counted' | 'measured',
  recorded: bigint | null,
): Pick<MetricUsage, 'used' | 'source'> {
  if (recorded !== null && (seen === null || recorded > seen)) return { used: recorded, source: 'recorded' }
  return { used: seen, source: seen === null ? null : source }
}

function percentOf(used: bigint | null, limit: bigint | null): number | null {
  return used === null || limit === null ? null : Number((used * 1000n) / limit) / 10
}
