/** Finds one tenant by subdomain or id. */
import { firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid, schemaName, type SchemaName, type TenantId } from '../kernel/ids.js'
import type { Context } from '../kernel/context.js'

export interface PlacedTenant {
  id: TenantId
  subdomain: string
  status: string
  schema: SchemaName
  generation: number
}

/** A tenant, deleted ones too: those have no place any more. */
export interface KnownTenant {
  id: TenantId
  subdomain: string
  status: string
  place: { schema: SchemaName; generation: number } | null
}

/**
 * One that is not deleted: the schema's name of a deleted tenant may be another tenant's by now.
 * @throws not_found `tenant.not_found`; conflict `tenant.deleted`
 */
export async function findTenant(ctx: Pick<Context, 'db'>, subdomainOrId: string): Promise<PlacedTenant> {
  const { place, ...tenant } = await findKnownTenant(ctx, subdomainOrId)
  if (place && tenant.status !== 'deleted') return { ...tenant, ...place }
  throw new ErpmaxError('conflict', 'tenant.deleted', `${tenant.subdomain} is deleted`, {
    hint: `erpmax tenant history ${tenant.id}`,
    details: { tenant_id: tenant.id },
  })
}

/**
 * By its subdomain a deleted tenant is found only while no other one has taken the name; the last one is.
 * @throws not_found `tenant.not_found`
 */
export async function findKnownTenant(ctx: Pick<Context, 'db'>, subdomainOrId: string): Promise<KnownTenant> {
  const found = await firstRow<
    Omit<KnownTenant, 'place'> & { schema_name: string | null; generation: number | null }
  >(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, p.schema_name, p.generation
        from public.tenants t left join public.tenant_placements p on p.tenant_id = t.id
        where ${isUuid(subdomainOrId) ? sql`t.id = ${subdomainOrId}` : sql`t.subdomain = ${subdomainOrId.toLowerCase()}`}
        order by t.status = 'deleted', t.created_at desc limit 1`,
  )
  if (!found) {
    throw new ErpmaxError(
      'not_found',
      'tenant.not_found',
      `There is no tenant "${subdomainOrId.slice(0, 80)}"`,
      { hint: 'erpmax tenant list' },
    )
  }
  const { schema_name, generation, ...tenant } = found
  const place = schema_name === null ? null : { schema: schemaName(schema_name), generation: generation ?? 1 }
  return { ...tenant, place }
}
