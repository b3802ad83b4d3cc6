/** A tenant's schema as Postgres's catalogue has it, for the tests of its rules. */
import { rows, sql } from '../../src/database/sql.js'
import type { Context } from '../../src/kernel/context.js'
import type { SchemaName } from '../../src/kernel/ids.js'

export interface Column {
  table: string
  name: string
  type: string
  notNull: boolean
  default: string | null
}

export interface Constraint {
  table: string
  name: string
  kind: 'primary' | 'unique' | 'reference' | 'check' | 'exclusion'
  columns: string[]
  definition: string
}

export interface Reference {
  table: string
  name: string
  columns: string[]
  target: string
  /** Null where the target lies in the tenant's own schema. */
  foreignSchema: string | null
  targetColumns: string[]
  onDelete: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'
}

export interface Index {
  table: string
  name: string
  unique: boolean
  primary: boolean
  /** In order; null for an expression. */
  columns: (string | null)[]
  /** What is indexed, expressions and all. */
  keys: string
  predicate: string | null
}

export interface Table {
  name: string
  comment: string
  columns: Column[]
  constraints: Constraint[]
  references: Reference[]
  indexes: Index[]
}

/** Every table of the schema by name. */
export async function readCatalogue(
  ctx: Pick<Context, 'db'>,
  schema: SchemaName,
): Promise<Map<string, Table>> {
  const names = await rows<{ name: string; comment: string }>(
    ctx.db,
    sql`select c.relname as name, coalesce(obj_description(c.oid, 'pg_class'), '') as comment from pg_class c
        where c.relnamespace = to_regnamespace(${schema}) and c.relkind in ('r', 'p') order by 1`,
  )
  const tables = new Map<string, Table>(
    names.map((table) => [
      table.name,
      { ...table, columns: [], constraints: [], references: [], indexes: [] },
    ]),
  )
  for (const column of await columnsOf(ctx, schema)) tables.get(column.table)?.columns.push(column)
  for (const one of await constraintsOf(ctx, schema)) tables.get(one.table)?.constraints.push(one)
  for (const one of await referencesOf(ctx, schema)) tables.get(one.table)?.references.push(one)
  for (const index of await indexesOf(ctx, schema)) tables.get(index.table)?.indexes.push(index)
  return tables
}

function columnsOf(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<Column[]> {
  return rows(
    ctx.db,
    sql`select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
               a.attnotnull as "notNull", pg_get_expr(d.adbin, d.adrelid) as default
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = to_regnamespace(${schema}) and c.relkind in ('r', 'p') order by 1, a.attnum`,
  )
}

/** Not-null constraints stay out: they are columns' marks in Postgres before 18. */
function constraintsOf(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<Constraint[]> {
  return rows(
    ctx.db,
    sql`select c.relname as table, k.conname as name,
               case k.contype when 'p' then 'primary' when 'u' then 'unique' when 'f' then 'reference'
                              when 'c' then 'check' when 'x' then 'exclusion' end as kind,
               array(select a.attname::text from unnest(k.conkey) with ordinality u (number, place)
                     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number order by place) as columns,
               pg_get_constraintdef(k.oid) as definition
        from pg_constraint k join pg_class c on c.oid = k.conrelid
        where k.connamespace = to_regnamespace(${schema}) and k.contype in ('p', 'u', 'f', 'c', 'x') order by 1, 2`,
  )
}

function referencesOf(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<Reference[]> {
  return rows(
    ctx.db,
    sql`select c.relname as table, k.conname as name, t.relname as target,
               array(select a.attname::text from unnest(k.conkey) with ordinality u (number, place)
                     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number order by place) as columns,
               array(select a.attname::text from unnest(k.confkey) with ordinality u (number, place)
                     join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number order by place) as "targetColumns",
               case when t.relnamespace <> k.connamespace then t.relnamespace::regnamespace::text end as "foreignSchema",
               case k.confdeltype when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade'
                                  when 'n' then 'set null' when 'd' then 'set default' end as "onDelete"
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class t on t.oid = k.confrelid
        where k.connamespace = to_regnamespace(${schema}) and k.contype = 'f' order by 1, 2`,
  )
}

function indexesOf(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<Index[]> {
  return rows(
    ctx.db,
    sql`select t.relname as table, i.relname as name, x.indisunique as unique, x.indisprimary as primary,
               array(select a.attname::text from unnest(x.indkey::int2[]) with ordinality u (number, place)
                     left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = u.number and u.number > 0
                     order by place) as columns,
               regexp_replace(pg_get_indexdef(i.oid), '^.* USING ', '') as keys,
               pg_get_expr(x.indpred, x.indrelid) as predicate
        from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
        where t.relnamespace = to_regnamespace(${schema}) and t.relkind in ('r', 'p') order by 1, 2`,
  )
}
