/** Rows about a tenant that a backup keeps as they are: its settings and flags, from whichever of these tables there are. */
import { identifier, rows, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/** Tables of the control plane with a `tenant_id` whose rows mean the same in another tenant. */
const keptTables = ['tenant_features'] as const

export type KeptRows = Record<string, Record<string, unknown>[]>

/** What is of this installation or of this moment alone. */
const left = ['id', 'tenant_id', 'created_at', 'updated_at']

export async function readKeptRows(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<KeptRows> {
  const kept: KeptRows = {}
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

async function presentTables(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ name: string }>(
    ctx.db,
    sql`select name from unnest(${[...keptTables]}::text[]) as name where to_regclass('public.' || name) is not null`,
  )
  return found.map(({ name }) => name)
}
