/** Access tokens: JWT (RFC 7519), ES256, 30 minutes, for one user in one tenant. */
import { Secret } from '../kernel/secret.js'
import type { Context } from '../kernel/context.js'
import type { TenantId, UserId } from '../kernel/ids.js'
import type { SigningKey } from './signing-key.js'

export const issuer = 'erpmax'
export const audience = 'erpmax-erp'
/** How long an access token works. */
export const accessMinutes = 30

export interface TokenSubject {
  userId: UserId
  tenantId: TenantId
  subdomain: string
  role: string
  /** The session it belongs to; the first token of a new tenant belongs to none. */
  sessionId?: string
}

export interface AccessToken {
  token: Secret
  expiresAt: Date
}

export async function issueAccessToken(
  ctx: Pick<Context, 'clock' | 'random'>,
  key: SigningKey,
  subject: TokenSubject,
): Promise<AccessToken> {
  const { default: jwt } = await import('jsonwebtoken')
  const issued = Math.floor(ctx.clock.now().getTime() / 1000)
  const expires = issued + accessMinutes * 60
  const token = jwt.sign(
    {
      iss: issuer,
      aud: audience,
      sub: subject.userId,
      tenant_id: subject.tenantId,
      tenant: subject.subdomain,
      role: subject.role,
      ...(subject.sessionId ? { sid: subject.sessionId } : {}),
      jti: ctx.random.bytes(16).toString('base64url'),
      iat: issued,
      exp: expires,
    },
    key.key,
    { algorithm: 'ES256', keyid: key.kid },
  )
  return { token: new Secret(token), expiresAt: new Date(expires * 1000) }
}
