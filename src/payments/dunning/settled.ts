/** Tenants that owe nothing overdue any more and stand as if they did: what came in by psql lifts nothing by itself. */
import { rows, sql } from '../../database/sql.js'
import { holdAccount, liftWhenSettled } from '../../billing/book/account.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

export interface SettledTenant {
  id: TenantId
  subdomain: string
}

export async function settledTenants(ctx: Pick<Context, 'db' | 'clock'>): Promise<SettledTenant[]> {
  return rows<SettledTenant>(
    ctx.db,
    // Two small sets, each by its index: nobody else is looked at.
    sql`with marked as (
          select id from public.tenants where status = 'suspended' and suspension_cause = 'billing'
          union
          select tenant_id from public.subscriptions where status in ('past_due', 'suspended'))
        select t.id, t.subdomain from marked join public.tenants t using (id)
        where t.status in ('active', 'suspended')
          and not exists (select 1 from public.invoices i where i.tenant_id = t.id and i.status in ('open', 'uncollectible')
                          and i.due_date < (${ctx.clock.now()}::timestamptz at time zone t.time_zone)::date)
        order by t.subdomain`,
  )
}

/** In the caller's transaction; what has become overdue meanwhile stays as it is. */
export async function restoreSettled(
  ctx: Pick<Context, 'db' | 'actor' | 'warn' | 'clock'>,
  { id }: SettledTenant,
): Promise<void> {
  await holdAccount(ctx, id)
  await liftWhenSettled(ctx, id)
}
