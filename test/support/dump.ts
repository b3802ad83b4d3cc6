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

/** The lines of `before` that `after` has no longer: what somebody changed or deleted. */
export function missing(before: ReadonlySet<string>, after: ReadonlySet<string>): string[] {
  return [...before].filter((line) => !after.has(line))
}
