/** What a tenant's role can reach beyond its own schema: of the control plane its entitlements, of other tenants nothing. */
import { identifier, oneRow, rows, sql, verbatim } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName } from '../kernel/ids.js'

const shown = 20

/** @throws conflict `login.not_isolated` with what everybody may reach on this server, and so the role too */
export async function requireIsolated(
  ctx: Pick<Context, 'db'>,
  role: string,
  schema: SchemaName,
): Promise<void> {
  const found = await reachOf(ctx, role, schema)
  if (found.length === 0) return
  const things = found.map(({ thing }) => thing)
  throw new ErpmaxError(
    'conflict',
    'login.not_isolated',
    `On this database everybody may reach ${things.slice(0, 3).join(', ')}${things.length > 3 ? ` and ${things.length - 3} more` : ''}: a tenant's role could too`,
    {
      hint: `psql "$(erpmax db url)" -c '${found[0]?.remedy}'`,
      details: { reachable: things.slice(0, shown), total: things.length },
    },
  )
}

/** What is open to every role of this server, and so to the login of each tenant. */
export interface Openness {
  /** Of the control plane and of tenants' schemas, with the statement that closes it. */
  reachable: { thing: string; remedy: string }[]
  /** Functions that a session can keep others waiting with, or fill the server by. */
  functions: string[]
  /** Beside this one. */
  databases: string[]
}

export async function openToAll(ctx: Pick<Context, 'db'>): Promise<Openness> {
  return { reachable: await reachOf(ctx, 'public', null), ...(await sharedDoors(ctx)) }
}

/** Objects of the control plane's owner; what others keep in this database is theirs to close. */
async function reachOf(
  ctx: Pick<Context, 'db'>,
  role: string,
  schema: SchemaName | null,
): Promise<Openness['reachable']> {
  return rows(
    ctx.db,
    sql`with open_schema as (
          select n.oid, n.nspname from pg_catalog.pg_namespace n
          where n.nspname not in ('pg_catalog', 'information_schema', ${schema ?? ''}) and n.nspname !~ '^pg_(toast|temp)'
            and pg_catalog.has_schema_privilege(${role}::name, n.oid, 'USAGE')
        ), owner as (
          select relowner as oid from pg_catalog.pg_class where oid = 'public.tenants'::regclass
        )
        select 'relation ' || c.oid::regclass::text as thing, format('revoke all on %s from public', c.oid::regclass) as remedy
        from open_schema n join pg_catalog.pg_class c on c.relnamespace = n.oid join owner on owner.oid = c.relowner
        where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.oid <> 'public.my_entitlements'::regclass
          and (pg_catalog.has_table_privilege(${role}::name, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
            or pg_catalog.has_any_column_privilege(${role}::name, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
        union all
        select 'sequence ' || c.oid::regclass::text, format('revoke all on sequence %s from public', c.oid::regclass)
        from open_schema n join pg_catalog.pg_class c on c.relnamespace = n.oid join owner on owner.oid = c.relowner
        where case when c.relkind = 'S' then pg_catalog.has_sequence_privilege(${role}::name, c.oid, 'USAGE, SELECT, UPDATE') end
        union all
        select 'function ' || p.oid::regprocedure::text, format('revoke execute on function %s from public', p.oid::regprocedure)
        from open_schema n join pg_catalog.pg_proc p on p.pronamespace = n.oid join owner on owner.oid = p.proowner
        where p.oid <> 'public.my_entitlements()'::regprocedure and pg_catalog.has_function_privilege(${role}::name, p.oid, 'EXECUTE')
          and not exists (select 1 from pg_catalog.pg_depend d
                          where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
        union all
        select 'creation in schema ' || n.nspname, format('revoke create on schema %I from public', n.nspname)
        from pg_catalog.pg_namespace n
        where n.nspname !~ '^pg_(toast|temp)' and pg_catalog.has_schema_privilege(${role}::name, n.oid, 'CREATE')
        order by 1`,
  )
}

/** Numbers and objects that all sessions of a database share: one tenant could hold what another waits for. */
const sharedFunctions = [
  ...['lock', 'lock_shared', 'xact_lock', 'xact_lock_shared'].flatMap((kind) =>
    ['pg_advisory', 'pg_try_advisory'].flatMap((name) =>
      ['bigint', 'integer, integer'].map((key) => `pg_catalog.${name}_${kind}(${key})`),
    ),
  ),
  ...['lo_creat(integer)', 'lo_create(oid)', 'lo_from_bytea(oid, bytea)'].map((name) => `pg_catalog.${name}`),
]

/**
 * On a server of our own, what everybody may do by default and no ERP should: advisory locks, with which it could
 * keep builds and migrations waiting, large objects, and the databases beside ours.
 */
export async function closeServer(ctx: Pick<Context, 'db'>): Promise<void> {
  const { functions, databases } = await sharedDoors(ctx)
  if (functions.length > 0)
    await rows(ctx.db, sql`${verbatim(`revoke execute on function ${functions.join(', ')} from public`)}`)
  for (const database of databases)
    await rows(ctx.db, sql`revoke connect on database ${identifier(database)} from public`)
}

async function sharedDoors(ctx: Pick<Context, 'db'>): Promise<Pick<Openness, 'functions' | 'databases'>> {
  return oneRow(
    ctx.db,
    sql`select array(select f::regprocedure::text from unnest(${sharedFunctions}::text[]) f
                     where pg_catalog.has_function_privilege('public', f::regprocedure, 'EXECUTE')) as functions,
               array(select d.datname::text from pg_catalog.pg_database d
                     where d.datname <> current_database() and d.datallowconn
                       and pg_catalog.has_database_privilege('public', d.oid, 'CONNECT') order by 1) as databases`,
  )
}
