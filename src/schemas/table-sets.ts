/** Which tables the schemas of a fleet hold, against those that each should: one look at the catalogue for all of them. */
import { rows, sql } from '../database/sql.js'
import { loadSnapshot } from './baseline.js'
import type { Context } from '../kernel/context.js'

export interface TableSet {
  schema: string
  tables: number
  missing: string[]
  extra: string[]
}

/** The schemas that there are of these; null: every one that is named like a tenant's. */
export async function tableSets(
  ctx: Pick<Context, 'db'>,
  schemas: readonly string[] | null,
): Promise<TableSet[]> {
  const expected = Object.keys((await loadSnapshot()).tables)
  const wanted = schemas === null ? sql`starts_with(n.nspname, 'tenant_')` : sql`n.nspname = any(${schemas})`
  // By way of pg_depend, which knows the tables of one schema without reading those of all.
  return rows<TableSet>(
    ctx.db,
    sql`with expected as (select unnest(${expected}::text[]) as name), present as (
          select n.nspname::text as schema, coalesce(array_agg(c.relname::text) filter (where c.oid is not null), '{}') as names
          from pg_catalog.pg_namespace n
          left join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = n.oid
            and d.classid = 'pg_catalog.pg_class'::regclass
          left join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'p')
          where ${wanted} group by n.nspname
        )
        select schema, cardinality(names) as tables,
               array(select name from expected except select unnest(names) order by 1) as missing,
               array(select unnest(names) except select name from expected order by 1) as extra
        from present order by schema`,
  )
}
