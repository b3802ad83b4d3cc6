/** What a backup keeps about a tenant beside its profile: its settings and its flags, as far as there are such tables. */
import { execute, firstRow, identifier, join, rows, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/** Tables of the control plane with a `tenant_id` whose rows mean the same in another tenant. */
const keptTables = ['tenant_features'] as const

/** Rows by table; the settings are the one row of `settings`. */
export type KeptRows = Record<string, Record<string, unknown>[]>

/** What is of this installation or of one moment alone. */
const left = ['id', 'tenant_id', 'created_at', 'updated_at']

export async function readKeptRows(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<KeptRows> {
  const kept: KeptRows = {}
  const tenant = await firstRow<{ settings: Record<string, unknown> | null }>(
    ctx.db,
    sql`select to_jsonb(t) -> 'settings' as settings from public.tenants t where t.id = ${tenantId}`,
  )
  if (tenant?.settings) kept.settings = [tenant.settings]
  for (const table of await presentTables(ctx)) {
    const found = await rows<{ row: Record<string, unknown> }>(
      ctx.db,
      sql`select to_jsonb(t) - ${left}::text[] as row from public.${identifier(table)} t
          where t.tenant_id = ${tenantId} order by (to_jsonb(t) - ${left}::text[])::text`,
    )
    kept[table] = found.map(({ row }) => row)
  }
  return kept
}

/** Puts them in the place of what there is now. Tables that this installation does not know are left out. */
export async function restoreKeptRows(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  kept: KeptRows,
): Promise<void> {
  const [settings] = kept.settings ?? []
  if (settings && (await columnsOf(ctx, 'tenants')).includes('settings')) {
    await execute(
      ctx.db,
      sql`update public.tenants set settings = ${JSON.stringify(settings)}::jsonb where id = ${tenantId}`,
    )
  }
  for (const table of await presentTables(ctx)) {
    const lines = kept[table]
    if (!lines) continue
    const name = identifier(table)
    await execute(ctx.db, sql`delete from public.${name} where tenant_id = ${tenantId}`)
    const columns = (await columnsOf(ctx, table)).filter((column) => !left.includes(column))
    const list = join(columns.map(identifier), ', ')
    await execute(
      ctx.db,
      sql`insert into public.${name} (tenant_id, ${list})
          select ${tenantId}, ${list} from jsonb_populate_recordset(null::public.${name}, ${JSON.stringify(lines)}::jsonb)`,
    )
  }
}

async function presentTables(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ name: string }>(
    ctx.db,
    sql`select name from unnest(${[...keptTables]}::text[]) as name where to_regclass('public.' || name) is not null`,
  )
  return found.map(({ name }) => name)
}

async function columnsOf(ctx: Pick<Context, 'db'>, table: string): Promise<string[]> {
  const found = await rows<{ name: string }>(
    ctx.db,
    sql`select attname as name from pg_catalog.pg_attribute
        where attrelid = to_regclass(${`public.${table}`}) and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
  )
  return found.map(({ name }) => name)
}
