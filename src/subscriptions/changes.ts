/** The rows of a subscription's changes: applied at once, or scheduled for a day and withdrawn or applied later; each is announced. */
import { execute, oneRow, rows, sql } from '../database/sql.js'
import { announceChange } from './announce.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { SubscriptionId } from '../kernel/ids.js'

export type ChangeKind =
  | 'start'
  | 'add_module'
  | 'remove_module'
  | 'tier'
  | 'cycle'
  | 'cancel'
  | 'resume'
  | 'extend_trial'
  | 'end_trial'

export interface NewChange {
  subscriptionId: SubscriptionId
  kind: ChangeKind
  status: 'scheduled' | 'applied'
  module?: string
  before?: Record<string, unknown>
  after?: Record<string, unknown>
  effectiveOn: PlainDate
  reason?: string | null
}

export interface ScheduledChange {
  id: string
  kind: ChangeKind
  module_code: string | null
  before: Record<string, unknown>
  after: Record<string, unknown>
  effective_on: PlainDate
  reason: string | null
}

/** @returns the id of the change */
export async function recordChange(ctx: Pick<Context, 'db' | 'actor'>, change: NewChange): Promise<string> {
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.subscription_changes
          (subscription_id, kind, status, module_code, before, after, effective_on, reason, operator, decided_at)
        values (${change.subscriptionId}, ${change.kind}, ${change.status}, ${change.module ?? null},
                ${JSON.stringify(change.before ?? {})}, ${JSON.stringify(change.after ?? {})}, ${change.effectiveOn},
                ${change.reason ?? null}, ${ctx.actor.operator},
                case when ${change.status}::text = 'applied' then clock_timestamp() end)
        returning id`,
  )
  await announceChange(ctx, id)
  return id
}

/** What waits for its day, earliest first. */
export async function scheduledChanges(
  ctx: Pick<Context, 'db'>,
  subscriptionId: SubscriptionId,
): Promise<ScheduledChange[]> {
  return rows<ScheduledChange>(
    ctx.db,
    sql`select id, kind, module_code, before, after, effective_on, reason from public.subscription_changes
        where subscription_id = ${subscriptionId} and status = 'scheduled' order by effective_on, created_at`,
  )
}

/** Ends a scheduled change: it happened, or was taken back. Whoever does it says what took its place. */
export async function decideChange(
  ctx: Pick<Context, 'db'>,
  id: string,
  status: 'applied' | 'withdrawn',
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.subscription_changes set status = ${status}, decided_at = clock_timestamp()
        where id = ${id} and status = 'scheduled'`,
  )
}

/** A scheduled change has happened: what it changed is written as it was found on its day. */
export async function applyChange(
  ctx: Pick<Context, 'db'>,
  id: string,
  {
    before,
    after,
    effectiveOn,
  }: { before: Record<string, unknown>; after: Record<string, unknown>; effectiveOn: PlainDate },
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.subscription_changes
        set status = 'applied', before = ${JSON.stringify(before)}, after = ${JSON.stringify(after)},
            effective_on = ${effectiveOn}, decided_at = clock_timestamp()
        where id = ${id} and status = 'scheduled'`,
  )
  await announceChange(ctx, id)
}
