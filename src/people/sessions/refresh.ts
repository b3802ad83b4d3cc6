/**
 * `auth refresh`: a refresh token becomes the next one. Each works once and without grace: one that comes a second
 * time was stolen from its owner, or by them from the thief, and nobody can say which; the session ends for both.
 */
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { hashOf } from '../one-time-token.js'
import { auditedRefusals, type Subject } from './audited.js'
import { enter } from './place.js'
import { momentText } from './security-mail.js'
import { carryOn, endSession, findRefreshToken, lockSession, type FoundToken } from './session-rows.js'
import { signedIn, type SessionContext, type SignedIn } from './signed-in.js'

/**
 * The client takes turns with itself: of two at once with one token the second one ends the session.
 * @throws permission `token.unknown`, `token.expired`, `token.reused`, `token.session_ended`, `user.disabled`,
 * `auth.not_a_member`; conflict `tenant.suspended`, `tenant.archived`, `tenant.not_active`: the token works again
 * once that is over
 */
export async function refresh(ctx: SessionContext, token: string): Promise<SignedIn> {
  const about: Subject = { action: 'auth.refresh', kind: 'session', subject: 'unknown' }
  return auditedRefusals(ctx, about, (subject) => rotate(ctx, token, subject, null))
}

/** For `auth switch` too. @param tenant where the session goes on; null: where it is */
export async function rotate(
  ctx: SessionContext,
  token: string,
  about: Subject,
  tenant: string | null,
): Promise<SignedIn> {
  const hash = hashOf(token)
  const outcome = await transaction(ctx, async (inner): Promise<SignedIn | ErpmaxError> => {
    const shown = await findRefreshToken(inner, hash)
    if (!shown)
      throw new ErpmaxError('permission', 'token.unknown', 'This is no refresh token that was given out')
    about.subject = shown.session_id
    about.tenantId = shown.tenant_id
    const entered =
      shown.status === 'used' ? null : await enter(inner, shown.user_id, tenant ?? shown.tenant_id)
    const session = await lockSession(inner, shown.session_id)
    if (!session || session.status === 'ended') throw sessionEnded(session?.end_reason ?? null)
    const now = await findRefreshToken(inner, hash)
    // What is thrown would be rolled back: the end of the session has to stay.
    if (!now || now.status === 'used' || !entered) return reused(inner, shown)
    if (now.expires_at <= ctx.clock.now())
      throw new ErpmaxError('permission', 'token.expired', 'The refresh token has expired', {
        hint: `erpmax auth login ${shown.email}`,
      })
    const { user, place } = entered
    const next = await carryOn(inner, session, hash, place.tenantId)
    const result = await signedIn(inner, user, place, { id: session.id, refresh: next })
    if (tenant !== null) await auditSwitch(inner, result, shown.subdomain)
    return result
  })
  if (outcome instanceof ErpmaxError) throw outcome
  return outcome
}

/** An ordinary refresh leaves its trace in the row of the session alone: it comes every half hour from everybody. */
export async function auditSwitch(
  ctx: Pick<SessionContext, 'db' | 'actor'>,
  { session, tenant, user, role }: SignedIn,
  before: string,
): Promise<void> {
  await audit(ctx, {
    ...{ action: 'auth.switch', subjectKind: 'session', subject: session.id },
    ...{ tenantId: tenant.id, outcome: 'succeeded' },
    before: { tenant: before },
    after: { tenant: tenant.subdomain, role, user: user.email },
  })
}

export function sessionEnded(reason: string | null): ErpmaxError {
  return new ErpmaxError(
    'permission',
    'token.session_ended',
    `The session has ended${reason ? `: ${reason}` : ''}`,
    {
      hint: 'erpmax auth login <email>',
      details: { reason },
    },
  )
}

async function reused(
  ctx: Pick<SessionContext, 'db' | 'clock' | 'actor'>,
  shown: FoundToken,
): Promise<ErpmaxError> {
  await endSession(ctx, shown.session_id, 'token_reused')
  await enqueueMail(ctx.db, {
    tenantId: shown.tenant_id,
    kind: 'session_reuse',
    dedupeKey: `session_reuse:${shown.session_id}`,
    to: shown.email,
    language: mailLanguage(shown.language),
    data: { name: shown.full_name, company: shown.company, at: momentText(ctx.clock.now()) },
  })
  await audit(ctx, {
    action: 'session.reuse',
    subjectKind: 'session',
    subject: shown.session_id,
    tenantId: shown.tenant_id,
    outcome: 'succeeded',
    before: { status: 'active' },
    after: { status: 'ended', reason: 'token_reused', user: shown.email },
  })
  return new ErpmaxError(
    'permission',
    'token.reused',
    'The refresh token has been used before: the session is ended, for whoever stole it and for its owner',
    { hint: `erpmax auth login ${shown.email}` },
  )
}
