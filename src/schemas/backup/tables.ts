/** What of a schema goes into a backup: its tables with their columns, each after those it refers to, and its sequences. */
import { identifier, join, rows, sql } from '../../database/sql.js'
import { loadBaseline } from '../baseline.js'
import { fillingOrder, referencesIn } from './order.js'
import type { Context } from '../../kernel/context.js'
import type { Section, Sequence } from './manifest.js'

export const controlPlaneGroup = 'control plane'

/** Which migrations were applied is in the head, and must be so already where the rest goes. */
const migrationTables = ['knex_migrations', 'knex_migrations_lock']

export interface CopiedTable {
  name: string
  /** The module it belongs to; `other` for what is nobody's. */
  group: string
  /** Those that hold data of their own: the server makes the generated ones itself. */
  columns: string[]
  /** Whether its file has no byte: whatever the snapshot, there is no row in it. */
  empty: boolean
}

/** The tables of a tenant's schema, in the order in which they can be filled; unknown ones at the end. */
export async function tenantTables(ctx: Pick<Context, 'db'>, schema: string): Promise<CopiedTable[]> {
  const { tables } = await loadBaseline()
  const places = new Map(tables.map(({ name, module }, index) => [name, { index, module }]))
  const found = await tablesWithColumns(ctx, schema)
  return found
    .map((table) => ({ ...table, group: places.get(table.name)?.module ?? 'other' }))
    .sort((a, b) => (places.get(a.name)?.index ?? Infinity) - (places.get(b.name)?.index ?? Infinity) || 0)
}

/** The tables of the control plane, in an order in which they can be filled; not those of the migrations themselves. */
export async function controlPlaneTables(ctx: Pick<Context, 'db'>): Promise<CopiedTable[]> {
  const found = await tablesWithColumns(ctx, 'public')
  const tables = new Map(
    found.filter(({ name }) => !migrationTables.includes(name)).map((table) => [table.name, table]),
  )
  const order = fillingOrder([...tables.keys()], await referencesIn(ctx, 'public'))
  return order.flatMap((name) => {
    const table = tables.get(name)
    return table ? [{ ...table, group: controlPlaneGroup }] : []
  })
}

/** By name. */
export async function tablesWithColumns(
  ctx: Pick<Context, 'db'>,
  schema: string,
): Promise<Omit<CopiedTable, 'group'>[]> {
  return rows(
    ctx.db,
    sql`select c.relname as name,
               coalesce(array_agg(a.attname::text order by a.attnum) filter (where a.attname is not null), '{}') as columns,
               pg_catalog.pg_relation_size(c.oid) = 0 as empty
        from pg_catalog.pg_namespace n
        join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = n.oid
          and d.classid = 'pg_catalog.pg_class'::regclass
        join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'r'
        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        where n.nspname = ${schema} group by c.oid, c.relname order by c.relname collate "C"`,
  )
}

/** Where each sequence of the schema stands. A sequence is of no snapshot: it may be ahead, never behind. */
export async function sequencesOf(ctx: Pick<Context, 'db'>, schema: string): Promise<Sequence[]> {
  const names = await rows<{ name: string }>(
    ctx.db,
    sql`select c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = ${schema} and c.relkind = 'S' order by c.relname collate "C"`,
  )
  if (names.length === 0) return []
  const selects = names.map(
    ({
      name,
    }) => sql`select ${schema}::text as schema, ${name}::text as name, last_value::text as last_value, is_called
                      from ${identifier(schema)}.${identifier(name)}`,
  )
  return rows<Sequence>(ctx.db, join(selects, ' union all '))
}

/** The sections of the tables in a schema. */
export function sectionsOf(
  schema: string,
  tables: readonly CopiedTable[],
): (Section & Pick<CopiedTable, 'empty'>)[] {
  return tables.map((table) => ({ kind: 'table', schema, ...table }))
}

/** How many there are in each group, in the order in which the groups begin. */
export function groupSizes(sections: readonly Pick<Section, 'group'>[]): { name: string; total: number }[] {
  const sizes = new Map<string, number>()
  for (const { group } of sections) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return [...sizes].map(([name, total]) => ({ name, total }))
}
