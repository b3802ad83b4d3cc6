/**
 * Whether somebody knows their password. Five wrong ones lock the account for 15 minutes; nobody unknown, locked or
 * wrong can be told from another by the answer or the time it takes.
 */
import { execute, firstRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { comparePassword } from '../passwords.js'
import { mailTenant, momentText } from './security-mail.js'
import type { Context } from '../../kernel/context.js'
import type { UserId } from '../../kernel/ids.js'
import type { Secret } from '../../kernel/secret.js'

/** Wrong passwords in a row. */
export const triesBeforeLock = 5
export const lockMinutes = 15

export interface ProvenUser {
  id: UserId
  email: string
  full_name: string
  status: string
  /** The one that was right: whoever goes on checks that it still is. */
  password_hash: string
}

interface Attempt extends ProvenUser {
  language: string
  failed_logins: number
  locked_until: Date | null
}

type ProvingContext = Pick<Context, 'db' | 'clock' | 'config' | 'actor'>

/**
 * @param email in lower case; null: what was typed is no address
 * @throws busy `password.busy`; permission `auth.refused`; its cause says which of the reasons it was, for the audit log alone
 */
export async function provePassword(
  ctx: ProvingContext,
  email: string | null,
  password: Secret,
): Promise<ProvenUser> {
  const attempt = await takeAttempt(ctx, email)
  const { right, upgraded } = await comparePassword(
    password,
    attempt?.password_hash ?? null,
    ctx.config,
  ).catch(async (error: unknown) => {
    if (attempt) await giveBack(ctx, attempt)
    throw error
  })
  if (!attempt) throw refusal((await isLocked(ctx, email)) ? 'auth.locked' : 'auth.user_unknown')
  if (!right) {
    if (attempt.failed_logins >= triesBeforeLock) await tellLockout(ctx, attempt)
    throw passwordWrong()
  }
  const hash = await forgive(ctx, attempt, upgraded)
  // The password or its hash was changed while this one was compared.
  if (hash === null) return provePassword(ctx, email, password)
  const { id, full_name, status } = attempt
  return { id, email: attempt.email, full_name, status, password_hash: hash }
}

/**
 * Counts before the password is looked at, and locks with the last one: of 20 guesses at once five are looked at.
 * Null: nobody of that address has a password, or it is locked.
 */
async function takeAttempt(ctx: ProvingContext, email: string | null): Promise<Attempt | null> {
  const now = ctx.clock.now()
  const until = new Date(now.getTime() + lockMinutes * 60_000)
  // Of the updated row alone: a joined one would be as it was before the others' tries.
  const tries = sql`(case when locked_until is null then failed_logins else 0 end + 1)`
  const attempt = await firstRow<Attempt>(
    ctx.db,
    // Written to the disk with the record of the refusal: by itself it would take longer than finding nobody.
    sql`update public.users
        set failed_logins = ${tries}, locked_until = case when ${tries} >= ${triesBeforeLock} then ${until}::timestamptz end
        where email = ${email} and password_hash is not null and (locked_until is null or locked_until <= ${now})
          and (select set_config('synchronous_commit', 'off', true)) = 'off'
        returning id, email, full_name, status, language, password_hash, failed_logins, locked_until`,
  )
  return attempt
}

/** The try was none: the password was not looked at. Where it was the last one, nobody has come after it. */
async function giveBack(ctx: ProvingContext, { id }: Attempt): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.users set failed_logins = greatest(failed_logins - 1, 0), locked_until = null where id = ${id}`,
  )
}

async function isLocked(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  email: string | null,
): Promise<boolean> {
  const found = await firstRow<{ locked: boolean }>(
    db,
    sql`select coalesce(locked_until > ${clock.now()}, false) as locked from public.users where email = ${email}`,
  )
  return found?.locked ?? false
}

/** The lock itself was set when the last try was counted. */
async function tellLockout(ctx: ProvingContext, user: Attempt): Promise<void> {
  await transaction(ctx, async (inner) => {
    await execute(inner.db, sql`set local synchronous_commit = off`)
    const tenantId = await mailTenant(inner, user.id)
    await enqueueMail(inner.db, {
      tenantId,
      kind: 'lockout',
      dedupeKey: `lockout:${user.id}:${user.locked_until?.toISOString()}`,
      to: user.email,
      language: mailLanguage(user.language),
      data: {
        name: user.full_name,
        attempts: triesBeforeLock,
        minutes: lockMinutes,
        at: momentText(ctx.clock.now()),
      },
    })
    await audit(inner, {
      action: 'user.lock',
      subjectKind: 'user',
      subject: user.email,
      tenantId,
      outcome: 'succeeded',
      after: { locked_until: user.locked_until?.toISOString(), attempts: triesBeforeLock },
    })
  })
}

/** @returns the hash as it is now; null where it is not the one that was compared any more */
async function forgive(ctx: ProvingContext, user: Attempt, upgraded: string | null): Promise<string | null> {
  const forgiven = await firstRow<{ password_hash: string }>(
    ctx.db,
    sql`update public.users
        set failed_logins = 0, locked_until = null, password_hash = coalesce(${upgraded}, password_hash), updated_at = now()
        where id = ${user.id} and password_hash = ${user.password_hash} returning password_hash`,
  )
  return forgiven?.password_hash ?? null
}

export function passwordWrong(): ErpmaxError {
  return refusal('auth.password_wrong')
}

function refusal(reason: string): ErpmaxError {
  return new ErpmaxError(
    'permission',
    'auth.refused',
    `The e-mail address or the password is wrong, or the account is locked: ${triesBeforeLock} wrong passwords lock it for ${lockMinutes} minutes`,
    { cause: new ErpmaxError('permission', reason, 'the reason, for the audit log') },
  )
}
