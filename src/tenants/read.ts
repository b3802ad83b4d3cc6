/** A tenant as JSON output shows it. */
import { firstRow, oneRow, sql } from '../database/sql.js'
import { readStanding, standingJson, type StandingJson } from './standing.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { Profile } from './profile.js'
import type { Settings } from './settings.js'

export interface TenantJson extends Omit<Profile, 'country_code' | 'state_code'> {
  id: string
  subdomain: string
  status: string
  country: string
  state: string | null
  /** Of a deleted tenant: what its schema was called. */
  schema: string
  created_at: string
  activated_at: string | null
}

/** With where it stands in its life, and its free settings. */
export interface WholeTenantJson extends TenantJson, Omit<StandingJson, keyof TenantJson> {
  settings: Settings
}

export interface DeletionJson {
  deleted_at: string
  operator: string
  reason: string | null
  subdomain: string
  schema_name: string
  tables_dropped: number
  memberships_removed: number
  users_deleted: number
  /** Users that another tenant still has on record as former members. */
  users_anonymised: number
  /** Of the last export of its data; null where there was none. */
  export_sha256: string | null
}

export async function readTenant(ctx: Pick<Context, 'db'>, id: TenantId): Promise<TenantJson> {
  const { created_at, activated_at, ...tenant } = await oneRow<
    Omit<TenantJson, 'created_at' | 'activated_at'> & { created_at: Date; activated_at: Date | null }
  >(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, t.name, t.legal_name, t.industry, t.company_size, t.country_code as country,
               t.state_code as state, t.gst_state_code, t.gstin, t.gst_treatment, t.vat_id, t.billing_email, t.address_line1, t.address_line2, t.city,
               t.postal_code, t.time_zone, t.currency, t.language, coalesce(p.schema_name, d.schema_name) as schema,
               t.created_at, t.activated_at
        from public.tenants t
        left join public.tenant_placements p on p.tenant_id = t.id
        left join public.tenant_deletions d on d.tenant_id = t.id
        where t.id = ${id}`,
  )
  return {
    ...tenant,
    created_at: created_at.toISOString(),
    activated_at: activated_at?.toISOString() ?? null,
  }
}

export async function readWholeTenant(ctx: Pick<Context, 'db'>, id: TenantId): Promise<WholeTenantJson> {
  const tenant = await readTenant(ctx, id)
  const { settings } = await oneRow<{ settings: Settings }>(
    ctx.db,
    sql`select settings from public.tenants where id = ${id}`,
  )
  return { ...tenant, ...standingJson(await readStanding(ctx, id)), settings }
}

/** What is on record of its deletion, or null. */
export async function readDeletion(ctx: Pick<Context, 'db'>, id: TenantId): Promise<DeletionJson | null> {
  const found = await firstRow<Omit<DeletionJson, 'deleted_at'> & { deleted_at: Date }>(
    ctx.db,
    sql`select deleted_at, operator, reason, subdomain, schema_name, tables_dropped, memberships_removed, users_deleted,
               users_anonymised, export_sha256
        from public.tenant_deletions where tenant_id = ${id}`,
  )
  return found && { ...found, deleted_at: found.deleted_at.toISOString() }
}
