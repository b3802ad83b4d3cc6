/** `token verify`: whether a token counts now, whichever kind it is, and why not. Uses nothing up. */
import { ErpmaxError } from '../../kernel/errors.js'
import { verifyApiKey } from '../api-keys/verify-key.js'
import { hashOf } from '../one-time-token.js'
import { transaction } from '../../database/transaction.js'
import { enter } from './place.js'
import { sessionEnded } from './refresh.js'
import { findRefreshToken, lockSession } from './session-rows.js'
import { isAccessToken, isApiKey } from './token-kinds.js'
import { verifyAccess } from './verify-access.js'
import type { Context } from '../../kernel/context.js'

export interface InspectedToken {
  valid: boolean
  kind: 'access' | 'refresh' | 'api_key'
  /** The code of the refusal, and in words; null for a valid one. */
  reason: string | null
  message: string | null
  /** What is known of a valid one. */
  user: { id: string; email: string } | null
  tenant: { id: string; subdomain: string } | null
  role: string | null
  scopes: string[] | null
  session: { id: string } | null
  expires_at: string | null
}

type InspectingContext = Pick<Context, 'db' | 'clock' | 'signingKey'>

type Known = Omit<InspectedToken, 'valid' | 'kind' | 'reason' | 'message'>

const nothing: Known = {
  ...{ user: null, tenant: null, role: null, scopes: null, session: null, expires_at: null },
}

/** @param tenant subdomain or id that it must be for; null: any */
export async function inspectToken(
  ctx: InspectingContext,
  token: string,
  tenant: string | null,
): Promise<{ token: InspectedToken }> {
  const kind = isApiKey(token) ? 'api_key' : isAccessToken(token) ? 'access' : 'refresh'
  try {
    const known = await readers[kind](ctx, token)
    const wanted = tenant?.toLowerCase()
    if (tenant !== null && wanted !== known.tenant?.subdomain && wanted !== known.tenant?.id)
      throw new ErpmaxError(
        'permission',
        'token.tenant_wrong',
        `It is for ${known.tenant?.subdomain}, not for ${tenant.slice(0, 80)}`,
      )
    return { token: { valid: true, kind, reason: null, message: null, ...known } }
  } catch (error) {
    if (!(error instanceof ErpmaxError) || (error.kind !== 'permission' && error.kind !== 'conflict'))
      throw error
    return { token: { valid: false, kind, reason: error.code, message: error.message, ...nothing } }
  }
}

const readers: Record<InspectedToken['kind'], (ctx: InspectingContext, token: string) => Promise<Known>> = {
  async access(ctx, token) {
    const { user, tenantId, subdomain, role, sessionId, expiresAt } = await verifyAccess(ctx, token)
    return {
      ...nothing,
      user: { id: user.id, email: user.email },
      tenant: { id: tenantId, subdomain },
      role,
      session: sessionId === null ? null : { id: sessionId },
      expires_at: expiresAt.toISOString(),
    }
  },
  async refresh(ctx, token) {
    return transaction(ctx, async (inner) => {
      const found = await findRefreshToken(inner, hashOf(token))
      if (!found) throw new ErpmaxError('permission', 'token.unknown', 'This is no token that was given out')
      const { user, place } = await enter(inner, found.user_id, found.tenant_id)
      const session = await lockSession(inner, found.session_id)
      if (session?.status !== 'active') throw sessionEnded(session?.end_reason ?? null)
      if (found.status === 'used')
        throw new ErpmaxError('permission', 'token.reused', 'The refresh token has been used before')
      if (found.expires_at <= ctx.clock.now())
        throw new ErpmaxError('permission', 'token.expired', 'The refresh token has expired')
      return {
        ...nothing,
        user: { id: user.id, email: user.email },
        tenant: { id: place.tenantId, subdomain: place.subdomain },
        role: place.role,
        session: { id: found.session_id },
        expires_at: found.expires_at.toISOString(),
      }
    })
  },
  async api_key(ctx, token) {
    const { tenantId, subdomain, scopes, expiresAt } = await verifyApiKey(ctx, token)
    return { ...nothing, tenant: { id: tenantId, subdomain }, scopes, expires_at: expiresAt.toISOString() }
  },
}
