/** A tenant as JSON output shows it. */
import { oneRow, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { Profile } from './profile.js'

export interface TenantJson extends Omit<Profile, 'country_code' | 'state_code'> {
  id: string
  subdomain: string
  status: string
  country: string
  state: string | null
  schema: string
  created_at: string
  activated_at: string | null
}

export async function readTenant(ctx: Pick<Context, 'db'>, id: TenantId): Promise<TenantJson> {
  const { created_at, activated_at, ...tenant } = await oneRow<
    Omit<TenantJson, 'created_at' | 'activated_at'> & { created_at: Date; activated_at: Date | null }
  >(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, t.name, t.legal_name, t.industry, t.company_size, t.country_code as country,
               t.state_code as state, t.gst_state_code, t.gstin, t.gst_treatment, t.vat_id, t.billing_email, t.address_line1,
               t.address_line2, t.city, t.postal_code, t.time_zone, t.currency, t.language, p.schema_name as schema, t.created_at, t.activated_at
        from public.tenants t join public.tenant_placements p on p.tenant_id = t.id where t.id = ${id}`,
  )
  return {
    ...tenant,
    created_at: created_at.toISOString(),
    activated_at: activated_at?.toISOString() ?? null,
  }
}
