/** Ends the subscription of a tenant that is deleted: no item is held from today on, and nothing waits any more. */
import { firstRow, sql } from '../database/sql.js'
import { cancelOn } from './cancel.js'
import { recordChange } from './changes.js'
import { runningSubscription } from './running.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { SubscriptionId, TenantId } from '../kernel/ids.js'

/**
 * Writes no adjustment: nobody is left to be credited. Whoever is owed something has the subscription cancelled
 * before the deletion.
 * @param today where the tenant is
 * @returns false where none was running
 */
export async function endSubscription(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenant: { id: TenantId; subdomain: string },
  today: PlainDate,
  reason: string,
): Promise<boolean> {
  const running = await firstRow<{ id: SubscriptionId; status: string; cancel_on: PlainDate | null }>(
    ctx.db,
    sql`select id, status, cancel_on from public.subscriptions where tenant_id = ${tenant.id} and status <> 'cancelled' for update`,
  )
  if (!running) return false
  const changeId = await recordChange(ctx, {
    subscriptionId: running.id,
    kind: 'cancel',
    status: 'applied',
    before: { status: running.status, cancel_on: running.cancel_on },
    after: { status: 'cancelled', cancel_on: today },
    effectiveOn: today,
    reason,
  })
  const subscription = await runningSubscription(ctx, tenant, today, { lock: true })
  await cancelOn(ctx, subscription, { on: today, changeId, chargedUntil: null })
  return true
}
