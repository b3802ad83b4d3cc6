/** The database role of a tenant's ERP once it exists: shut out, let in again, given its schema's rights, dropped. */
import { execute, firstRow, identifier, rows, sql, type Sql } from '../database/sql.js'
import { isDependedOn, isPermissionDenied } from '../database/sql-errors.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

type LoginContext = Pick<Context, 'db' | 'warn'>

export interface Login {
  schema: string
  schema_exists: boolean
  /** Null where the role is gone, or the one of that name was made by another database. */
  role: string | null
  disabled: boolean
  /** Whether this database user may alter and drop the role. */
  may_alter: boolean
  /** Whether it may end the role's sessions. */
  may_end_sessions: boolean
}

/** Locked for the rest of the transaction; null where no credentials were ever made. */
export async function findLogin(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<Login | null> {
  return firstRow<Login>(
    ctx.db,
    sql`select p.schema_name as schema, n.oid is not null as schema_exists, r.rolname as role, l.disabled_at is not null as disabled,
               coalesce(me.rolsuper or me.rolcreaterole and (current_setting('server_version_num')::int < 160000
                 or pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION')), false) as may_alter,
               coalesce(me.rolsuper or pg_catalog.pg_has_role(me.oid, r.oid, 'USAGE')
                 or pg_catalog.pg_has_role(me.oid, 'pg_signal_backend', 'USAGE'), false) as may_end_sessions
        from public.tenant_logins l
        join public.tenant_placements p on p.tenant_id = l.tenant_id
        join pg_catalog.pg_roles me on me.rolname = current_user
        left join pg_catalog.pg_database d on d.datname = current_database() and d.oid = l.database_oid
        left join pg_catalog.pg_roles r on r.oid = l.role_oid and r.rolname = l.role_name and d.oid is not null
        left join pg_catalog.pg_namespace n on n.nspname = p.schema_name
        where l.tenant_id = ${tenantId} for update of l`,
  )
}

/**
 * Refuses further logins, takes the schema away and ends the sessions. A session that begins before the caller's
 * transaction commits stays, and reaches nothing: its schema is closed. Does nothing where there is no role.
 */
export async function disableLogin(ctx: LoginContext, tenantId: TenantId): Promise<void> {
  const login = await findLogin(ctx, tenantId)
  if (!login) return
  if (login.role !== null) {
    const role = identifier(login.role)
    if (login.schema_exists)
      await rows(ctx.db, sql`revoke usage on schema ${identifier(login.schema)} from ${role}`)
    if (login.may_alter) await rows(ctx.db, sql`alter role ${role} nologin`)
    else warnUnaltered(ctx, login.role, 'nologin')
    await endSessions(ctx, login)
  }
  await execute(
    ctx.db,
    sql`update public.tenant_logins set disabled_at = coalesce(disabled_at, clock_timestamp()) where tenant_id = ${tenantId}`,
  )
}

/** Takes `disableLogin` back; the password is the one it was. */
export async function enableLogin(ctx: LoginContext, tenantId: TenantId): Promise<void> {
  const login = await findLogin(ctx, tenantId)
  if (!login) return
  if (login.role !== null) {
    if (login.may_alter) await rows(ctx.db, sql`alter role ${identifier(login.role)} login`)
    else if (login.disabled) warnUnaltered(ctx, login.role, 'login')
  }
  await execute(ctx.db, sql`update public.tenant_logins set disabled_at = null where tenant_id = ${tenantId}`)
  await grantSchema(ctx, tenantId)
}

/** Makes the role what the rows say, where those came from a backup: shut out, or let in with its schema's rights. */
export async function alignLogin(
  ctx: LoginContext,
  tenantId: TenantId,
): Promise<'none' | 'missing' | 'there'> {
  const login = await findLogin(ctx, tenantId)
  if (!login) return 'none'
  if (login.role === null) return 'missing'
  await (login.disabled ? disableLogin : enableLogin)(ctx, tenantId)
  return 'there'
}

/** Removes the role with all its rights in this database. Does nothing where there is none. */
export async function dropLogin(ctx: LoginContext, tenantId: TenantId): Promise<void> {
  await disableLogin(ctx, tenantId)
  const login = await findLogin(ctx, tenantId)
  if (!login) return
  if (login.role !== null && !(login.may_alter && (await dropRole(ctx, login.role)))) {
    ctx.warn({
      code: 'login.not_dropped',
      message: `The role ${login.role} stays, disabled: another database or another owner holds on to it`,
    })
  }
  await execute(ctx.db, sql`delete from public.tenant_logins where tenant_id = ${tenantId}`)
}

/**
 * Gives the role its rights on the schema as it is now and on tables to come: to be called whenever a schema was
 * built anew, since its rights went with the old one. Does nothing where there is no role or no schema.
 */
export async function grantSchema(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<void> {
  const login = await findLogin(ctx, tenantId)
  if (login === null || login.role === null || !login.schema_exists) return
  const role = identifier(login.role)
  const schema = identifier(login.schema)
  const grants: Sql[] = [
    sql`grant select, insert, update, delete on all tables in schema ${schema} to ${role}`,
    sql`grant usage, select on all sequences in schema ${schema} to ${role}`,
    sql`alter default privileges in schema ${schema} grant select, insert, update, delete on tables to ${role}`,
    sql`alter default privileges in schema ${schema} grant usage, select on sequences to ${role}`,
  ]
  if (!login.disabled) grants.push(sql`grant usage on schema ${schema} to ${role}`)
  for (const grant of grants) await rows(ctx.db, grant)
}

/** Ends what the role has open, as far as this database user may. */
export async function endSessions(ctx: Pick<Context, 'db'>, login: Login): Promise<void> {
  if (login.role === null || !login.may_end_sessions) return
  await rows(
    ctx.db,
    sql`select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where usename = ${login.role}`,
  )
}

/** False where something outside this database refers to it, or it is another user's: then nothing is changed. */
async function dropRole(ctx: Pick<Context, 'db'>, name: string): Promise<boolean> {
  const role = identifier(name)
  try {
    await ctx.db.transaction(async (inner) => {
      await rows(inner, sql`drop owned by ${role}`)
      await rows(inner, sql`drop role ${role}`)
    })
    return true
  } catch (error) {
    if (isDependedOn(error) || isPermissionDenied(error)) return false
    throw error
  }
}

function warnUnaltered(ctx: LoginContext, role: string, change: 'login' | 'nologin'): void {
  ctx.warn({
    code: 'login.not_altered',
    message: `The role ${role} belongs to another database user: its schema is ${change === 'login' ? 'open' : 'closed'} to it, its login is unchanged (as a superuser: alter role "${role}" ${change})`,
  })
}
