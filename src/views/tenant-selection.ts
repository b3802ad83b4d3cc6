/** Which tenants a bulk command is about: named ones, or all that match, less those left out. */
import { join, rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid, schemaName, type TenantId } from '../kernel/ids.js'
import { filterConditions, filteredTenants, type TenantFilter } from './tenant-filter.js'
import type { PlacedTenant } from '../tenants/find.js'
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
  const where = await filterConditions(ctx, selector)
  if (selector.named !== null) where.push(sql`t.id = any(${await resolved(ctx, selector.named)}::uuid[])`)
  if (selector.exclude.length > 0)
    where.push(sql`t.id <> all(${await resolved(ctx, selector.exclude)}::uuid[])`)
  const found = await rows<Omit<PlacedTenant, 'schema'> & { schema_name: string }>(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, p.schema_name, p.generation from ${filteredTenants}
        where ${join(where, ' and ')} order by t.subdomain, t.id`,
  )
  return found.map(({ schema_name, ...tenant }) => ({ ...tenant, schema: schemaName(schema_name) }))
}

/** The ids of named tenants. */
async function resolved(ctx: Pick<Context, 'db'>, names: readonly string[]): Promise<TenantId[]> {
  const ids = names.filter((name) => isUuid(name)).map((name) => name.toLowerCase())
  const subdomains = names.filter((name) => !isUuid(name)).map((name) => name.toLowerCase())
  const found = await rows<{ id: TenantId; subdomain: string }>(
    ctx.db,
    sql`select id, subdomain from public.tenants
        where id = any(${ids}::uuid[]) or subdomain = any(${subdomains}::text[]) and status <> 'deleted'`,
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
