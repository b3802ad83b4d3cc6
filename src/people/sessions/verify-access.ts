/** Whether an access token is one of ours and still counts. Nothing in it is believed before its signature is right. */
import * as z from 'zod'
import { firstRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audience, issuer } from '../access-token.js'
import { verificationKey } from '../keys/signing-keys.js'
import { enter, type SignedInUser } from './place.js'
import { sessionEnded } from './refresh.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'
import type { KnownTenant } from '../../tenants/find.js'

export interface AccessClaims {
  userId: UserId
  tenantId: TenantId
  subdomain: string
  /** From `verifyAccess`: the one of now; from `readAccess`: the one in the token. */
  role: string
  /** Null: the first token of a new tenant. */
  sessionId: string | null
  jti: string
  issuedAt: Date
  expiresAt: Date
}

/** What `verifyAccess` knows besides. */
export interface VerifiedAccess extends AccessClaims {
  user: SignedInUser
  tenantName: string
}

const longest = 4096
const seconds = z.int().positive()

const claimsShape = z.object({
  sub: z.uuid(),
  tenant_id: z.uuid(),
  tenant: z.string(),
  role: z.string(),
  sid: z.uuid().optional(),
  jti: z.string().min(16).max(64),
  iat: seconds,
  exp: seconds,
})

type ReadingContext = Pick<Context, 'db' | 'clock' | 'signingKey'>

/**
 * Signature, algorithm, issuer, audience and time alone: what its bearer may do now is `verifyAccess`.
 * @throws permission `token.malformed`, `token.signature_invalid`, `token.issuer_wrong`, `token.audience_wrong`,
 * `token.expired`
 */
export async function readAccess(ctx: ReadingContext, token: string): Promise<AccessClaims> {
  const { default: jwt } = await import('jsonwebtoken')
  const decoded = token.length <= longest ? jwt.decode(token, { complete: true }) : null
  if (!decoded) throw refused('token.malformed', 'This is not an access token')
  const key = await verificationKey(ctx, decoded.header.kid)
  if (!key) throw refused('token.signature_invalid', 'The token is signed with a key that is not one of ours')
  let payload: unknown
  try {
    // Its times are judged below, by our clock.
    payload = jwt.verify(token, key, { algorithms: ['ES256'], ignoreExpiration: true, ignoreNotBefore: true })
  } catch (cause) {
    throw refused('token.signature_invalid', 'The signature of the token is not right', cause)
  }
  const { iss, aud } = payload as { iss?: unknown; aud?: unknown }
  if (iss !== issuer) throw refused('token.issuer_wrong', `The token was not issued by ${issuer}`)
  if (aud !== audience) throw refused('token.audience_wrong', `The token is not meant for ${audience}`)
  const parsed = claimsShape.safeParse(payload)
  if (!parsed.success) throw refused('token.malformed', 'The token does not say what an access token says')
  const { data } = parsed
  const expiresAt = new Date(data.exp * 1000)
  if (expiresAt <= ctx.clock.now()) throw refused('token.expired', 'The token has expired')
  return {
    userId: data.sub as UserId,
    tenantId: data.tenant_id as TenantId,
    subdomain: data.tenant,
    role: data.role,
    sessionId: data.sid ?? null,
    jti: data.jti,
    issuedAt: new Date(data.iat * 1000),
    expiresAt,
  }
}

/**
 * Also what the token cannot know: whether it or its session was ended, and whether user, membership and tenant are
 * active now.
 * @param tenant that the token must be for; left out: whichever it names
 * @throws as `readAccess`; permission `token.tenant_wrong`, `token.revoked`, `token.session_ended`, `user.disabled`,
 * `user.not_active`, `auth.not_a_member`; conflict as `assertTenantMay`
 */
export async function verifyAccess(
  ctx: ReadingContext,
  token: string,
  { tenant }: { tenant?: Pick<KnownTenant, 'id' | 'subdomain'> } = {},
): Promise<VerifiedAccess> {
  const claims = await readAccess(ctx, token)
  if (tenant && tenant.id !== claims.tenantId)
    throw refused('token.tenant_wrong', `The token is for ${claims.subdomain}, not for ${tenant.subdomain}`)
  return transaction(ctx, async (inner) => {
    await requireUnended(inner, claims)
    const entered = await enter(inner, claims.userId, claims.tenantId)
    const { password_hash: _, ...user } = entered.user
    const { subdomain, role, name: tenantName } = entered.place
    return { ...claims, subdomain, role, user, tenantName }
  })
}

/** @throws permission `token.revoked`, `token.session_ended`, `user.not_found` */
export async function requireUnended(ctx: Pick<Context, 'db'>, claims: AccessClaims): Promise<void> {
  const ended = await whyEnded(ctx, claims)
  if (ended) throw ended
}

/** The refusal of a token that was revoked, or whose session was ended; null for one that counts. */
export async function whyEnded(ctx: Pick<Context, 'db'>, claims: AccessClaims): Promise<ErpmaxError | null> {
  const found = await firstRow<{
    revoked: boolean
    session: string | null
    reason: string | null
    too_old: boolean
  }>(
    ctx.db,
    sql`select exists (select 1 from public.revoked_tokens where jti = ${claims.jti}) as revoked,
               s.status as session, s.end_reason as reason,
               coalesce(date_trunc('second', u.tokens_not_before) >= ${claims.issuedAt}, false) as too_old
        from public.users u left join public.sessions s on s.id = ${claims.sessionId}::uuid and s.user_id = u.id
        where u.id = ${claims.userId}`,
  )
  if (!found) return refused('user.not_found', 'The user is gone')
  if (found.revoked) return refused('token.revoked', 'The token was revoked')
  const open = claims.sessionId === null ? !found.too_old : found.session === 'active'
  return open ? null : sessionEnded(found.reason)
}

function refused(code: string, message: string, cause?: unknown): ErpmaxError {
  return new ErpmaxError('permission', code, message, cause === undefined ? {} : { cause })
}
