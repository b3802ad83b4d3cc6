/** Verifies the schema of one tenant or of the whole fleet, an outcome at a time. */
import { rows, sql } from '../database/sql.js'
import { schemaName } from '../kernel/ids.js'
import { verifySchema, type SchemaVerdict } from '../schemas/verify.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

export interface TenantVerdict extends SchemaVerdict {
  tenant: string
  status: string
  ok: boolean
}

/** Every tenant that should have a schema: all but those whose state says it is not whole. */
export async function* verifyFleet(ctx: Pick<Context, 'db'>): AsyncGenerator<TenantVerdict, void, void> {
  const fleet = await rows<{ subdomain: string; status: string; schema_name: string }>(
    ctx.db,
    sql`select t.subdomain, t.status, p.schema_name from public.tenants t join public.tenant_placements p on p.tenant_id = t.id
        where t.status in ('active', 'suspended', 'archived') order by t.subdomain`,
  )
  for (const { subdomain, status, schema_name } of fleet) {
    const verdict = await verifySchema(ctx, schemaName(schema_name))
    yield { tenant: subdomain, status, ok: verdict.state === 'whole', ...verdict }
  }
}

export async function verifyTenant(ctx: Pick<Context, 'db'>, subdomainOrId: string): Promise<TenantVerdict> {
  const { subdomain, status, schema } = await findTenant(ctx, subdomainOrId)
  const verdict = await verifySchema(ctx, schema)
  return { tenant: subdomain, status, ok: verdict.state === 'whole', ...verdict }
}
