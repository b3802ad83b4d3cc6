/** The whole content of a database as text, to compare and to search. */
import type { Place } from './place.js'

interface Table {
  name: string
}

/** Every row of the control plane, as `table {json}`. */
export async function controlPlane(place: Place, except: readonly string[] = []): Promise<Set<string>> {
  return place.connected(async (client) => {
    const { rows: tables } = await client.query<Table>(
      `select quote_ident(relname) as name from pg_catalog.pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> all($1) order by relname`,
      [except],
    )
    const found = await client.query<{ line: string }>(
      tables
        .map(({ name }) => `select '${name} ' || to_jsonb(t)::text as line from public.${name} t`)
        .join(' union all '),
    )
    return new Set(found.rows.map(({ line }) => line))
  })
}

/** One hash for each table of a schema, of all its rows. */
export async function schemaContent(place: Place, schema: string): Promise<Record<string, string>> {
  return place.connected(async (client) => {
    const { rows: tables } = await client.query<Table>(
      `select c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind = 'r'`,
      [schema],
    )
    const found = await client.query<{ name: string; hash: string }>(
      tables
        .map(
          ({ name }) =>
            `select '${name}' as name, md5(coalesce(string_agg(t::text, ';' order by t::text collate "C"), '')) as hash from "${schema}"."${name}" t`,
        )
        .join(' union all '),
    )
    return Object.fromEntries(found.rows.map(({ name, hash }) => [name, hash]))
  })
}

/**
 * Everything in the database, a line each: the rows of every schema, what there is of schemas, tables, columns, keys,
 * functions and roles, and who may do what. Numbers of sequences are left out: nobody takes those back.
 */
export async function wholeDatabase(place: Place): Promise<string[]> {
  return place.connected(async (client) => {
    const lines = async (text: string): Promise<string[]> =>
      (await client.query<{ line: string }>(text)).rows.map(({ line }) => line)
    const tables = await lines(
      `select format('%I.%I', n.nspname, c.relname) as line from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' order by 1`,
    )
    const content = await lines(
      tables
        .map((name) => `select '${name.replaceAll("'", "''")} ' || to_jsonb(t)::text as line from ${name} t`)
        .join(' union all '),
    )
    const catalogue = await lines(`
      select concat_ws(' ', 'schema', nspname, nspowner::regrole, nspacl) as line from pg_catalog.pg_namespace where nspname !~ '^pg_(temp|toast)'
      union all select concat_ws(' ', 'relation', oid::regclass, relkind, relowner::regrole, relacl) from pg_catalog.pg_class where relkind <> 't' and relnamespace::regnamespace::text !~ '^pg_temp'
      union all select concat_ws(' ', 'column', attrelid::regclass, attnum, attname, atttypid::regtype, attnotnull, attacl) from pg_catalog.pg_attribute a
        join pg_catalog.pg_class c on c.oid = attrelid and c.relkind in ('r', 'p', 'v') where attnum > 0 and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
      union all select concat_ws(' ', 'key', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_catalog.pg_constraint
      union all select concat_ws(' ', 'function', oid::regprocedure, proacl, md5(prosrc)) from pg_catalog.pg_proc
      union all select concat_ws(' ', 'role', rolname, rolcanlogin, rolpassword) from pg_catalog.pg_authid
      union all select concat_ws(' ', 'member', roleid::regrole, member::regrole) from pg_catalog.pg_auth_members
      union all select concat_ws(' ', 'setting', setdatabase, setrole, setconfig) from pg_catalog.pg_db_role_setting
      union all select concat_ws(' ', 'database', datname, datacl) from pg_catalog.pg_database
      union all select concat_ws(' ', 'default', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl) from pg_catalog.pg_default_acl`)
    return [...content, ...catalogue].sort()
  })
}

/** The lines of `before` that `after` has no longer: what somebody changed or deleted. */
export function missing(before: ReadonlySet<string>, after: ReadonlySet<string>): string[] {
  return [...before].filter((line) => !after.has(line))
}
