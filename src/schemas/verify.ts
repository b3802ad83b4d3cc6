/** Compares a tenant's schema with `schema.json`: first by one hash, and by name where that differs. */
import { rows, Sql } from '../database/sql.js'
import { loadSnapshot, type SchemaCounts, type SnapshotTable } from './baseline.js'
import { lookAtSchema } from './look.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName } from '../kernel/ids.js'

export interface SchemaDifference {
  table: string
  /** `table`, `column`, `index` or `constraint`. */
  kind: 'table' | 'column' | 'index' | 'constraint'
  name: string
  problem: 'missing' | 'unexpected' | 'changed'
}

export interface SchemaVerdict extends SchemaCounts {
  schema: string
  state: 'absent' | 'whole' | 'different'
  version: string
  fingerprint: string
  differences: SchemaDifference[]
}

export async function verifySchema(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<SchemaVerdict> {
  const [look, snapshot] = [await lookAtSchema(ctx, schema), await loadSnapshot()]
  const differences = look.state === 'different' ? await differencesOf(ctx, schema, snapshot.tables) : []
  return { schema, version: snapshot.version, differences, ...look }
}

/** What `schema.json` holds of a schema, read from the catalogue; the snapshot is made by the same function. */
export async function describeSchema(
  ctx: Pick<Context, 'db'>,
  schema: SchemaName,
): Promise<Map<string, Omit<SnapshotTable, 'module' | 'area'>>> {
  const found = await rows<{
    table: string
    kind: 'table' | 'columns' | 'indexes' | 'constraints'
    name: string
    definition: string
  }>(ctx.db, new Sql(describeQuery.replace('$1', '?'), [schema]))
  const tables = new Map<string, Omit<SnapshotTable, 'module' | 'area'>>()
  for (const { table, kind, name, definition } of found) {
    const entry = tables.get(table) ?? { columns: {}, indexes: {}, constraints: {} }
    if (kind !== 'table') entry[kind][name] = definition
    tables.set(table, entry)
  }
  return tables
}

/** $1: the schema's name. */
const describeQuery = `
with rel as (
  select c.oid, c.relname, quote_ident(n.nspname) || '.' as prefix
  from pg_catalog.pg_namespace n
  join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = n.oid
    and d.classid = 'pg_catalog.pg_class'::regclass
  join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'p')
  where n.nspname = $1
)
select relname as table, 'table' as kind, relname as name, '' as definition, 0 as position from rel
union all
select rel.relname, 'columns', a.attname,
       format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
         || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''), a.attnum
from rel join pg_catalog.pg_attribute a on a.attrelid = rel.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_attrdef d on d.adrelid = rel.oid and d.adnum = a.attnum
union all
select rel.relname, 'indexes', i.relname, replace(pg_get_indexdef(i.oid), rel.prefix, ''), 0
from rel join pg_catalog.pg_index x on x.indrelid = rel.oid and x.indisvalid join pg_catalog.pg_class i on i.oid = x.indexrelid
union all
select rel.relname, 'constraints', k.conname, replace(pg_get_constraintdef(k.oid), rel.prefix, ''), 0
from rel join pg_catalog.pg_constraint k on k.conrelid = rel.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
order by 1, 2, 5, 3`

async function differencesOf(
  ctx: Pick<Context, 'db'>,
  schema: SchemaName,
  expected: Record<string, SnapshotTable>,
): Promise<SchemaDifference[]> {
  const actual = await describeSchema(ctx, schema)
  const found: SchemaDifference[] = []
  for (const [table, wanted] of Object.entries(expected)) {
    const present = actual.get(table)
    if (!present) found.push({ table, kind: 'table', name: table, problem: 'missing' })
    else {
      found.push(...compare(table, 'column', wanted.columns, present.columns))
      found.push(...compare(table, 'index', wanted.indexes, present.indexes))
      found.push(...compare(table, 'constraint', wanted.constraints, present.constraints))
    }
  }
  for (const table of actual.keys()) {
    if (!(table in expected)) found.push({ table, kind: 'table', name: table, problem: 'unexpected' })
  }
  return found
}

function compare(
  table: string,
  kind: SchemaDifference['kind'],
  wanted: Record<string, string>,
  present: Record<string, string>,
): SchemaDifference[] {
  const names = new Set([...Object.keys(wanted), ...Object.keys(present)])
  return [...names].flatMap((name): SchemaDifference[] => {
    if (!(name in present)) return [{ table, kind, name, problem: 'missing' }]
    if (!(name in wanted)) return [{ table, kind, name, problem: 'unexpected' }]
    const changed = comparable(wanted[name] ?? '') !== comparable(present[name] ?? '')
    return changed ? [{ table, kind, name, problem: 'changed' }] : []
  })
}

/** The part of a definition that every major version writes alike: deparsed expressions differ. */
function comparable(definition: string): string {
  if (/^(CHECK|EXCLUDE) /.test(definition)) return ''
  const index = /^(CREATE (?:UNIQUE )?INDEX .* USING \w+) (\([^()]*\)(?: NULLS NOT DISTINCT)?)?/.exec(
    definition,
  )
  return index ? `${index[1]} ${index[2] ?? 'by expression'}` : definition
}
