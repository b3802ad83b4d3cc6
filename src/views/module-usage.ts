/** `module usage`: how much of a tenant's data lies in the tables of each module. */
import { join, rows, identifier, sql } from '../database/sql.js'
import { dayIn } from '../kernel/dates.js'
import { loadSnapshot } from '../schemas/baseline.js'
import { findTenant } from '../tenants/find.js'
import { readTenant } from '../tenants/read.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName, TenantId } from '../kernel/ids.js'

export interface ModuleUsage {
  tenant: { id: string; subdomain: string }
  schema: string
  /** Whether rows were counted; else the planner's estimates are shown. */
  exact: boolean
  items: ModuleUsageItem[]
  next_cursor: null
  total: { tables: number; rows: number; bytes: number }
}

export interface ModuleUsageItem {
  /** Null: tables of no module. */
  module: string | null
  name: string | null
  subscribed: boolean
  tables: number
  rows: number
  /** With indexes and what is stored out of line. */
  bytes: number
}

interface TableSize {
  table: string
  rows: number
  bytes: number
}

/** Counted in one statement: few enough locks for the lock table of any server. */
const tablesAtOnce = 24

/** @throws not_found `tenant.not_found` */
export async function showUsage(
  ctx: Pick<Context, 'db' | 'clock' | 'signal'>,
  subdomainOrId: string,
  exact: boolean,
): Promise<ModuleUsage> {
  const { id, subdomain, schema } = await findTenant(ctx, subdomainOrId)
  const { tables: known } = await loadSnapshot()
  const sizes = await readSizes(ctx, schema)
  const counts = exact ? await countRows(ctx, schema, sizes) : null
  const modules = await readModules(ctx, id)
  const items: ModuleUsageItem[] = [...modules, { module: null, name: null, subscribed: false }].map(
    (module) => {
      const own = sizes.filter(({ table }) => (known[table]?.module ?? null) === module.module)
      return {
        ...module,
        tables: own.length,
        rows: sum(own.map(({ table, rows: estimate }) => counts?.get(table) ?? estimate)),
        bytes: sum(own.map(({ bytes }) => bytes)),
      }
    },
  )
  const shown = items.filter(({ module, tables }) => module !== null || tables > 0)
  return {
    tenant: { id, subdomain },
    schema,
    exact,
    items: shown,
    next_cursor: null,
    total: {
      tables: sizes.length,
      rows: sum(shown.map((item) => item.rows)),
      bytes: sum(shown.map(({ bytes }) => bytes)),
    },
  }
}

/** A table that was never analysed has no estimate of the planner's: what the statistics have counted stands in. */
function readSizes(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<TableSize[]> {
  return rows<TableSize>(
    ctx.db,
    sql`select c.relname as table, coalesce(pg_catalog.pg_total_relation_size(c.oid), 0)::float8 as bytes,
               (case when c.reltuples >= 0 then c.reltuples else coalesce(pg_catalog.pg_stat_get_live_tuples(c.oid), 0) end)::float8 as rows
        from pg_catalog.pg_namespace n
        join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = n.oid
          and d.classid = 'pg_catalog.pg_class'::regclass
        join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'p', 'm')
        where n.nspname = ${schema} order by c.relname collate "C"`,
  )
}

async function countRows(
  { db, signal }: Pick<Context, 'db' | 'signal'>,
  schema: SchemaName,
  tables: readonly TableSize[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (let at = 0; at < tables.length; at += tablesAtOnce) {
    signal.throwIfAborted()
    const batch = tables.slice(at, at + tablesAtOnce)
    const found = await rows<{ table: string; rows: number }>(
      db,
      join(
        batch.map(
          ({ table }) =>
            sql`select ${table}::text as table, count(*)::float8 as rows from ${identifier(schema)}.${identifier(table)}`,
        ),
        ' union all ',
      ),
    )
    for (const { table, rows: count } of found) counts.set(table, count)
  }
  return counts
}

/** All modules, in the order of the catalogue, and whether the tenant holds them today. */
async function readModules(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenantId: TenantId,
): Promise<{ module: string; name: string; subscribed: boolean }[]> {
  const { time_zone } = await readTenant(ctx, tenantId)
  const today = dayIn(time_zone, ctx.clock.now())
  return rows(
    ctx.db,
    sql`select m.code as module, m.name,
               exists (select 1 from public.subscription_items i join public.subscriptions s on s.id = i.subscription_id
                       where s.tenant_id = ${tenantId} and s.status <> 'cancelled' and i.kind = 'module'
                         and i.product_code = m.code and i.active @> ${today}::date) as subscribed
        from public.modules m order by m.position`,
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
