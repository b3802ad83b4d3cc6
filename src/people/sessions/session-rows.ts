/** Sessions and their refresh tokens as rows: begun, carried on, ended. */
import { execute, firstRow, oneRow, sql } from '../../database/sql.js'
import { newToken } from '../one-time-token.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'
import type { Secret } from '../../kernel/secret.js'

/** How long a refresh token waits to be used; each one that is used is followed by the next. */
export const refreshDays = 7

export interface RefreshToken {
  token: Secret
  expiresAt: Date
}

export interface SessionRow {
  id: string
  user_id: UserId
  tenant_id: TenantId
  status: string
  end_reason: string | null
  expires_at: Date
}

/** What became of the refresh token that was shown, and the session it belongs to. */
export interface FoundToken {
  status: string
  expires_at: Date
  session_id: string
  user_id: UserId
  tenant_id: TenantId
  email: string
  full_name: string
  language: string
  subdomain: string
  /** The tenant's name. */
  company: string
}

type RowContext = Pick<Context, 'db' | 'clock' | 'random'>

export async function beginSession(
  ctx: RowContext,
  userId: UserId,
  tenantId: TenantId,
): Promise<{ id: string; refresh: RefreshToken }> {
  const now = ctx.clock.now()
  // Of those that nobody can carry on any more a month is enough to look back on.
  const old = new Date(now.getTime() - 30 * 86_400_000)
  await execute(ctx.db, sql`delete from public.sessions where user_id = ${userId} and expires_at < ${old}`)
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.sessions (user_id, tenant_id, started_at, refreshed_at, expires_at)
        values (${userId}, ${tenantId}, ${now}, ${now}, ${refreshEnd(now)}) returning id`,
  )
  return { id, refresh: await issueRefresh(ctx, id) }
}

/** Without a lock: whoever decides by it locks the session and looks again. */
export async function findRefreshToken(ctx: Pick<Context, 'db'>, hash: Buffer): Promise<FoundToken | null> {
  return firstRow<FoundToken>(
    ctx.db,
    sql`select r.status, r.expires_at, r.session_id, s.user_id, s.tenant_id, u.email, u.full_name, u.language, t.subdomain, t.name as company
        from public.refresh_tokens r join public.sessions s on s.id = r.session_id
        join public.users u on u.id = s.user_id join public.tenants t on t.id = s.tenant_id
        where r.token_hash = ${hash}`,
  )
}

/** Held until the transaction ends. Whoever needs the user's row too takes that first. */
export async function lockSession(ctx: Pick<Context, 'db'>, id: string): Promise<SessionRow | null> {
  return firstRow<SessionRow>(
    ctx.db,
    sql`select id, user_id, tenant_id, status, end_reason, expires_at from public.sessions where id = ${id} for update`,
  )
}

/** The token that was shown is used up, and the session has its next one, in this tenant. */
export async function carryOn(
  ctx: RowContext,
  session: Pick<SessionRow, 'id'>,
  hash: Buffer,
  tenantId: TenantId,
): Promise<RefreshToken> {
  const now = ctx.clock.now()
  await execute(
    ctx.db,
    sql`update public.refresh_tokens set status = 'used', used_at = ${now} where token_hash = ${hash}`,
  )
  await execute(
    ctx.db,
    sql`delete from public.refresh_tokens where session_id = ${session.id} and status = 'used' and expires_at <= ${now}`,
  )
  await execute(
    ctx.db,
    sql`update public.sessions set refreshed_at = ${now}, expires_at = ${refreshEnd(now)}, tenant_id = ${tenantId} where id = ${session.id}`,
  )
  return issueRefresh(ctx, session.id)
}

/** @returns whether it was active */
export async function endSession(
  ctx: Pick<Context, 'db' | 'clock'>,
  id: string,
  reason: string,
): Promise<boolean> {
  const ended = await execute(
    ctx.db,
    sql`update public.sessions set status = 'ended', ended_at = ${ctx.clock.now()}, end_reason = ${reason}
        where id = ${id} and status = 'active'`,
  )
  return ended > 0
}

async function issueRefresh(ctx: RowContext, sessionId: string): Promise<RefreshToken> {
  const { token, hash } = newToken(ctx)
  const now = ctx.clock.now()
  const expiresAt = refreshEnd(now)
  await execute(
    ctx.db,
    sql`insert into public.refresh_tokens (token_hash, session_id, issued_at, expires_at) values (${hash}, ${sessionId}, ${now}, ${expiresAt})`,
  )
  return { token, expiresAt }
}

function refreshEnd(now: Date): Date {
  return new Date(now.getTime() + refreshDays * 86_400_000)
}
