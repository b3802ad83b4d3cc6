/** Verifies the schema of one tenant or of many, an outcome at a time. */
import { verifySchema, type SchemaVerdict } from '../schemas/verify.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { statesWithSchema } from '../tenants/states.js'
import type { Context } from '../kernel/context.js'

export interface TenantVerdict extends SchemaVerdict {
  tenant: string
  status: string
  ok: boolean
}

/** The states to look at: those asked for; any where tenants are named; else those in which a schema is whole. */
export function verifiable({
  named,
  status,
}: {
  named: readonly string[] | null
  status: readonly string[]
}): readonly string[] {
  return named === null && status.length === 0 ? statesWithSchema : status
}

export async function* verifyTenants(
  ctx: Pick<Context, 'db'>,
  tenants: readonly PlacedTenant[],
): AsyncGenerator<TenantVerdict, void, void> {
  for (const tenant of tenants) yield await verdictOf(ctx, tenant)
}

export async function verifyTenant(ctx: Pick<Context, 'db'>, subdomainOrId: string): Promise<TenantVerdict> {
  return verdictOf(ctx, await findTenant(ctx, subdomainOrId))
}

async function verdictOf(
  ctx: Pick<Context, 'db'>,
  { subdomain, status, schema }: PlacedTenant,
): Promise<TenantVerdict> {
  const verdict = await verifySchema(ctx, schema)
  return { tenant: subdomain, status, ok: verdict.state === 'whole', ...verdict }
}
