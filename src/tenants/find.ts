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

/** @throws not_found `tenant.not_found` */
export async function findTenant(ctx: Pick<Context, 'db'>, subdomainOrId: string): Promise<PlacedTenant> {
  const found = await firstRow<Omit<PlacedTenant, 'schema'> & { schema_name: string }>(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, p.schema_name, p.generation
        from public.tenants t join public.tenant_placements p on p.tenant_id = t.id
        where ${isUuid(subdomainOrId) ? sql`t.id = ${subdomainOrId}` : sql`t.subdomain = ${subdomainOrId.toLowerCase()}`}
        order by t.status = 'deleted' limit 1`,
  )
  if (!found) {
    throw new ErpmaxError(
      'not_found',
      'tenant.not_found',
      `There is no tenant "${subdomainOrId.slice(0, 80)}"`,
      { hint: 'erpmax tenant list' },
    )
  }
  const { schema_name, ...tenant } = found
  return { ...tenant, schema: schemaName(schema_name) }
}
