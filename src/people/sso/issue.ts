/** Issues a token: for one user of one tenant, to one path of one site, for 60 seconds. */
import { oneRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import { findTenant, type PlacedTenant } from '../../tenants/find.js'
import { findUser, type KnownUser } from '../find-user.js'
import { newToken } from '../one-time-token.js'
import { verifyAccess } from '../sessions/verify-access.js'
import { findSite, requireInUse } from './find-site.js'
import { requireActiveMember } from './members.js'
import { redirectPath } from './redirect.js'
import { findToken, sweepTokens, tokenJson, type SsoTokenJson } from './tokens.js'
import type { Context } from '../../kernel/context.js'
import type { Secret } from '../../kernel/secret.js'

const seconds = 60
const longestReason = 500

export interface TokenRequest {
  /** Subdomain or id. */
  tenant: string
  /** E-mail address or id. */
  user: string
  /** Address or id. */
  site: string
  redirect: string
  /** Why somebody else asks for it; or an access token of the user, who asks for it themselves. */
  asked: { reason: string | null } | { accessToken: Secret }
}

export interface IssuedToken {
  sso_token: SsoTokenJson
  /** Shown once, only its hash is stored. */
  token: string
}

/**
 * @throws permission as `verifyAccess`, `token.other_user`; usage `sso.reason_missing`, `sso.redirect_invalid`; conflict as the gate says, `user.not_active`,
 * `membership.not_active`, `sso.site_removed`, `sso.site_other_tenant`; not_found
 */
export async function issueToken(
  ctx: Pick<Context, 'db' | 'actor' | 'clock' | 'config' | 'random' | 'signingKey'>,
  request: TokenRequest,
): Promise<IssuedToken> {
  const { asked } = request
  const reason = 'reason' in asked ? requireReason(asked.reason) : null
  const redirect = redirectPath(request.redirect)
  const tenant = await findTenant(ctx, request.tenant)
  return transaction(ctx, async (inner) => {
    await assertTenantMay(inner, tenant, 'sign_in')
    const site = await findSite(inner, request.site)
    if (site.tenant_id !== tenant.id)
      throw new ErpmaxError(
        'conflict',
        'sso.site_other_tenant',
        `${site.origin} is no site of ${tenant.subdomain}`,
        { hint: `erpmax sso-site list ${tenant.subdomain}` },
      )
    requireInUse(site)
    const user = await findUser(inner, request.user)
    if ('accessToken' in asked) await requireOwn(inner, asked.accessToken, { user, tenant })
    await requireActiveMember(inner, user.id, tenant.id)
    const { token, hash } = newToken(ctx)
    const issued = ctx.clock.now()
    const operator = reason === null ? null : ctx.actor.operator
    const { id } = await oneRow<{ id: string }>(
      inner.db,
      sql`insert into public.sso_tokens (token_hash, tenant_id, user_id, site_id, redirect, operator, reason, issued_at, expires_at)
          values (${hash}, ${tenant.id}, ${user.id}, ${site.id}, ${redirect}, ${operator}, ${reason}, ${issued.toISOString()},
                  ${new Date(issued.getTime() + seconds * 1000).toISOString()}) returning id`,
    )
    await audit(inner, {
      ...{ action: 'sso_token.issue', subjectKind: 'sso_token', subject: id, tenantId: tenant.id },
      ...{ outcome: 'succeeded' as const, after: { user_id: user.id, site: site.origin, redirect, reason } },
    })
    await sweepTokens(inner)
    return { sso_token: tokenJson(await findToken(inner, { id }), issued), token: token.reveal() }
  })
}

/** Whoever shows it is signed in to this tenant as this user, now. */
async function requireOwn(
  ctx: Pick<Context, 'db' | 'clock' | 'signingKey'>,
  token: Secret,
  { user, tenant }: { user: KnownUser; tenant: PlacedTenant },
): Promise<void> {
  const { userId } = await verifyAccess(ctx, token.reveal(), { tenant })
  if (userId === user.id) return
  throw new ErpmaxError('permission', 'token.other_user', `The access token is not of ${user.email}`)
}

function requireReason(given: string | null): string {
  const reason = given?.trim() ?? ''
  if (reason !== '' && reason.length <= longestReason) return reason
  throw new ErpmaxError(
    'usage',
    'sso.reason_missing',
    reason === ''
      ? 'Signing in as somebody else needs a reason'
      : `A reason has at most ${longestReason} characters`,
    { hint: '--reason "ticket 4711: the invoice list is empty"' },
  )
}
