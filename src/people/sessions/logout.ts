/** `auth logout`: ends the session of a token, or every session of its user. */
import { firstRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { endSessions } from '../end-sessions.js'
import { hashOf } from '../one-time-token.js'
import { auditedRefusals, type Subject } from './audited.js'
import { endSession, findRefreshToken } from './session-rows.js'
import { isAccessToken } from './token-kinds.js'
import { readAccess } from './verify-access.js'
import type { Context } from '../../kernel/context.js'
import type { UserId } from '../../kernel/ids.js'

export interface LoggedOut {
  /** The session of the token; null where it belongs to none. */
  session: { id: string } | null
  user: { id: string; email: string }
  /** How many sessions this ended: 0 where they had ended before. */
  ended: number
}

type LogoutContext = Pick<Context, 'db' | 'clock' | 'signingKey' | 'actor'>

interface Bearer {
  userId: UserId
  sessionId: string | null
}

/**
 * Whatever the state of tenant, membership and user: leaving is always possible, twice too. A refresh token that has
 * been used or has expired is good enough for it.
 * @throws permission `token.unknown`, and as `readAccess` for an access token
 */
export async function logout(
  ctx: LogoutContext,
  token: string,
  { all }: { all: boolean },
): Promise<LoggedOut> {
  const about: Subject = { action: 'auth.logout', kind: 'session', subject: 'unknown' }
  return auditedRefusals(ctx, about, async () => {
    const { userId, sessionId } = await bearerOf(ctx, token)
    return transaction(ctx, async (inner) => {
      const user = await firstRow<{ id: UserId; email: string }>(
        inner.db,
        sql`select id, email from public.users where id = ${userId} for no key update`,
      )
      if (!user) throw new ErpmaxError('permission', 'user.not_found', 'The user is gone')
      const ended = all
        ? await endSessions(inner, userId, { reason: 'logout_all' })
        : sessionId !== null && (await endSession(inner, sessionId, 'logout'))
          ? 1
          : 0
      if (ended > 0)
        await audit(inner, {
          ...{ action: 'auth.logout', subjectKind: 'user', subject: user.email, outcome: 'succeeded' },
          after: { session_id: sessionId, all, ended },
        })
      return { session: sessionId === null ? null : { id: sessionId }, user, ended }
    })
  })
}

async function bearerOf(ctx: LogoutContext, token: string): Promise<Bearer> {
  if (isAccessToken(token)) return readAccess(ctx, token)
  const found = await findRefreshToken(ctx, hashOf(token))
  if (found) return { userId: found.user_id, sessionId: found.session_id }
  throw new ErpmaxError('permission', 'token.unknown', 'This is no token that was given out')
}
