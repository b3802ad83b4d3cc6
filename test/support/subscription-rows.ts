/** A subscription's rows in short, and those that other parts of the program write. */
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { cancelOn } from '../../src/subscriptions/cancel.js'
import { recordChange } from '../../src/subscriptions/changes.js'
import { runningSubscription } from '../../src/subscriptions/running.js'
import type { Quote } from '../../src/billing/quote.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'
import type { TenantId } from '../../src/kernel/ids.js'

/** `Starter platform fee, unused 2026-04-20 2026-05-05 -2450` */
export function linesOf({ lines }: Quote): string[] {
  return lines.map(
    ({ description, from, to, amount_minor }) => `${description} ${from} ${to} ${amount_minor}`,
  )
}

/** What is held, ended or not: `STARTER monthly 2026-04-05 2026-04-20`. Free items are left out. */
export async function itemsOf(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select concat_ws(' ', i.product_code, p.cycle, lower(i.active), coalesce(upper(i.active)::text, 'on')) as line
        from public.subscription_items i
        join public.subscriptions s on s.id = i.subscription_id
        join public.prices p on p.id = i.price_id
        where s.tenant_id = ${tenantId} and i.product_code <> 'system_admin' and not isempty(i.active)
        order by lower(i.active), i.kind desc, i.product_code`,
  )
  return found.map(({ line }) => line)
}

/** `STARTER 2026-04-20 2026-05-05 tier` */
export async function adjustmentsOf(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select concat_ws(' ', i.product_code, lower(a.unused), upper(a.unused), c.kind) as line
        from public.subscription_adjustments a
        join public.subscription_items i on i.id = a.item_id
        join public.subscription_changes c on c.id = a.change_id
        join public.subscriptions s on s.id = a.subscription_id
        where s.tenant_id = ${tenantId} order by lower(a.unused), i.kind desc, i.product_code`,
  )
  return found.map(({ line }) => line)
}

export interface SubscriptionRow {
  id: string
  status: string
  tier_code: string
  cycle: string
  anchor_date: PlainDate
  next_billing_on: PlainDate | null
  trial_ends_on: PlainDate | null
  cancel_on: PlainDate | null
}

/** The running one, or the last. */
export async function rowOf(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<SubscriptionRow> {
  return oneRow<SubscriptionRow>(
    ctx.db,
    sql`select id, status, tier_code, cycle, anchor_date, next_billing_on, trial_ends_on, cancel_on from public.subscriptions
        where tenant_id = ${tenantId} order by status = 'cancelled', created_at desc limit 1`,
  )
}

/** As billing leaves it: everything before that day is billed. */
export async function billedUntil(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  day: PlainDate,
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.subscriptions set next_billing_on = ${day} where tenant_id = ${tenantId} and status <> 'cancelled'`,
  )
}

/** As `module unsubscribe` leaves it: the item ends on that day, and a change waits for it. */
export async function scheduleRemoval(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  module: string,
  on: PlainDate,
): Promise<string> {
  const { id } = await rowOf(ctx, tenantId)
  await execute(
    ctx.db,
    sql`update public.subscription_items set active = daterange(lower(active), ${on}::date)
        where subscription_id = ${id} and kind = 'module' and product_code = ${module} and upper_inf(active)`,
  )
  const change = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.subscription_changes (subscription_id, kind, status, module_code, after, effective_on, operator)
        values (${id}, 'remove_module', 'scheduled', ${module}, ${JSON.stringify({ to: on })}, ${on}, 'test') returning id`,
  )
  return change.id
}

/** `tier applied 2026-04-20`, the oldest first. */
export async function changesOf(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select concat_ws(' ', c.kind, c.module_code, c.status, c.effective_on) as line
        from public.subscription_changes c join public.subscriptions s on s.id = c.subscription_id
        where s.tenant_id = ${tenantId} order by c.created_at, c.kind`,
  )
  return found.map(({ line }) => line)
}

/** Cancelled as the program does it, with nothing given back. */
export async function cancelledOn(
  ctx: Context,
  tenant: { id: TenantId; subdomain: string },
  on: PlainDate,
): Promise<void> {
  await transaction(ctx, async (inner) => {
    const subscription = await runningSubscription(inner, tenant, on, { lock: true })
    const change = { kind: 'cancel', status: 'applied', effectiveOn: on } as const
    const changeId = await recordChange(inner, { subscriptionId: subscription.id, ...change })
    await cancelOn(inner, subscription, { on, changeId, chargedUntil: null })
  })
}
