/** Ends what somebody is, or could be, logged in with: on disabling, removal, a new password, or because they say so. */
import { execute, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { TenantId, UserId } from '../kernel/ids.js'

export interface Ending {
  /** Only the sessions in this tenant; null or left out: all. */
  tenantId?: TenantId | null
  /** A word such as `disabled`, `removed`, `password_reset`. */
  reason: string
}

/**
 * In the caller's transaction, which holds the user's or the membership's row already. Their access tokens are
 * refused from its commit on, and single sign-on tokens that wait, which a return within the minute would revive.
 * @returns how many sessions it ended; 0 where there was none any more
 */
export async function endSessions(
  ctx: Pick<Context, 'db' | 'clock'>,
  userId: UserId,
  { tenantId = null, reason }: Ending,
): Promise<number> {
  const now = ctx.clock.now()
  await execute(ctx.db, sql`update public.users set tokens_not_before = ${now} where id = ${userId}`)
  await execute(
    ctx.db,
    sql`update public.sso_tokens set status = 'revoked', ended_at = ${now}
        where user_id = ${userId} and status = 'issued' and expires_at > ${now}
          and (${tenantId}::uuid is null or tenant_id = ${tenantId})`,
  )
  return execute(
    ctx.db,
    sql`update public.sessions set status = 'ended', ended_at = ${now}, end_reason = ${reason}
        where user_id = ${userId} and status = 'active' and (${tenantId}::uuid is null or tenant_id = ${tenantId})`,
  )
}
