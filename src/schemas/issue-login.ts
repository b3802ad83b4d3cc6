/** Makes the database role of a tenant's ERP, or gives it a new password; refuses where it would reach too much. */
import { firstRow, identifier, oneRow, rows, sql, verbatim } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { findLogin, grantSchema } from './login-role.js'
import { closeServer, requireIsolated } from './login-reach.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName, TenantId } from '../kernel/ids.js'

/** Sessions at once; a pool of 10 twice over. */
const connectionLimit = 20

export interface LoginRequest {
  tenantId: TenantId
  subdomain: string
  schema: SchemaName
  /** What Postgres keeps of the password. */
  verifier: string
  /** A new password for a role that is there. */
  rotate: boolean
  /** Whether the whole server is this program's own, so that what everybody may do there is for it to decide. */
  ownServer: boolean
}

export interface IssuedLogin {
  role: string
  created: boolean
  rotated: boolean
}

interface DatabaseUser {
  name: string
  database: string
  superuser: boolean
  may_create_roles: boolean
  version: number
}

/**
 * In the caller's transaction. One at a time in this database: rights on shared objects are rows that two
 * transactions may not change at once.
 */
export async function issueLogin(
  ctx: Pick<Context, 'db' | 'warn'>,
  request: LoginRequest,
): Promise<IssuedLogin> {
  await rows(ctx.db, sql`lock table public.tenant_logins in share row exclusive mode`)
  const login = await findLogin(ctx, request.tenantId)
  if (login?.role && !request.rotate) return { role: login.role, created: false, rotated: false }
  const me = await databaseUser(ctx)
  const role = login?.role ?? (await createRole(ctx, request, me))
  if (login?.role) await renew(ctx, request, login.role, login.may_alter, me)
  if (request.ownServer) await closeServer(ctx)
  await openDoors(ctx, role)
  await grantSchema(ctx, request.tenantId)
  await requireIsolated(ctx, role, request.schema)
  return { role, created: !login?.role, rotated: Boolean(login?.role) }
}

async function createRole(
  ctx: Pick<Context, 'db'>,
  { tenantId, subdomain, schema, verifier }: LoginRequest,
  me: DatabaseUser,
): Promise<string> {
  if (!me.may_create_roles) {
    throw new ErpmaxError(
      'dependency',
      'login.no_createrole',
      `The database user "${me.name}" may not create roles`,
      {
        hint: `As a superuser: alter role ${quoted(me.name)} createrole`,
        details: { user: me.name },
        retryable: false,
      },
    )
  }
  const name = await freeName(ctx, schema, tenantId)
  const role = identifier(name)
  await rows(
    ctx.db,
    sql`create role ${role} login connection limit ${verbatim(String(connectionLimit))} password ${literal(verifier)}`,
  )
  // To end its sessions and to drop what it was given, one must be a member; a superuser is one of every role.
  if (!me.superuser) {
    const options = me.version >= 160_000 ? ' with inherit true, set false' : ''
    await rows(ctx.db, sql`grant ${role} to ${identifier(me.name)}${verbatim(options)}`)
  }
  await rows(
    ctx.db,
    sql`alter role ${role} in database ${identifier(me.database)} set search_path = ${identifier(schema)}`,
  )
  await rows(
    ctx.db,
    sql`comment on role ${role} is ${literal(`erpmax: the ERP of ${subdomain}, database ${me.database}`)}`,
  )
  await rows(
    ctx.db,
    sql`insert into public.tenant_logins (tenant_id, role_name, role_oid, database_oid)
        select ${tenantId}, r.rolname, r.oid, d.oid from pg_catalog.pg_roles r, pg_catalog.pg_database d
        where r.rolname = ${name} and d.datname = ${me.database}
        on conflict (tenant_id) do update
          set role_name = excluded.role_name, role_oid = excluded.role_oid, database_oid = excluded.database_oid,
              created_at = excluded.created_at, rotated_at = null, disabled_at = null`,
  )
  return name
}

async function renew(
  ctx: Pick<Context, 'db'>,
  { tenantId, verifier }: LoginRequest,
  role: string,
  mayAlter: boolean,
  me: DatabaseUser,
): Promise<void> {
  if (!mayAlter) {
    throw new ErpmaxError(
      'dependency',
      'login.not_ours',
      `The role ${role} was made by another database user: "${me.name}" may not alter it`,
      {
        hint: `As a superuser: grant ${quoted(role)} to ${quoted(me.name)} with admin option`,
        details: { role, user: me.name },
        retryable: false,
      },
    )
  }
  await rows(ctx.db, sql`alter role ${identifier(role)} login password ${literal(verifier)}`)
  await rows(
    ctx.db,
    sql`update public.tenant_logins set rotated_at = clock_timestamp(), disabled_at = null where tenant_id = ${tenantId}`,
  )
}

/** Roles belong to the whole server: the schema's name may be the role of another database's tenant. */
async function freeName(ctx: Pick<Context, 'db'>, schema: SchemaName, tenantId: TenantId): Promise<string> {
  const candidates = [schema, `${schema.slice(0, 54)}_${tenantId.slice(0, 8)}`, `tenant_${tenantId}`]
  const free = await firstRow<{ name: string }>(
    ctx.db,
    sql`select c.name from unnest(${candidates}::text[]) with ordinality c (name, place)
        where not exists (select 1 from pg_catalog.pg_roles r where r.rolname = c.name)
          and not exists (select 1 from public.tenant_logins l where l.role_name = c.name and l.tenant_id <> ${tenantId})
        order by c.place limit 1`,
  )
  if (free) return free.name
  throw new ErpmaxError('conflict', 'login.name_taken', `The roles ${candidates.join(', ')} exist already`, {
    hint: `drop role ${quoted(schema)}, if nobody uses it`,
    details: { roles: candidates },
  })
}

/** On most servers everybody may connect and look into public; where that was taken away it is given to the role. */
async function openDoors(ctx: Pick<Context, 'db'>, role: string): Promise<void> {
  const doors = await oneRow<{ database: string; may_connect: boolean; may_look: boolean }>(
    ctx.db,
    sql`select current_database() as database,
               pg_catalog.has_database_privilege(${role}::name, current_database(), 'CONNECT') as may_connect,
               pg_catalog.has_schema_privilege(${role}::name, 'public', 'USAGE') as may_look`,
  )
  if (!doors.may_connect)
    await rows(ctx.db, sql`grant connect on database ${identifier(doors.database)} to ${identifier(role)}`)
  if (!doors.may_look) await rows(ctx.db, sql`grant usage on schema public to ${identifier(role)}`)
}

async function databaseUser(ctx: Pick<Context, 'db'>): Promise<DatabaseUser> {
  return oneRow<DatabaseUser>(
    ctx.db,
    sql`select r.rolname as name, current_database() as database, r.rolsuper as superuser,
               r.rolsuper or r.rolcreaterole as may_create_roles, current_setting('server_version_num')::int as version
        from pg_catalog.pg_roles r where r.rolname = current_user`,
  )
}

function quoted(name: string): string {
  return identifier(name).text
}

/** Utility statements take no bound values. */
function literal(text: string) {
  return verbatim(`'${text.replaceAll("'", "''")}'`)
}
