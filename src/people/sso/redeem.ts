/** Redeems a token: once, for the site it was issued for, which proves itself by its key. Every refusal is on record. */
import { execute, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import { findSite } from './find-site.js'
import { requireActiveMember } from './members.js'
import { redirectPath } from './redirect.js'
import { readSession, type SessionJson } from './session.js'
import { siteOfKey, type CallingSite } from './site-keys.js'
import { requireIssued, tokenAt, unknownToken, type TokenRow } from './tokens.js'
import type { Context } from '../../kernel/context.js'
import type { Secret } from '../../kernel/secret.js'

export interface Redemption {
  token: Secret
  key: Secret
  /** The site that the key is said to be of; null: the key says it. */
  site: string | null
  /** Where the caller means to lead the user; null: wherever the token says. */
  redirect: string | null
}

type RedeemContext = Pick<Context, 'db' | 'actor' | 'clock' | 'config' | 'failpoint'>

/** What is known by the time it is refused. */
interface Known {
  caller: CallingSite | null
  token: TokenRow | null
}

/**
 * @throws permission `sso.key_unknown`, `sso.key_other_site`, `sso.wrong_site`; not_found `sso.token_unknown`; conflict
 * `sso.token_used`, `sso.token_expired`, `sso.token_revoked`, `user.not_active`, `membership.not_active`, and as the
 * gate says; usage `sso.redirect_mismatch`
 */
export async function redeemToken(ctx: RedeemContext, request: Redemption): Promise<SessionJson> {
  const known: Known = { caller: null, token: null }
  try {
    const site = request.site === null ? null : await findSite(ctx, request.site)
    known.caller = await siteOfKey(ctx, request.key)
    // Read before anything is refused, so that the record can name the tenant whose token it was.
    known.token = await tokenAt(ctx, request.token)
    const caller = requireCaller(known.caller, site?.id ?? null)
    return await transaction(ctx, (inner) => redeem(inner, caller, request, known))
  } catch (error) {
    if (error instanceof ErpmaxError) await recordRefusal(ctx, known, error)
    throw error
  }
}

function requireCaller(caller: CallingSite | null, siteId: string | null): CallingSite {
  if (!caller)
    throw new ErpmaxError('permission', 'sso.key_unknown', 'No site has this key', {
      hint: 'erpmax sso-site list',
    })
  if (siteId === null || siteId === caller.id) return caller
  throw new ErpmaxError('permission', 'sso.key_other_site', 'This is the key of another site', {
    hint: 'erpmax sso-site list',
  })
}

async function redeem(
  ctx: RedeemContext,
  caller: CallingSite,
  { token: secret, redirect }: Redemption,
  known: Known,
): Promise<SessionJson> {
  const now = ctx.clock.now()
  const token = requireFor(caller, await tokenAt(ctx, secret), now)
  known.token = token
  if (redirect !== null && redirectPath(redirect) !== token.redirect)
    throw new ErpmaxError('usage', 'sso.redirect_mismatch', 'The token was issued for another path')
  await assertTenantMay(ctx, { id: token.tenant_id }, 'sign_in')
  await requireActiveMember(ctx, token.user_id, token.tenant_id)
  // All of it once more in the statement that takes it: whoever comes second, after whatever happened meanwhile, finds nothing.
  const taken = await execute(
    ctx.db,
    sql`update public.sso_tokens k set status = 'redeemed', redeemed_at = ${now.toISOString()}
        from public.sso_sites s, public.users u, public.memberships m
        where k.id = ${token.id} and k.status = 'issued' and k.expires_at > ${now.toISOString()}::timestamptz
          and s.id = k.site_id and s.id = ${caller.id} and s.removed_at is null
          and u.id = k.user_id and u.status = 'active'
          and m.user_id = k.user_id and m.tenant_id = k.tenant_id and m.status = 'active'`,
  )
  if (taken !== 1) throw await missed(ctx, caller, secret, now)
  const session = await readSession(ctx, token, now)
  await audit(asSite(ctx, caller), {
    ...{ action: 'sso_token.redeem', subjectKind: 'sso_token', subject: token.id, tenantId: token.tenant_id },
    outcome: 'succeeded',
    after: {
      user_id: token.user_id,
      site: caller.origin,
      redirect: token.redirect,
      key_prefix: caller.key_prefix,
    },
  })
  await ctx.failpoint('sso.before_redeemed')
  return session
}

/** Another site hears of it what it would hear of a token that never was. */
function requireFor(caller: CallingSite, token: TokenRow | null, now: Date): TokenRow {
  if (!token) throw unknownToken()
  if (token.site_id !== caller.id)
    throw new ErpmaxError('permission', 'sso.wrong_site', 'This token was issued for another site')
  requireIssued(token, now)
  return token
}

/** What it was, now that it could not be taken. */
async function missed(
  ctx: RedeemContext,
  caller: CallingSite,
  secret: Secret,
  now: Date,
): Promise<ErpmaxError> {
  const token = requireFor(caller, await tokenAt(ctx, secret), now)
  await requireActiveMember(ctx, token.user_id, token.tenant_id)
  return new ErpmaxError('permission', 'sso.key_unknown', 'This site was removed')
}

/** The site is who acts; the machine is this one. */
function asSite<C extends Pick<Context, 'db' | 'actor'>>(ctx: C, caller: CallingSite | null): C {
  return caller ? { ...ctx, actor: { ...ctx.actor, operator: caller.origin } } : ctx
}

/** After the rollback, by itself. Where the database is down nothing can be written: the error itself is what counts. */
async function recordRefusal(
  ctx: RedeemContext,
  { caller, token }: Known,
  error: ErpmaxError,
): Promise<void> {
  await audit(asSite(ctx, caller), {
    ...{ action: 'sso_token.redeem', subjectKind: 'sso_token', subject: token?.id ?? 'unknown' },
    ...{
      tenantId: token?.tenant_id ?? caller?.tenant_id ?? null,
      outcome: 'refused' as const,
      errorCode: error.code,
    },
    after: { site: caller?.origin ?? null, key_prefix: caller?.key_prefix ?? null },
  }).catch(() => {})
}
