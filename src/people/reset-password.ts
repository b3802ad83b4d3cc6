/** A link to set a new password: two hours, once; a newer one ends the older. */
import { execute, firstRow, oneRow, rows, sql } from '../database/sql.js'
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { enqueueMail, mailLanguage } from '../operations/mail.js'
import { endSessions } from './end-sessions.js'
import { holdAccount } from './everywhere.js'
import { findUser, type KnownUser, type UserStatus } from './find-user.js'
import { userDisabled } from './invitations/invite.js'
import { linkTo, tokenIn } from './links.js'
import { hashOf, newToken } from './one-time-token.js'
import { addressIn } from './particulars.js'
import { hashPassword } from './passwords.js'
import type { Context } from '../kernel/context.js'
import type { UserId } from '../kernel/ids.js'
import type { Secret } from '../kernel/secret.js'

/** Long enough for a mail that waits for the next `mail send`. */
const resetHours = 2

export interface RequestedReset {
  user: { id: string; email: string }
  expires_at: string
  /** Shown once; null without ERPMAX_PUBLIC_URL: then the token is shown. */
  reset_url: string | null
  token: string | null
  mailed: boolean
}

/** Whoever types an address into a form fills nobody's mailbox. */
const minutesBetweenMails = 5

/**
 * For somebody who says that the address is theirs: mails a link, or does nothing, and tells neither. A link that was
 * mailed a moment ago stays the one; where nothing can be mailed one that was handed over stays, too.
 */
export async function forgotPassword(ctx: Context, typed: string): Promise<void> {
  const email = addressIn(typed)
  if (email === null || ctx.config.text('ERPMAX_PUBLIC_URL') === null) return
  const since = new Date(ctx.clock.now().getTime() - minutesBetweenMails * 60_000)
  const mailed = await firstRow(
    ctx.db,
    sql`select 1 from public.password_resets p join public.users u on u.id = p.user_id
        where lower(u.email) = ${email} and p.status = 'pending' and p.created_at > ${since}`,
  )
  if (mailed) return
  await requestReset(ctx, { user: email, as: null }).catch((error: unknown) => {
    if (!(error instanceof ErpmaxError) || error.kind === 'dependency') throw error
  })
}

/**
 * The password stays as it is until the link is used.
 * @param as a member who does it; null: the operator
 * @throws not_found `user.not_found`; conflict `user.disabled`, `user.not_active`; permission `access.owner_only`
 */
export async function requestReset(
  ctx: Context,
  input: { user: string; as: string | null },
): Promise<RequestedReset> {
  return transaction(ctx, async (inner) => {
    const { user } = await holdAccount(inner, input.user, input.as)
    if (user.status === 'disabled') throw userDisabled(user)
    if (user.status === 'invited') {
      throw new ErpmaxError(
        'conflict',
        'user.not_active',
        `${user.email} has not accepted an invitation yet`,
        {
          hint: `erpmax user show ${user.email}`,
        },
      )
    }
    await closeResets(inner, user.id)
    const { token, hash } = newToken(inner)
    const now = inner.clock.now()
    const expiresAt = new Date(now.getTime() + resetHours * 3_600_000)
    const { id } = await oneRow<{ id: string }>(
      inner.db,
      sql`insert into public.password_resets (user_id, token_hash, status, expires_at, created_at)
          values (${user.id}, ${hash}, 'pending', ${expiresAt}, ${now}) returning id`,
    )
    await audit(inner, {
      ...{ action: 'user.reset_password', subjectKind: 'user', subject: user.email, outcome: 'succeeded' },
      after: { expires_at: expiresAt.toISOString(), ...(input.as === null ? {} : { as: input.as }) },
    })
    const url = linkTo(inner, 'reset', token)
    if (url !== null) await mailReset(inner, user, { id, url })
    else
      inner.warn({
        code: 'config.public_url_missing',
        message:
          'ERPMAX_PUBLIC_URL is not set: nothing is mailed. The token works on the page /reset/<token> of the listener',
      })
    return {
      user: { id: user.id, email: user.email },
      expires_at: expiresAt.toISOString(),
      ...{ reset_url: url, token: url === null ? token.reveal() : null, mailed: url !== null },
    }
  })
}

async function mailReset(
  ctx: Pick<Context, 'db'>,
  user: KnownUser,
  { id, url }: { id: string; url: string },
): Promise<void> {
  await enqueueMail(ctx.db, {
    ...{ tenantId: null, kind: 'reset', dedupeKey: `reset:${id}`, to: user.email },
    language: mailLanguage(user.language),
    data: { name: user.full_name, email: user.email, hours: resetHours },
    secrets: { url },
  })
}

/** Links that are open are none any more, nor do their mails go out. */
export async function closeResets(ctx: Pick<Context, 'db' | 'clock'>, userId: UserId): Promise<void> {
  const closed = await rows<{ id: string }>(
    ctx.db,
    sql`update public.password_resets
        set status = case when expires_at <= ${ctx.clock.now()} then 'expired' else 'revoked' end, updated_at = now()
        where user_id = ${userId} and status = 'pending' returning id`,
  )
  await execute(
    ctx.db,
    sql`delete from public.mails where status = 'queued' and dedupe_key = any(${closed.map(({ id }) => `reset:${id}`)}::text[])`,
  )
}

export interface FoundReset {
  id: string
  userId: UserId
  email: string
  language: string
  userStatus: UserStatus
  status: string
  expiresAt: Date
}

/** What a token of a reset stands for. Looking consumes nothing. @throws not_found `reset.not_found` */
export async function findReset(ctx: Pick<Context, 'db'>, token: string): Promise<FoundReset> {
  const found = await firstRow<FoundReset>(
    ctx.db,
    sql`select p.id, p.user_id as "userId", u.email, u.language, u.status as "userStatus", p.status, p.expires_at as "expiresAt"
        from public.password_resets p join public.users u on u.id = p.user_id
        where p.token_hash = ${hashOf(tokenIn(token))}`,
  )
  if (found) return found
  throw new ErpmaxError('not_found', 'reset.not_found', 'There is no such link', {
    hint: 'Check that the whole link was copied, or ask for a new one',
  })
}

/** @throws conflict `reset.used`, `reset.revoked`, `reset.expired`, `user.disabled` */
export function requireOpenReset(ctx: Pick<Context, 'clock'>, found: FoundReset): void {
  const refuse = (code: string, message: string): never => {
    throw new ErpmaxError('conflict', code, message, { hint: `erpmax user reset-password ${found.email}` })
  }
  if (found.status === 'used') refuse('reset.used', 'This link was used already')
  if (found.status === 'revoked') refuse('reset.revoked', 'A newer link was asked for')
  if (found.status === 'expired' || found.expiresAt <= ctx.clock.now())
    refuse('reset.expired', `This link ended at ${found.expiresAt.toISOString()}`)
  if (found.userStatus === 'disabled') refuse('user.disabled', 'This account is disabled')
}

export interface SetPassword {
  user: { id: string; email: string }
  sessions_ended: number
}

/**
 * The new password, once; whoever was signed in with the old one is signed out.
 * @throws as `findReset` and `requireOpenReset`; usage `password.invalid`
 */
export async function setPassword(
  ctx: Context,
  input: { token: Secret; password: Secret },
): Promise<SetPassword> {
  const token = input.token.reveal()
  const found = await findReset(ctx, token)
  requireOpenReset(ctx, found)
  const passwordHash = await hashPassword(input.password, ctx.config)
  return transaction(ctx, async (outer) => {
    const inner = { ...outer, actor: { ...outer.actor, operator: found.email } }
    await findUser(inner, found.userId, { lock: true })
    requireOpenReset(inner, await findReset(inner, token))
    await execute(
      inner.db,
      sql`update public.password_resets set status = 'used', updated_at = now() where id = ${found.id}`,
    )
    await execute(
      inner.db,
      sql`update public.users set password_hash = ${passwordHash}, updated_at = now() where id = ${found.userId}`,
    )
    const sessions = await endSessions(inner, found.userId, { reason: 'password_reset' })
    await audit(inner, {
      ...{ action: 'user.set_password', subjectKind: 'user', subject: found.email, outcome: 'succeeded' },
      after: { sessions_ended: sessions },
    })
    return { user: { id: found.userId, email: found.email }, sessions_ended: sessions }
  })
}
