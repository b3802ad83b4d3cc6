/** A subscription whose invoices are not paid: past due, and with its tenant suspended. Settling everything lifts both. */
import { firstRow, execute, sql } from '../database/sql.js'
import { enqueue } from '../operations/outbox.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/**
 * One in its trial owes nothing of it, and stays.
 * @param key makes the event one: of what it is past due for
 */
export async function markPastDue(
  ctx: Pick<Context, 'db'>,
  tenant: { id: TenantId; subdomain: string },
  { key, invoice }: { key: string; invoice: string },
): Promise<void> {
  const marked = await firstRow(
    ctx.db,
    sql`update public.subscriptions set status = 'past_due', updated_at = now()
        where tenant_id = ${tenant.id} and status = 'active' returning id`,
  )
  if (!marked) return
  await enqueue(ctx, {
    ...{ topic: 'subscription.past_due', key, tenantId: tenant.id },
    payload: { subdomain: tenant.subdomain, invoice },
  })
}

/** Together with its tenant, that billing has suspended: nothing is invoiced for it meanwhile. */
export async function suspendSubscription(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.subscriptions set status = 'suspended', updated_at = now() where tenant_id = ${tenantId} and status = 'past_due'`,
  )
}
