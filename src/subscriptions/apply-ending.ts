/** What ends on its day: a subscription that was cancelled, and a trial. */
import { execute, sql } from '../database/sql.js'
import { chargedUntil } from './apply-choice.js'
import { settled, told, type AppliedChange } from './applied.js'
import { cancelOn } from './cancel.js'
import { recordChange, type ScheduledChange } from './changes.js'
import { runningSubscription, type RunningSubscription } from './running.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'

/** @param change null: it stands on the row alone, as psql would write it, and gets its change when it happens */
export async function applyCancellation(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenant: { id: TenantId; subdomain: string },
  subscription: RunningSubscription,
  on: PlainDate,
  change: ScheduledChange | null,
): Promise<AppliedChange> {
  const { id, status } = subscription
  const [before, after] = [{ status }, { status: 'cancelled' }]
  const held = await runningSubscription(ctx, tenant, on)
  const changeId =
    change?.id ??
    (await recordChange(ctx, {
      ...{ subscriptionId: id, kind: 'cancel', status: 'applied', effectiveOn: on, before, after },
    }))
  await cancelOn(ctx, held, { on, changeId, chargedUntil: chargedUntil(subscription, on) })
  return change ? settled(ctx, change) : told('cancel', on, before, after)
}

/** Trials convert by themselves; the anchor is that day already. */
export async function endTrial(
  ctx: Pick<Context, 'db' | 'actor'>,
  subscription: RunningSubscription,
  on: PlainDate,
): Promise<AppliedChange> {
  await execute(
    ctx.db,
    sql`update public.subscriptions set status = 'active', updated_at = now() where id = ${subscription.id}`,
  )
  const before = { status: 'trialing' }
  const after = { status: 'active' }
  await recordChange(ctx, {
    ...{ subscriptionId: subscription.id, kind: 'end_trial', status: 'applied', effectiveOn: on },
    ...{ before, after },
  })
  return told('end_trial', on, before, after)
}
