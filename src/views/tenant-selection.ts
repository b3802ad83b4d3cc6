/** Which tenants a bulk command is about: named ones, or all that match, less those left out. */
import { join, rows, sql, type Sql } from '../database/sql.js'
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid, schemaName, type SchemaName, type TenantId } from '../kernel/ids.js'
import type { PlacedTenant } from '../tenants/find.js'
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
  const { named, status, tier, module, exclude } = selector
  const today = dayIn('UTC', ctx.clock.now())
  const where: Sql[] = [
    status.length > 0 ? sql`t.status = any(${status}::text[])` : sql`t.status <> 'deleted'`,
  ]
  if (tier.length > 0) where.push(sql`s.tier_code = any(${tier.map((code) => code.toUpperCase())}::text[])`)
  for (const code of module) {
    where.push(sql`exists (select 1 from public.subscription_items i where i.subscription_id = s.id and i.kind = 'module'
      and i.product_code = ${code} and i.active @> ${today}::date)`)
  }
  const all = await rows<{
    id: TenantId
    subdomain: string
    status: string
    schema_name: string
    generation: number
  }>(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, p.schema_name, p.generation from public.tenants t
        join public.tenant_placements p on p.tenant_id = t.id
        left join public.subscriptions s on s.tenant_id = t.id and s.status <> 'cancelled'
        where ${join(where, ' and ')} order by t.subdomain`,
  )
  const left = await resolved(ctx, exclude)
  const chosen = named === null ? null : await resolved(ctx, named)
  return all
    .filter(({ id }) => !left.has(id) && (chosen === null || chosen.has(id)))
    .map(({ schema_name, ...tenant }) => ({ ...tenant, schema: placed(schema_name) }))
}

function placed(name: string): SchemaName {
  return schemaName(name)
}

/** The ids of named tenants. */
async function resolved(ctx: Pick<Context, 'db'>, names: readonly string[]): Promise<Set<TenantId>> {
  if (names.length === 0) return new Set()
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
  return new Set(found.map(({ id }) => id))
}
