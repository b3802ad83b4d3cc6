/** Ends the subscription of a tenant that is deleted: no item is held from today on, and nothing waits any more. */
import { execute, firstRow, sql } from '../database/sql.js'
import { decideChange, recordChange, scheduledChanges } from './changes.js'
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
  tenantId: TenantId,
  today: PlainDate,
  reason: string,
): Promise<boolean> {
  const running = await firstRow<{ id: SubscriptionId; status: string; cancel_on: PlainDate | null }>(
    ctx.db,
    sql`select id, status, cancel_on from public.subscriptions where tenant_id = ${tenantId} and status <> 'cancelled' for update`,
  )
  if (!running) return false
  for (const change of await scheduledChanges(ctx, running.id))
    await decideChange(ctx, change.id, 'withdrawn')
  await execute(
    ctx.db,
    sql`update public.subscription_items
        set active = daterange(lower(active), greatest(lower(active), ${today}::date)), updated_at = now()
        where subscription_id = ${running.id} and not isempty(active) and (upper_inf(active) or upper(active) > ${today}::date)`,
  )
  await execute(
    ctx.db,
    sql`update public.subscriptions set status = 'cancelled', cancel_on = ${today}, updated_at = now() where id = ${running.id}`,
  )
  await recordChange(ctx, {
    subscriptionId: running.id,
    kind: 'cancel',
    status: 'applied',
    before: { status: running.status, cancel_on: running.cancel_on },
    after: { status: 'cancelled', cancel_on: today },
    effectiveOn: today,
    reason,
  })
  return true
}
