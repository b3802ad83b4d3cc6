/** `auth switch`: the same session in another tenant of its user. An access token names one tenant, so there is a new one. */
import { execute, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { auditedRefusals, type Subject } from './audited.js'
import { enter } from './place.js'
import { auditSwitch, rotate, sessionEnded } from './refresh.js'
import { lockSession } from './session-rows.js'
import { signedIn, type SessionContext, type SignedIn } from './signed-in.js'
import { isAccessToken } from './token-kinds.js'
import { readAccess, requireUnended } from './verify-access.js'

/**
 * @param token a refresh token, which is used up and followed by the next; or an access token: then the refresh
 * token there is goes on, in the new tenant
 * @throws as `refresh` or `readAccess`; permission `token.no_session`, `auth.not_a_member`
 */
export async function switchTenant(ctx: SessionContext, token: string, tenant: string): Promise<SignedIn> {
  const about: Subject = { action: 'auth.switch', kind: 'session', subject: 'unknown' }
  return auditedRefusals(ctx, about, (subject) =>
    isAccessToken(token) ? byAccessToken(ctx, token, tenant, subject) : rotate(ctx, token, subject, tenant),
  )
}

async function byAccessToken(
  ctx: SessionContext,
  token: string,
  tenant: string,
  about: Subject,
): Promise<SignedIn> {
  const claims = await readAccess(ctx, token)
  const { userId, sessionId, tenantId, subdomain } = claims
  about.tenantId = tenantId
  if (sessionId === null)
    throw new ErpmaxError(
      'permission',
      'token.no_session',
      'This token belongs to no session that could be switched',
      {
        hint: 'erpmax auth login <email> --tenant <tenant>',
      },
    )
  about.subject = sessionId
  return transaction(ctx, async (inner) => {
    await requireUnended(inner, claims)
    const { user, place } = await enter(inner, userId, tenant)
    const session = await lockSession(inner, sessionId)
    if (!session || session.status === 'ended' || session.user_id !== userId)
      throw sessionEnded(session?.end_reason ?? null)
    await execute(
      inner.db,
      sql`update public.sessions set tenant_id = ${place.tenantId} where id = ${sessionId}`,
    )
    const result = await signedIn(inner, user, place, { id: sessionId, refresh: null })
    await auditSwitch(inner, result, subdomain)
    return result
  })
}
