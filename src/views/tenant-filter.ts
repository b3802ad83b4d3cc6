/** What --status, --tier and --module mean, wherever tenants are chosen by them: in `tenant list` and in every bulk command. */
import { sql, verbatim, type Sql } from '../database/sql.js'
import { dayIn } from '../kernel/dates.js'
import { readCatalogue } from '../subscriptions/catalogue.js'
import { findModule, findTier } from '../subscriptions/selection.js'
import { dayOfTenant } from '../tenants/local-day.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface TenantFilter {
  /** One of these; empty: every state but deleted. */
  status: readonly string[]
  /** In one of these, in capitals or not. */
  tier: readonly string[]
  /** Subscribed to all of these on the day it is where the tenant is. */
  module: readonly string[]
}

/** The tables that the conditions are about: t, p and, where a subscription runs, s; d of a tenant that is deleted. */
export const filteredTenants = verbatim(`public.tenants t
  left join public.tenant_placements p on p.tenant_id = t.id
  left join public.tenant_deletions d on d.tenant_id = t.id
  left join public.subscriptions s on s.tenant_id = t.id and s.status <> 'cancelled'`)

/**
 * @param alsoDeleted ids of tenants that count though they are deleted, where no state is asked for
 * @throws usage `tier.unknown`, `module.unknown`
 */
export async function filterConditions(
  ctx: Pick<Context, 'db' | 'clock'>,
  { status, tier, module }: TenantFilter,
  alsoDeleted: readonly TenantId[] = [],
): Promise<Sql[]> {
  const where = [
    status.length > 0
      ? sql`t.status = any(${status}::text[])`
      : sql`(t.status <> 'deleted' or t.id = any(${alsoDeleted}::uuid[]))`,
  ]
  if (tier.length + module.length === 0) return where
  const catalogue = await readCatalogue(ctx, dayIn('UTC', ctx.clock.now()))
  const tiers = tier.map((code) => findTier(catalogue, code).code)
  const modules = module.map((code) => findModule(catalogue, code).code)
  if (tiers.length > 0) where.push(sql`s.tier_code = any(${tiers}::text[])`)
  const held = modules.length > 0 ? heldOn(await dayOfTenant(ctx)) : sql`false`
  for (const code of modules) {
    where.push(sql`exists (select 1 from public.subscription_items i
      where i.subscription_id = s.id and i.product_code = ${code} and ${held})`)
  }
  return where
}

/** That the item i is a module which is held on the day. */
export function heldOn(day: Sql): Sql {
  return sql`i.kind = 'module' and i.active @> ${day}`
}
