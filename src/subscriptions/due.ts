/** Which tenants have something due: found through the indexes of what waits for its day, never by asking each tenant. */
import { rows, sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { schemaName, type TenantId } from '../kernel/ids.js'
import type { Context } from '../kernel/context.js'
import type { PlacedTenant } from '../tenants/find.js'

export interface DueTenant extends PlacedTenant {
  /** What is due on this day or before, in the tenant's time zone. */
  day: PlainDate
}

/** Where a day begins first. */
const earliestZone = 'Pacific/Kiritimati'

export interface DueOptions {
  /** Null: today, wherever the tenant is. */
  asOf: PlainDate | null
  /** A day that has not come yet may be looked at, not applied. */
  dryRun: boolean
}

/**
 * In the order of their subdomains.
 * @param among these tenants alone; null: all of them
 * @throws usage `apply.in_future`
 */
export async function dueTenants(
  ctx: Pick<Context, 'db' | 'clock'>,
  { asOf, dryRun }: DueOptions,
  among: readonly TenantId[] | null = null,
): Promise<DueTenant[]> {
  const now = ctx.clock.now()
  const latest = dayIn(earliestZone, now)
  if (asOf !== null && asOf > latest && !dryRun) {
    throw new ErpmaxError('usage', 'apply.in_future', `${asOf} has not come yet: nothing is due on it`, {
      hint: `erpmax subscription apply --as-of ${asOf} --dry-run`,
    })
  }
  const found = await rows<
    Omit<DueTenant, 'day' | 'schema'> & { schema_name: string; time_zone: string; first_due: PlainDate }
  >(
    ctx.db,
    sql`with due as (
          select subscription_id, min(day) as first_due from (
            select id as subscription_id, trial_ends_on as day from public.subscriptions
              where status = 'trialing' and trial_ends_on <= ${asOf ?? latest}::date
            union all
            select id, cancel_on from public.subscriptions
              where cancel_on is not null and status <> 'cancelled' and cancel_on <= ${asOf ?? latest}::date
            union all
            select subscription_id, effective_on from public.subscription_changes
              where status = 'scheduled' and effective_on <= ${asOf ?? latest}::date
          ) waiting group by subscription_id)
        select t.id, t.subdomain, t.status, p.schema_name, p.generation, t.time_zone, due.first_due
        from due
        join public.subscriptions s on s.id = due.subscription_id
        join public.tenants t on t.id = s.tenant_id
        join public.tenant_placements p on p.tenant_id = t.id
        where s.status <> 'cancelled' and t.status <> 'deleted'
          ${among === null ? sql`` : sql`and t.id = any(${[...among]}::uuid[])`}
        order by t.subdomain`,
  )
  return found.flatMap(({ schema_name, time_zone, first_due, ...tenant }) => {
    const day = dueDay(time_zone, now, { asOf, dryRun })
    return first_due <= day ? [{ ...tenant, schema: schemaName(schema_name), day }] : []
  })
}

/** Today where the tenant is; an earlier day that was asked for; a later one only to look at. */
export function dueDay(timeZone: string, now: Date, { asOf, dryRun }: DueOptions): PlainDate {
  const today = dayIn(timeZone, now)
  if (asOf === null) return today
  return asOf < today || dryRun ? asOf : today
}
