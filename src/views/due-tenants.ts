/** Which tenants `subscription apply` is about: the one that is named, the chosen ones with something due, or all of these. */
import { oneRow, sql } from '../database/sql.js'
import { dueDay, dueTenants, type DueOptions, type DueTenant } from '../subscriptions/due.js'
import { findTenant } from '../tenants/find.js'
import { selectTenants, type TenantSelector } from './tenant-selection.js'
import type { Context } from '../kernel/context.js'

/**
 * @param chosen a subdomain or id: that tenant, due or not; null: every tenant
 * @throws not_found `tenant.not_found`; usage `apply.in_future`
 */
export async function selectDue(
  ctx: Pick<Context, 'db' | 'clock'>,
  chosen: string | TenantSelector | null,
  options: DueOptions,
): Promise<DueTenant[]> {
  if (chosen === null) return dueTenants(ctx, options)
  if (typeof chosen !== 'string') {
    const tenants = await selectTenants(ctx, chosen)
    return dueTenants(
      ctx,
      options,
      tenants.map(({ id }) => id),
    )
  }
  const tenant = await findTenant(ctx, chosen)
  const due = await dueTenants(ctx, options, [tenant.id])
  if (due.length > 0) return due
  const { time_zone } = await oneRow<{ time_zone: string }>(
    ctx.db,
    sql`select time_zone from public.tenants where id = ${tenant.id}`,
  )
  return [{ ...tenant, day: dueDay(time_zone, ctx.clock.now(), options) }]
}
