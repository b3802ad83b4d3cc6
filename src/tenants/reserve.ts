/** A tenant's row and placement at the beginning of its life. */
import { execute, firstRow, oneRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { schemaName, type SchemaName, type TenantId } from '../kernel/ids.js'
import { asOperator } from './move.js'
import { illegalState, readStanding } from './standing.js'
import { newSchemaName } from './subdomain.js'
import type { Context } from '../kernel/context.js'
import type { Profile } from './profile.js'

export interface ReservedTenant {
  id: TenantId
  schema: SchemaName
  generation: number
}

/** Takes the subdomain and its schema's name. A unique violation means that somebody else was faster. */
export async function reserveTenant(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  subdomain: string,
  profile: Profile,
): Promise<ReservedTenant> {
  await asOperator(ctx)
  const { id } = await oneRow<{ id: TenantId }>(
    ctx.db,
    sql`insert into public.tenants
          (subdomain, status, name, legal_name, industry, company_size, country_code, state_code, gst_state_code, gstin,
           gst_treatment, vat_id, billing_email, address_line1, address_line2, city, postal_code, time_zone, currency, language)
        values (${subdomain}, 'provisioning', ${profile.name}, ${profile.legal_name}, ${profile.industry}, ${profile.company_size},
                ${profile.country_code}, ${profile.state_code}, ${profile.gst_state_code}, ${profile.gstin},
                ${profile.gst_treatment}, ${profile.vat_id},
                ${profile.billing_email}, ${profile.address_line1}, ${profile.address_line2}, ${profile.city}, ${profile.postal_code},
                ${profile.time_zone}, ${profile.currency}, ${profile.language})
        returning id`,
  )
  const schema = newSchemaName(subdomain)
  await execute(
    ctx.db,
    sql`insert into public.tenant_placements (tenant_id, server_id, schema_name) values (${id}, ${await serverWithRoom(ctx)}, ${schema})`,
  )
  return { id, schema, generation: 1 }
}

/** Takes an unfinished tenant up again: `failed` becomes `provisioning`, and earlier holders are fenced off. */
export async function resumeTenant(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  id: TenantId,
): Promise<ReservedTenant> {
  await asOperator(ctx, 'an unfinished creation goes on')
  const taken = await execute(
    ctx.db,
    sql`update public.tenants set status = 'provisioning', updated_at = now()
        where id = ${id} and status in ('provisioning', 'failed')`,
  )
  // Between the look and this moment somebody may have begun to delete it.
  if (taken === 0) {
    const standing = await readStanding(ctx, id)
    throw illegalState(standing, `is ${standing.status}: its creation does not go on`)
  }
  const placed = await oneRow<{ schema_name: string; generation: number }>(
    ctx.db,
    sql`update public.tenant_placements set generation = generation + 1, updated_at = now() where tenant_id = ${id}
        returning schema_name, generation`,
  )
  return { id, schema: schemaName(placed.schema_name), generation: placed.generation }
}

export async function activateTenant(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  id: TenantId,
): Promise<void> {
  await asOperator(ctx, 'created')
  await execute(
    ctx.db,
    sql`update public.tenants set status = 'active', activated_at = coalesce(activated_at, now()), updated_at = now() where id = ${id}`,
  )
}

export async function failTenant(ctx: Pick<Context, 'db' | 'actor' | 'clock'>, id: TenantId): Promise<void> {
  await asOperator(ctx, 'its creation failed')
  await execute(
    ctx.db,
    sql`update public.tenants set status = 'failed', updated_at = now() where id = ${id} and status = 'provisioning'`,
  )
}

/** Gives the subdomain back; its schema must be gone, and the tenant never have been active. */
export async function releaseTenant(ctx: Pick<Context, 'db'>, id: TenantId): Promise<void> {
  await execute(ctx.db, sql`delete from public.tenants where id = ${id}`)
}

async function serverWithRoom(ctx: Pick<Context, 'db'>): Promise<string> {
  const server = await firstRow<{ id: string }>(
    ctx.db,
    sql`select s.id from public.database_servers s
        where s.status = 'open' and (select count(*) from public.tenant_placements p where p.server_id = s.id) < s.max_tenants
        order by s.created_at limit 1`,
  )
  if (server) return server.id
  throw new ErpmaxError('conflict', 'server.full', 'Every database server holds as many tenants as it may', {
    hint: 'Raise max_tenants of the server, or add another one',
  })
}
