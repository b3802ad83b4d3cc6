/** `token revoke`: an access token by itself, or a refresh token with the session it belongs to. */
import { execute, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { revokeApiKey } from '../api-keys/revoke-key.js'
import { findApiKey } from '../api-keys/verify-key.js'
import { hashOf } from '../one-time-token.js'
import { auditedRefusals, type Subject } from './audited.js'
import { endSession, findRefreshToken } from './session-rows.js'
import { isAccessToken, isApiKey } from './token-kinds.js'
import { readAccess } from './verify-access.js'
import type { Context } from '../../kernel/context.js'

export interface RevokedToken {
  token: {
    kind: 'access' | 'refresh' | 'api_key'
    /** The id of the access token, of the session, or the prefix of the key. */
    id: string
    /** False where it had been revoked before. */
    revoked: boolean
  }
}

type RevokingContext = Pick<Context, 'db' | 'clock' | 'signingKey' | 'actor'>

/**
 * The second time it says that there was nothing left to do.
 * @throws permission `token.unknown`, and as `readAccess`: one that has expired needs no revoking and says so
 */
export async function revokeToken(ctx: RevokingContext, token: string): Promise<RevokedToken> {
  const about: Subject = { action: 'token.revoke', kind: 'token', subject: 'unknown' }
  return auditedRefusals(ctx, about, async () => {
    if (isApiKey(token)) return revokeKey(ctx, token)
    return isAccessToken(token) ? revokeAccess(ctx, token) : revokeRefresh(ctx, token)
  })
}

async function revokeAccess(ctx: RevokingContext, token: string): Promise<RevokedToken> {
  const { jti, expiresAt, tenantId, userId } = await readAccess(ctx, token)
  const now = ctx.clock.now()
  return transaction(ctx, async (inner) => {
    await execute(inner.db, sql`delete from public.revoked_tokens where expires_at <= ${now}`)
    const written = await execute(
      inner.db,
      sql`insert into public.revoked_tokens (jti, expires_at, revoked_at) values (${jti}, ${expiresAt}, ${now}) on conflict do nothing`,
    )
    const revoked = written > 0
    if (revoked)
      await audit(inner, {
        ...{ action: 'token.revoke', subjectKind: 'token', subject: jti, tenantId, outcome: 'succeeded' },
        after: { kind: 'access', user_id: userId },
      })
    return { token: { kind: 'access', id: jti, revoked } }
  })
}

async function revokeRefresh(ctx: RevokingContext, token: string): Promise<RevokedToken> {
  return transaction(ctx, async (inner) => {
    const found = await findRefreshToken(inner, hashOf(token))
    if (!found) throw unknownToken()
    const revoked = await endSession(inner, found.session_id, 'revoked')
    if (revoked)
      await audit(inner, {
        ...{ action: 'token.revoke', subjectKind: 'session', subject: found.session_id },
        ...{ tenantId: found.tenant_id, outcome: 'succeeded' },
        after: { kind: 'refresh', user: found.email },
      })
    return { token: { kind: 'refresh', id: found.session_id, revoked } }
  })
}

async function revokeKey(ctx: RevokingContext, token: string): Promise<RevokedToken> {
  const key = await findApiKey(ctx, token)
  if (!key) throw unknownToken()
  const { key: revoked, changed } = await revokeApiKey(ctx, key.id)
  return { token: { kind: 'api_key', id: revoked.prefix, revoked: changed } }
}

function unknownToken(): ErpmaxError {
  return new ErpmaxError('permission', 'token.unknown', 'This is no token that was given out')
}
