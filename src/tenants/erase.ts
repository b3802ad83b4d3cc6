/** What becomes of a deleted tenant's rows: the row stays, blank; the record of the deletion is written; the rest goes. */
import { execute, firstRow, identifier, rows, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { DeletionJson } from './read.js'

/**
 * Rows that a tenant leaves behind when it is deleted, though they would go with one that never was active: what
 * happened, what it had subscribed to, and what is still to be told.
 */
const kept = ['tenant_history', 'subscriptions', 'outbox', 'tenant_placements']

/** Whatever else belongs to it, found by its reference to tenants, so that no table is forgotten that comes later. */
export async function eraseRows(ctx: Pick<Context, 'db'>, id: TenantId): Promise<void> {
  const tables = await rows<{ name: string; key: string }>(
    ctx.db,
    sql`select c.relname as name, a.attname as key
        from pg_catalog.pg_constraint f
        join pg_catalog.pg_class c on c.oid = f.conrelid
        join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
        where f.contype = 'f' and f.confrelid = 'public.tenants'::regclass and f.confdeltype = 'c' and cardinality(f.conkey) = 1
          and c.relnamespace = 'public'::regnamespace and c.relname <> all(${kept}::text[])
        order by c.relname`,
  )
  for (const { name, key } of tables)
    await execute(ctx.db, sql`delete from public.${identifier(name)} where ${identifier(key)} = ${id}`)
}

/** Only the subdomain, the country, the zone and the currency stay, and the name is free for another tenant. */
export async function blankTenant(ctx: Pick<Context, 'db'>, id: TenantId): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.tenants
        set status = 'deleted', name = 'Deleted tenant', legal_name = 'Deleted tenant', industry = null, company_size = null,
            state_code = null, gst_state_code = null, gstin = null, gst_treatment = null, vat_id = null, billing_email = 'deleted@erpmax.invalid',
            address_line1 = null, address_line2 = null, city = null, postal_code = null, settings = '{}',
            suspension_cause = null, updated_at = now()
        where id = ${id}`,
  )
  await execute(ctx.db, sql`delete from public.tenant_placements where tenant_id = ${id}`)
}

/** The SHA-256 of the last export there is of it, or null. */
export async function lastExport(ctx: Pick<Context, 'db'>, id: TenantId): Promise<string | null> {
  const found = await firstRow<{ sha256: string }>(
    ctx.db,
    sql`select sha256 from public.backups where tenant_id = ${id} order by created_at desc limit 1`,
  )
  return found?.sha256 ?? null
}

export async function recordDeletion(
  ctx: Pick<Context, 'db' | 'actor'>,
  id: TenantId,
  deletion: Omit<DeletionJson, 'deleted_at' | 'operator'>,
): Promise<void> {
  const { reason, subdomain, schema_name, tables_dropped, export_sha256, ...people } = deletion
  await execute(
    ctx.db,
    sql`insert into public.tenant_deletions
          (tenant_id, operator, reason, subdomain, schema_name, tables_dropped, memberships_removed, users_deleted,
           users_anonymised, export_sha256)
        values (${id}, ${ctx.actor.operator}, ${reason}, ${subdomain}, ${schema_name}, ${tables_dropped},
                ${people.memberships_removed}, ${people.users_deleted}, ${people.users_anonymised}, ${export_sha256})`,
  )
}
