/** Puts a tenant into a state as the rows say it, without what the commands do beside. */
import { execute, sql } from '../../src/database/sql.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'

/** As dunning leaves it: suspended for an unpaid invoice, its subscription past due. */
export async function suspendedByBilling(ctx: Pick<Context, 'db'>, id: TenantId): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.tenants set status = 'suspended', suspension_cause = 'billing', suspension_reason = 'unpaid' where id = ${id}`,
  )
  await execute(ctx.db, sql`update public.subscriptions set status = 'past_due' where tenant_id = ${id}`)
}

export async function archiveTenantRow(ctx: Pick<Context, 'db'>, id: TenantId): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.tenants set status = 'archived', suspension_cause = null where id = ${id}`,
  )
}
