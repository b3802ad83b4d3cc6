/** Invites somebody to a tenant: a new person, or one who has an account already and need only accept. */
import { changeOrRehearse } from '../../database/rehearse.js'
import { execute, firstRow, oneRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { findTenant } from '../../tenants/find.js'
import { actingEmail, actingIn, requireMayHandle, type Acting } from '../acting.js'
import { followInErp } from '../erp-follow.js'
import { findRole, type KnownRole } from '../find-role.js'
import { findUser, type KnownUser, type UserStatus } from '../find-user.js'
import { holdPeople, memberOf, type KnownTenantName } from '../members.js'
import { emailAddress, fullName, type UserLanguage } from '../particulars.js'
import { requireSeat } from '../seats.js'
import { handOver, issueInvitation, type Handover } from './issue.js'
import type { Context } from '../../kernel/context.js'

export interface InviteInput {
  tenant: string
  email: string
  role: string
  /** Null: not known; they may say it when they accept. */
  name: string | null
  /** Null: the tenant's. */
  language: UserLanguage | null
  /** A member who does it; null: the operator. */
  as: string | null
  dryRun: boolean
}

export interface InvitedUser extends Handover {
  dry_run: boolean
  invitation: {
    /** Null in a dry run. */
    id: string | null
    tenant: string
    email: string
    role: string
    status: 'pending'
    expires_at: string
  }
  /** Null where a member asks: who has an account, and under which name, is not theirs to learn. */
  user: {
    id: string | null
    email: string
    full_name: string | null
    status: UserStatus | null
    created: boolean | null
  }
}

/**
 * @throws conflict `user.already_member`, `invitation.pending`, `user.disabled`, `tier.too_many_users`; permission
 *   `access.owner_only`; usage for an address, a name or a role that is none
 */
export async function inviteUser(ctx: Context, input: InviteInput): Promise<InvitedUser> {
  const email = emailAddress(input.email)
  const name = input.name === null ? null : fullName(input.name)
  const tenant = await findTenant(ctx, input.tenant)
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    await holdPeople(inner, tenant)
    const acting = await actingIn(inner, tenant, input.as)
    const role = await findRole(inner, input.role, tenant.id)
    requireMayHandle(acting, tenant, role)
    const { user, created } = await findOrCreate(inner, tenant, { email, name, language: input.language })
    if (user.status === 'disabled') throw userDisabled(user)
    await openMembership(inner, tenant, { user, role, acting })
    const by = actingEmail(acting)
    const invitedBy = by ?? inner.actor.operator
    const issued = await issueInvitation(inner, tenant.id, user.id, { roleId: role.id, invitedBy })
    await followInErp(inner, tenant.id, user.id)
    await audit(inner, {
      ...{ action: 'user.invite', subjectKind: 'user', subject: email, tenantId: tenant.id },
      outcome: 'succeeded',
      after: { tenant: tenant.subdomain, role: role.code, ...(by ? { as: by } : {}) },
    })
    const nothing = { invitation_url: null, token: null, mailed: false }
    const handed = input.dryRun ? nothing : await handOver(inner, tenant, { user, role, acting }, issued)
    return {
      dry_run: input.dryRun,
      invitation: {
        ...{ id: input.dryRun ? null : issued.id, tenant: tenant.subdomain, email, role: role.code },
        ...{ status: 'pending', expires_at: issued.expiresAt.toISOString() },
      },
      user:
        acting === 'operator'
          ? {
              ...{ id: created && input.dryRun ? null : user.id, email, full_name: user.full_name },
              ...{ status: user.status, created },
            }
          : { id: null, email, full_name: null, status: null, created: null },
      ...handed,
    }
  })
}

export function userDisabled({ email }: Pick<KnownUser, 'email'>): ErpmaxError {
  return new ErpmaxError('conflict', 'user.disabled', `${email} is disabled`, {
    hint: `erpmax user enable ${email}`,
  })
}

/** The person's row, held: of two who invite somebody new at once into two tenants one makes it. */
async function findOrCreate(
  ctx: Pick<Context, 'db'>,
  tenant: KnownTenantName,
  { email, name, language }: { email: string; name: string | null; language: UserLanguage | null },
): Promise<{ user: KnownUser; created: boolean }> {
  const made = await firstRow(
    ctx.db,
    sql`insert into public.users (email, full_name, status, language)
        select ${email}, ${name ?? email}, 'invited', coalesce(${language}, t.language)
        from public.tenants t where t.id = ${tenant.id}
        on conflict (lower(email)) do nothing returning id`,
  )
  return { user: await findUser(ctx, email, { lock: true }), created: made !== null }
}

/** An `invited` membership with this role; one whose invitation has expired is taken up again. */
async function openMembership(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenant: KnownTenantName,
  { user, role, acting }: { user: KnownUser; role: KnownRole; acting: Acting },
): Promise<void> {
  const member = await memberOf(ctx, tenant.id, user)
  if (!member) {
    await requireSeat(ctx, tenant, 'invited')
    await oneRow(
      ctx.db,
      sql`insert into public.memberships (user_id, tenant_id, role_id, status)
          values (${user.id}, ${tenant.id}, ${role.id}, 'invited') returning id`,
    )
    return
  }
  if (member.status === 'active') {
    throw new ErpmaxError(
      'conflict',
      'user.already_member',
      `${user.email} belongs to ${tenant.subdomain} already, as ${member.role.code}`,
      { hint: `erpmax user role ${tenant.subdomain} ${user.email} ${role.code}` },
    )
  }
  const pending = await firstRow<{ expires_at: Date }>(
    ctx.db,
    sql`select expires_at from public.invitations where tenant_id = ${tenant.id} and user_id = ${user.id}
        and status = 'pending' and expires_at > ${ctx.clock.now()}`,
  )
  if (pending) {
    const until = pending.expires_at.toISOString()
    throw new ErpmaxError(
      'conflict',
      'invitation.pending',
      `${user.email} is invited to ${tenant.subdomain} already, until ${until}`,
      {
        hint: `erpmax user invitations resend ${tenant.subdomain} ${user.email}`,
        details: { expires_at: until },
      },
    )
  }
  requireMayHandle(acting, tenant, member.role)
  await execute(
    ctx.db,
    sql`update public.memberships set role_id = ${role.id}, erp_role = null, updated_at = now() where id = ${member.membershipId}`,
  )
}
