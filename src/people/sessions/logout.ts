/** `auth logout`: ends the session of a token, or every session of its user. */
import { firstRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { endSessions } from '../end-sessions.js'
import { hashOf } from '../one-time-token.js'
import { auditedRefusals, type Subject } from './audited.js'
import { endSession, findRefreshToken, lockSession } from './session-rows.js'
import { isAccessToken } from './token-kinds.js'
import { readAccess, whyEnded, type AccessClaims } from './verify-access.js'
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
  /** Of an access token; null: a refresh token. */
  claims: AccessClaims | null
}

/**
 * Whatever the state of tenant, membership and user: leaving is always possible, twice too. A refresh token that has
 * been used or has expired is good enough to end its own session; every session is ended only out of one that lasts,
 * so that nobody is thrown out again and again by a token that was stolen from them once.
 * @throws permission `token.unknown`, and as `readAccess` for an access token
 */
export async function logout(
  ctx: LogoutContext,
  token: string,
  { all }: { all: boolean },
): Promise<LoggedOut> {
  const about: Subject = { action: 'auth.logout', kind: 'session', subject: 'unknown' }
  return auditedRefusals(ctx, about, async () => {
    const bearer = await bearerOf(ctx, token)
    const { userId, sessionId } = bearer
    return transaction(ctx, async (inner) => {
      const user = await firstRow<{ id: UserId; email: string }>(
        inner.db,
        sql`select id, email from public.users where id = ${userId} for no key update`,
      )
      if (!user) throw new ErpmaxError('permission', 'user.not_found', 'The user is gone')
      const ended = !all
        ? Number(sessionId !== null && (await endSession(inner, sessionId, 'logout')))
        : (await lasts(inner, bearer))
          ? await endSessions(inner, userId, { reason: 'logout_all' })
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
  if (isAccessToken(token)) {
    const claims = await readAccess(ctx, token)
    return { userId: claims.userId, sessionId: claims.sessionId, claims }
  }
  const found = await findRefreshToken(ctx, hashOf(token))
  if (found) return { userId: found.user_id, sessionId: found.session_id, claims: null }
  throw new ErpmaxError('permission', 'token.unknown', 'This is no token that was given out')
}

/** Whether the session, or the token that is of none, goes on. In the transaction that holds the user's row. */
async function lasts(ctx: Pick<Context, 'db' | 'clock'>, { claims, sessionId }: Bearer): Promise<boolean> {
  if (claims) return (await whyEnded(ctx, claims)) === null
  const session = sessionId === null ? null : await lockSession(ctx, sessionId)
  return session?.status === 'active' && session.expires_at > ctx.clock.now()
}
