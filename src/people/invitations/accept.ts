/** Accepts an invitation: the membership becomes active, and a new person gets a name and a password. Once. */
import { execute, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { followInErp } from '../erp-follow.js'
import { findUser } from '../find-user.js'
import { holdPeople } from '../members.js'
import { fullName } from '../particulars.js'
import { hashPassword } from '../passwords.js'
import { requireSeat, settleDefault } from '../seats.js'
import { findInvitation, requireOpen, type FoundInvitation } from './look-up.js'
import type { Config } from '../../kernel/config.js'
import type { Context } from '../../kernel/context.js'
import type { Secret } from '../../kernel/secret.js'

export interface AcceptInput {
  token: Secret
  /** Asked only where somebody has no password yet; null: none was given. */
  password(who: { email: string; company: string }): Promise<Secret | null>
  /** Null: it stays. Of somebody who has an account it stays too. */
  name: string | null
  /** Who stands in the records: the person, on a page; else the operator. */
  byPerson: boolean
}

export interface AcceptedInvitation {
  user: { id: string; email: string; full_name: string; status: 'active' }
  membership: { tenant: string; company: string; role: string; status: 'active' }
  /** Whether a password was set now; one that was there stays. */
  password_set: boolean
}

/**
 * @throws not_found `invitation.not_found`; conflict `invitation.used`, `invitation.revoked`, `invitation.expired`,
 *   `user.disabled`, `tier.too_many_users`, and where the tenant lets nobody sign in; usage `password.missing`,
 *   `password.invalid`, `user.name_invalid`
 */
export async function acceptInvitation(ctx: Context, input: AcceptInput): Promise<AcceptedInvitation> {
  const token = input.token.reveal()
  const name = input.name === null ? null : fullName(input.name)
  // Judged before the password is hashed, which is dear, and again under the locks.
  const found = await findInvitation(ctx, token)
  await requireOpen(ctx, found)
  const passwordHash = found.hasPassword ? null : await newPassword(ctx.config, found, input)
  return transaction(ctx, async (outer) => {
    const inner = input.byPerson ? { ...outer, actor: { ...outer.actor, operator: found.email } } : outer
    await holdPeople(inner, { id: found.tenantId, subdomain: found.subdomain })
    await findUser(inner, found.userId, { lock: true })
    const now = await findInvitation(inner, token)
    await requireOpen(inner, now)
    if (passwordHash !== null && now.hasPassword) {
      throw new ErpmaxError('conflict', 'user.has_password', 'A password was set meanwhile, and stays', {
        hint: `erpmax user show ${now.email}`,
      })
    }
    return accept(inner, now, { passwordHash, name })
  })
}

async function newPassword(config: Config, found: FoundInvitation, input: AcceptInput): Promise<string> {
  const { email, company } = found
  const password = await input.password({ email, company })
  if (password) return hashPassword(password, config)
  throw new ErpmaxError('usage', 'password.missing', `${email} has no password yet and needs one`, {
    hint: `printf '%s\\n%s\\n' "$TOKEN" "$PASSWORD" | erpmax user accept --token-stdin --password-stdin`,
  })
}

async function accept(
  ctx: Context,
  found: FoundInvitation,
  { passwordHash, name }: { passwordHash: string | null; name: string | null },
): Promise<AcceptedInvitation> {
  const { id, tenantId, userId, subdomain, company, email, role } = found
  if (found.membership === 'invited') await requireSeat(ctx, { id: tenantId, subdomain }, 'active')
  const shown = name !== null && !found.hasPassword ? name : found.fullName
  await execute(
    ctx.db,
    sql`update public.invitations set status = 'accepted', updated_at = now() where id = ${id}`,
  )
  await execute(
    ctx.db,
    sql`update public.users set status = 'active', full_name = ${shown},
            password_hash = coalesce(${passwordHash}, password_hash), updated_at = now() where id = ${userId}`,
  )
  await execute(
    ctx.db,
    sql`update public.memberships set status = 'active', updated_at = now()
        where tenant_id = ${tenantId} and user_id = ${userId} and status = 'invited'`,
  )
  await settleDefault(ctx, userId)
  await followInErp(ctx, tenantId, userId)
  await audit(ctx, {
    ...{ action: 'invitation.accept', subjectKind: 'user', subject: email, tenantId, outcome: 'succeeded' },
    before: { user: found.userStatus, membership: found.membership },
    after: {
      user: 'active',
      membership: 'active',
      tenant: subdomain,
      role: role.code,
      password_set: passwordHash !== null,
    },
  })
  await enqueueMail(ctx.db, {
    ...{ tenantId, kind: 'welcome', dedupeKey: `welcome:${id}`, to: email },
    language: mailLanguage(found.language),
    data: { name: shown, company, email, role },
  })
  return {
    user: { id: userId, email, full_name: shown, status: 'active' },
    membership: { tenant: subdomain, company, role: role.code, status: 'active' },
    password_set: passwordHash !== null,
  }
}
