/** Takes a tenant's running subscription in hand for a change: what is due happens first, then nobody else touches it. */
import { changeOrRehearse } from '../database/rehearse.js'
import { firstRow, oneRow, sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { applyDue } from './apply.js'
import { assertTenantMay, type TenantAction } from './gate.js'
import { runningSubscription, type RunningSubscription } from './running.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface Held {
  tenant: PlacedTenant
  /** The day it is where the tenant is. */
  today: PlainDate
  subscription: RunningSubscription
}

export interface HoldOptions<Result> {
  /** What the tenant must be allowed to do. */
  action: TenantAction
  dryRun: boolean
  /** Where no subscription is running any more, instead of the error. */
  ended?: (ctx: Context, held: Omit<Held, 'subscription'>) => Promise<Result>
}

/**
 * Runs `work` in one transaction, which `dryRun` rolls back.
 * @throws not_found `tenant.not_found`; conflict `tenant.suspended` and its like, `subscription.none`
 */
export async function holdSubscription<Result>(
  ctx: Context,
  subdomainOrId: string,
  { action, dryRun, ended }: HoldOptions<Result>,
  work: (ctx: Context, held: Held) => Promise<Result>,
): Promise<Result> {
  const tenant = await findTenant(ctx, subdomainOrId)
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    await assertTenantMay(inner, tenant, action)
    const today = await todayOf(inner, tenant)
    // What can no longer be applied stays scheduled; the change may be the one that makes it possible again.
    await applyDue(inner, tenant, today)
    if (ended && !(await isRunning(inner, tenant))) return ended(inner, { tenant, today })
    const subscription = await runningSubscription(inner, tenant, today, { lock: true })
    return work(inner, { tenant, today, subscription })
  })
}

async function isRunning(ctx: Pick<Context, 'db'>, tenant: { id: TenantId }): Promise<boolean> {
  const found = await firstRow(
    ctx.db,
    sql`select 1 from public.subscriptions where tenant_id = ${tenant.id} and status <> 'cancelled'`,
  )
  return found !== null
}

/** The day it is where the tenant is. */
export async function todayOf(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenant: { id: TenantId },
): Promise<PlainDate> {
  const { time_zone } = await oneRow<{ time_zone: string }>(
    ctx.db,
    sql`select time_zone from public.tenants where id = ${tenant.id}`,
  )
  return dayIn(time_zone, ctx.clock.now())
}
