/** Which tenants a bulk command is about: named ones, or all that match, less those left out. */
import { join, rows, sql, type Sql } from '../database/sql.js'
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid, schemaName, type TenantId } from '../kernel/ids.js'
import type { KnownTenant, PlacedTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

export interface TenantSelector {
  /** Subdomains or ids; null: every tenant that the filters let through. */
  named: readonly string[] | null
  /** Empty: every state but deleted. */
  status: readonly string[]
  tier: readonly string[]
  /** Subscribed to all of these now. */
  module: readonly string[]
  exclude: readonly string[]
}

/**
 * In the order of their subdomains, each once.
 * @throws not_found `tenant.not_found` where a named or excluded one does not exist
 */
export async function selectTenants(
  ctx: Pick<Context, 'db' | 'clock'>,
  selector: TenantSelector,
): Promise<PlacedTenant[]> {
  const chosen = await selectKnownTenants(ctx, selector, { deleted: false })
  return chosen.flatMap(({ place, ...tenant }) => (place ? [{ ...tenant, ...place }] : []))
}

/**
 * @param deleted whether a deleted tenant is found where it is named, by its subdomain while nobody else has that:
 * deleting the same names again is to find them
 * @throws not_found `tenant.not_found` where a named or excluded one does not exist
 */
export async function selectKnownTenants(
  ctx: Pick<Context, 'db' | 'clock'>,
  { named, status, tier, module, exclude }: TenantSelector,
  { deleted = true } = {},
): Promise<KnownTenant[]> {
  const today = dayIn('UTC', ctx.clock.now())
  const left = await resolved(ctx, exclude, deleted)
  const chosen = named === null ? null : await resolved(ctx, named, deleted)
  const where: Sql[] = [
    status.length > 0
      ? sql`t.status = any(${status}::text[])`
      : sql`(t.status <> 'deleted' or t.id = any(${deleted ? (chosen ?? []) : []}::uuid[]))`,
  ]
  if (chosen) where.push(sql`t.id = any(${chosen}::uuid[])`)
  if (left.length > 0) where.push(sql`t.id <> all(${left}::uuid[])`)
  if (tier.length > 0) where.push(sql`s.tier_code = any(${tier.map((code) => code.toUpperCase())}::text[])`)
  for (const code of module) {
    where.push(sql`exists (select 1 from public.subscription_items i where i.subscription_id = s.id and i.kind = 'module'
      and i.product_code = ${code} and i.active @> ${today}::date)`)
  }
  const found = await rows<{
    id: TenantId
    subdomain: string
    status: string
    schema_name: string | null
    generation: number | null
  }>(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, p.schema_name, p.generation from public.tenants t
        left join public.tenant_placements p on p.tenant_id = t.id
        left join public.subscriptions s on s.tenant_id = t.id and s.status <> 'cancelled'
        where ${join(where, ' and ')} order by t.subdomain`,
  )
  return found.map(({ schema_name, generation, ...tenant }) => ({
    ...tenant,
    place: schema_name === null ? null : { schema: schemaName(schema_name), generation: generation ?? 1 },
  }))
}

/** The ids of named tenants. */
async function resolved(
  ctx: Pick<Context, 'db'>,
  names: readonly string[],
  deleted: boolean,
): Promise<TenantId[]> {
  if (names.length === 0) return []
  const ids = names.filter((name) => isUuid(name)).map((name) => name.toLowerCase())
  const subdomains = names.filter((name) => !isUuid(name)).map((name) => name.toLowerCase())
  const lastOfItsName = sql`${deleted} and not exists (select 1 from public.tenants o
    where o.subdomain = t.subdomain and (o.status <> 'deleted' or o.created_at > t.created_at))`
  const found = await rows<{ id: TenantId; subdomain: string }>(
    ctx.db,
    sql`select t.id, t.subdomain from public.tenants t
        where t.id = any(${ids}::uuid[])
           or t.subdomain = any(${subdomains}::text[]) and (t.status <> 'deleted' or ${lastOfItsName})`,
  )
  const known = new Set<string>(found.flatMap(({ id, subdomain }) => [id, subdomain]))
  const unknown = [...ids, ...subdomains].find((name) => !known.has(name))
  if (unknown !== undefined) {
    throw new ErpmaxError('not_found', 'tenant.not_found', `There is no tenant "${unknown.slice(0, 80)}"`, {
      hint: 'erpmax tenant list',
    })
  }
  return found.map(({ id }) => id)
}
