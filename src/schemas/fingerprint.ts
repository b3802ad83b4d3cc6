/** What is in a schema, told by one hash: names, types and keys of its tables, columns, indexes and references. */
import type { SchemaCounts } from './baseline.js'

/**
 * One query, found from the schema's oid by way of pg_depend (under a millisecond with a thousand tenants,
 * where information_schema takes seconds). Deparsed expressions stay out: they differ between major versions. So do
 * the numbers of columns: one that was lost and made again has another.
 * $1: the schema's name. Columns: fingerprint, tables, columns, indexes, references (text of counts).
 */
export const fingerprintQuery = `
with rel as (
  select c.oid, c.relname
  from pg_catalog.pg_namespace n
  join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = n.oid
    and d.classid = 'pg_catalog.pg_class'::regclass
  join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'p')
  where n.nspname = $1
), col as (
  select format('c %s.%s %s %s %s', rel.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef) as line
  from rel join pg_catalog.pg_attribute a on a.attrelid = rel.oid and a.attnum > 0 and not a.attisdropped
), idx as (
  select format('i %s %s %s %s', rel.relname, i.relname, x.indisunique,
                (select string_agg(a.attname, ' ' order by a.attnum) from pg_catalog.pg_attribute a where a.attrelid = i.oid)) as line
  from rel join pg_catalog.pg_index x on x.indrelid = rel.oid and x.indisvalid join pg_catalog.pg_class i on i.oid = x.indexrelid
), con as (
  select k.contype, format('k %s %s %s %s %s', rel.relname, k.conname, k.contype, k.confdeltype, f.relname) as line
  from rel join pg_catalog.pg_constraint k on k.conrelid = rel.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
  left join pg_catalog.pg_class f on f.oid = k.confrelid
), line as (
  select 't ' || relname as line from rel
  union all select line from col
  union all select line from idx
  union all select line from con
)
select md5(coalesce(string_agg(line, E'\\n' order by line collate "C"), '')) as fingerprint,
       (select count(*) from rel)::int as tables,
       (select count(*) from col)::int as columns,
       (select count(*) from idx)::int as indexes,
       (select count(*) from con where contype = 'f')::int as references
from line`

export interface Fingerprint extends SchemaCounts {
  fingerprint: string
}
