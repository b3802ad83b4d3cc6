/** Sends an invitation again, whose earlier link dies, or takes one back. */
import { transaction } from '../../database/transaction.js'
import { execute, firstRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { findTenant } from '../../tenants/find.js'
import { actingEmail, actingIn, requireMayHandle, type Acting } from '../acting.js'
import { followInErp } from '../erp-follow.js'
import { findUser, type KnownUser } from '../find-user.js'
import { holdPeople, memberOf, type KnownTenantName, type Member } from '../members.js'
import { userDisabled } from './invite.js'
import { closePending, handOver, issueInvitation, type Handover } from './issue.js'
import type { Context } from '../../kernel/context.js'

export interface InvitationChoice {
  tenant: string
  /** An address or an id. */
  user: string
  /** A member who does it; null: the operator. */
  as: string | null
}

export interface ResentInvitation extends Handover {
  invitation: {
    id: string
    tenant: string
    email: string
    role: string
    status: 'pending'
    expires_at: string
  }
}

export interface RevokedInvitation {
  invitation: { tenant: string; email: string; role: string | null; status: string }
  /** False where nothing was open any more. */
  changed: boolean
}

/**
 * For seven days from now, with the role there is. Somebody who belongs to the tenant without ever having set a
 * password, as a first administrator may, is sent a link too.
 * @throws not_found `user.not_found`, `invitation.not_found`; conflict `user.already_member`; permission
 *   `access.owner_only`
 */
export async function resendInvitation(ctx: Context, choice: InvitationChoice): Promise<ResentInvitation> {
  const tenant = await findTenant(ctx, choice.tenant)
  return transaction(ctx, async (inner) => {
    const { acting, user, member } = await invited(inner, tenant, choice)
    if (!member) throw none(tenant, user)
    if (user.status === 'disabled') throw userDisabled(user)
    if (member.status === 'active' && user.has_password) {
      throw new ErpmaxError(
        'conflict',
        'user.already_member',
        `${user.email} belongs to ${tenant.subdomain} already`,
        { hint: `erpmax user reset-password ${user.email}` },
      )
    }
    const invitedBy = actingEmail(acting) ?? inner.actor.operator
    const issued = await issueInvitation(inner, tenant.id, user.id, { roleId: member.role.id, invitedBy })
    await audit(inner, {
      ...{ action: 'invitation.resend', subjectKind: 'user', subject: user.email, tenantId: tenant.id },
      outcome: 'succeeded',
      after: { tenant: tenant.subdomain, role: member.role.code },
    })
    return {
      invitation: {
        ...{ id: issued.id, tenant: tenant.subdomain, email: user.email, role: member.role.code },
        ...{ status: 'pending', expires_at: issued.expiresAt.toISOString() },
      },
      ...(await handOver(inner, tenant, { user, role: member.role, acting }, issued)),
    }
  })
}

/** Whoever was only invited has no place any more; a member who had no password yet stays one. Safe to repeat. */
export async function revokeInvitation(ctx: Context, choice: InvitationChoice): Promise<RevokedInvitation> {
  const tenant = await findTenant(ctx, choice.tenant)
  return transaction(ctx, async (inner) => {
    const { user, member } = await invited(inner, tenant, choice)
    const last = await firstRow<{ status: string }>(
      inner.db,
      sql`select status from public.invitations where tenant_id = ${tenant.id} and user_id = ${user.id}
          order by status = 'pending' desc, created_at desc limit 1`,
    )
    if (!last) throw none(tenant, user)
    const invitation = { tenant: tenant.subdomain, email: user.email, role: member?.role.code ?? null }
    const pending = member?.status === 'invited'
    if (!pending && last.status !== 'pending')
      return { invitation: { ...invitation, status: last.status }, changed: false }
    const status = (await closePending(inner, tenant.id, user.id)) ?? last.status
    await withdraw(inner, tenant, member)
    await audit(inner, {
      ...{ action: 'invitation.revoke', subjectKind: 'user', subject: user.email, tenantId: tenant.id },
      outcome: 'succeeded',
      before: { tenant: tenant.subdomain, role: invitation.role },
    })
    return { invitation: { ...invitation, status }, changed: true }
  })
}

/** A membership that was never accepted leaves no trace but the invitation. */
export async function withdraw(
  ctx: Pick<Context, 'db' | 'warn'>,
  tenant: KnownTenantName,
  member: Member | null,
): Promise<void> {
  if (member?.status !== 'invited') return
  await execute(ctx.db, sql`delete from public.memberships where id = ${member.membershipId}`)
  await followInErp(ctx, tenant.id, member.user.id)
}

async function invited(
  ctx: Context,
  tenant: KnownTenantName,
  { user: text, as }: InvitationChoice,
): Promise<{ acting: Acting; user: KnownUser; member: Member | null }> {
  await holdPeople(ctx, tenant)
  const acting = await actingIn(ctx, tenant, as)
  const user = await findUser(ctx, text, { lock: true })
  const member = await memberOf(ctx, tenant.id, user)
  if (member) requireMayHandle(acting, tenant, member.role)
  return { acting, user, member }
}

function none(tenant: KnownTenantName, { email }: KnownUser): ErpmaxError {
  return new ErpmaxError(
    'not_found',
    'invitation.not_found',
    `${email} is not invited to ${tenant.subdomain}`,
    { hint: `erpmax user invite ${tenant.subdomain} ${email} --role user` },
  )
}
