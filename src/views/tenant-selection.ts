/** Which tenants a bulk command is about: named ones, or all that match, less those left out. */
import { join, rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid, schemaName, type TenantId } from '../kernel/ids.js'
import { filterConditions, filteredTenants, type TenantFilter } from './tenant-filter.js'
import type { KnownTenant, PlacedTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

export interface TenantSelector extends TenantFilter {
  /** Subdomains or ids; null: every tenant that the filters let through. */
  named: readonly string[] | null
  exclude: readonly string[]
}

/**
 * In the order of their subdomains, each once.
 * @throws not_found `tenant.not_found` where a named or excluded one does not exist
 * @throws usage `tier.unknown`, `module.unknown`
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
  { named, exclude, ...filter }: TenantSelector,
  { deleted = true } = {},
): Promise<KnownTenant[]> {
  const left = await resolved(ctx, exclude, deleted)
  const chosen = named === null ? null : await resolved(ctx, named, deleted)
  const where = await filterConditions(ctx, filter, deleted ? (chosen ?? []) : [])
  if (chosen) where.push(sql`t.id = any(${chosen}::uuid[])`)
  if (left.length > 0) where.push(sql`t.id <> all(${left}::uuid[])`)
  const found = await rows<{
    id: TenantId
    subdomain: string
    status: string
    schema_name: string | null
    generation: number | null
  }>(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, p.schema_name, p.generation from ${filteredTenants}
        where ${join(where, ' and ')} order by t.subdomain, t.id`,
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
