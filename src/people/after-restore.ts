/** After the control plane was replaced by a backup: what was used, ended or rotated since would count again. */
import { execute, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

/**
 * Everybody logs in anew and asks for a new link. Keys come back on record where a machine still signs with them; one
 * that was rotated away since lies nowhere, and what it has signed counts no more.
 */
export async function endRestoredWaysIn(ctx: Pick<Context, 'db' | 'clock'>): Promise<void> {
  const now = ctx.clock.now()
  await execute(
    ctx.db,
    sql`update public.sessions set status = 'ended', ended_at = ${now}, end_reason = 'restored' where status = 'active'`,
  )
  await execute(
    ctx.db,
    sql`update public.password_resets set status = 'revoked', updated_at = now() where status = 'pending'`,
  )
  await execute(
    ctx.db,
    sql`update public.sso_tokens set status = 'revoked', ended_at = ${now} where status = 'issued'`,
  )
  await execute(ctx.db, sql`delete from public.signing_keys where status = 'active'`)
}
