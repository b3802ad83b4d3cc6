/** Gives a member another role, and hands the ownership of a tenant over. */
import { changeOrRehearse } from '../database/rehearse.js'
import { execute, firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { findTenant } from '../tenants/find.js'
import { actingEmail, actingIn, requireMayHandle, type Acting } from './acting.js'
import { followInErp } from './erp-follow.js'
import { findRole, isOwnerRole, type KnownRole } from './find-role.js'
import { findMember, holdPeople, type KnownTenantName, type Member } from './members.js'
import { requireAnotherOwner } from './owners.js'
import { mailRoleChange } from './role-mail.js'
import type { Context } from '../kernel/context.js'

export interface RoleChange {
  tenant: string
  user: string
  role: string
  /** Undefined: it stays where the role allows it. */
  erpRole?: 'MANAGER' | 'USER' | undefined
  /** A member who does it; null: the operator. */
  as: string | null
  dryRun: boolean
}

export interface MemberRole {
  tenant: string
  user: string
  role: string
  erp_role: 'MANAGER' | null
  status: string
}

export interface ChangedRole {
  dry_run: boolean
  changed: boolean
  member: MemberRole
  before: { role: string; erp_role: 'MANAGER' | null }
}

/**
 * Of somebody who is only invited too. Safe to repeat: what the ERP has on record is put right then.
 * @throws permission `access.owner_only`; conflict `user.last_owner`; usage `user.erp_role_invalid`
 */
export async function changeRole(ctx: Context, input: RoleChange): Promise<ChangedRole> {
  const tenant = await findTenant(ctx, input.tenant)
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    await holdPeople(inner, tenant)
    const acting = await actingIn(inner, tenant, input.as)
    const member = await findMember(inner, tenant, input.user, { lock: true })
    const role = await findRole(inner, input.role, tenant.id)
    requireMayHandle(acting, tenant, member.role)
    requireMayHandle(acting, tenant, role)
    const erpRole = erpRoleWith(role, member, input.erpRole)
    const changed = role.id !== member.role.id || erpRole !== member.erpRole
    if (changed) {
      if (isOwnerRole(member.role) && !isOwnerRole(role)) await requireAnotherOwner(inner, tenant, member)
      await setRole(inner, tenant, { acting, member, role, erpRole }, 'user.role')
    } else await followInErp(inner, tenant.id, member.user.id)
    return {
      ...{ dry_run: input.dryRun, changed },
      member: {
        ...{ tenant: tenant.subdomain, user: member.user.email, role: role.code },
        ...{ erp_role: erpRole, status: member.status },
      },
      before: { role: member.role.code, erp_role: member.erpRole },
    }
  })
}

/** A rank of its own is for those whose role says nothing about it: owners, administrators and readers have theirs. */
function erpRoleWith(role: KnownRole, member: Member, wanted: RoleChange['erpRole']): 'MANAGER' | null {
  const settled = role.is_built_in && role.code !== 'user'
  if (!settled) return wanted === undefined ? member.erpRole : wanted === 'MANAGER' ? 'MANAGER' : null
  if (wanted === undefined) return null
  throw new ErpmaxError(
    'usage',
    'user.erp_role_invalid',
    `The rank of ${role.code} in the ERP follows from the role`,
    {
      hint: 'Leave --erp-role out, or choose the role user or one of your own',
    },
  )
}

async function setRole(
  ctx: Context,
  tenant: KnownTenantName,
  change: { acting: Acting; member: Member; role: KnownRole; erpRole: 'MANAGER' | null },
  action: string,
): Promise<void> {
  const { acting, member, role, erpRole } = change
  await execute(
    ctx.db,
    sql`update public.memberships set role_id = ${role.id}, erp_role = ${erpRole}, updated_at = now() where id = ${member.membershipId}`,
  )
  await execute(
    ctx.db,
    sql`update public.invitations set role_id = ${role.id}, updated_at = now()
        where tenant_id = ${tenant.id} and user_id = ${member.user.id} and status = 'pending'`,
  )
  if (member.status === 'invited') await warnOfEndedLink(ctx, tenant, member)
  await followInErp(ctx, tenant.id, member.user.id)
  const by = actingEmail(acting)
  await audit(ctx, {
    ...{ action, subjectKind: 'user', subject: member.user.email, tenantId: tenant.id, outcome: 'succeeded' },
    before: { role: member.role.code, erp_role: member.erpRole },
    after: { tenant: tenant.subdomain, role: role.code, erp_role: erpRole, ...(by ? { as: by } : {}) },
  })
  if (role.id !== member.role.id && member.status === 'active')
    await mailRoleChange(ctx, tenant.id, member, { before: member.role, role })
}

/** The database ends a link that a member has seen: whoever may invite to one role may not to another. */
async function warnOfEndedLink(ctx: Context, tenant: KnownTenantName, { user }: Member): Promise<void> {
  const open = await firstRow(
    ctx.db,
    sql`select 1 from public.invitations where tenant_id = ${tenant.id} and user_id = ${user.id} and status = 'pending'`,
  )
  if (open) return
  ctx.warn({
    code: 'invitation.ended',
    message: `The link of ${user.email} is none any more: erpmax user invitations resend ${tenant.subdomain} ${user.email}`,
  })
}

export interface Handing {
  tenant: string
  /** Who becomes the owner. */
  user: string
  /** Who was it; null: the acting member, or the only owner there is. */
  from: string | null
  as: string | null
  dryRun: boolean
}

export interface TransferredOwnership {
  dry_run: boolean
  /** False where it was so already. */
  changed: boolean
  tenant: string
  owner: string
  /** Who is an administrator now; null where nobody had to step back. */
  former_owner: string | null
}

/**
 * The new owner is a member already; the former one stays as administrator.
 * @throws permission `access.owner_only`; conflict `user.not_active`, `user.not_an_owner`; usage `user.from_missing`
 */
export async function transferOwnership(ctx: Context, input: Handing): Promise<TransferredOwnership> {
  const tenant = await findTenant(ctx, input.tenant)
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    await holdPeople(inner, tenant)
    const acting = await actingIn(inner, tenant, input.as)
    const owner = await findRole(inner, 'owner', null)
    requireMayHandle(acting, tenant, owner)
    const next = await findMember(inner, tenant, input.user, { lock: true })
    if (next.status !== 'active' || next.user.status !== 'active') {
      throw new ErpmaxError(
        'conflict',
        'user.not_active',
        `${next.user.email} is no active member of ${tenant.subdomain}`,
        {
          hint: `erpmax user show ${next.user.email}`,
        },
      )
    }
    const from = await formerOwner(inner, tenant, { input, acting, next })
    const result = { dry_run: input.dryRun, tenant: tenant.subdomain, owner: next.user.email }
    if (from === null) return { ...result, changed: false, former_owner: null }
    if (!isOwnerRole(next.role))
      await setRole(
        inner,
        tenant,
        { acting, member: next, role: owner, erpRole: null },
        'user.transfer_ownership',
      )
    const admin = await findRole(inner, 'admin', null)
    await setRole(
      inner,
      tenant,
      { acting, member: from, role: admin, erpRole: null },
      'user.transfer_ownership',
    )
    return { ...result, changed: true, former_owner: from.user.email }
  })
}

/** Null where the next owner is the only one, and nobody else was named. */
async function formerOwner(
  ctx: Pick<Context, 'db'>,
  tenant: KnownTenantName,
  { input, acting, next }: { input: Handing; acting: Acting; next: Member },
): Promise<Member | null> {
  const named = input.from ?? (acting === 'operator' ? null : acting.email)
  if (named !== null) {
    const from = await findMember(ctx, tenant, named, { lock: true })
    if (from.membershipId === next.membershipId) return null
    if (isOwnerRole(from.role) && from.status === 'active') return from
    if (isOwnerRole(next.role) && input.from !== null && from.role.code === 'admin') return null
    throw new ErpmaxError(
      'conflict',
      'user.not_an_owner',
      `${from.user.email} is no owner of ${tenant.subdomain}`,
      {
        hint: `erpmax user list ${tenant.subdomain} --role owner`,
      },
    )
  }
  const owners = await firstRow<{ emails: string[] }>(
    ctx.db,
    sql`select coalesce(array_agg(u.email order by u.email), '{}') as emails
        from public.memberships m join public.users u on u.id = m.user_id
        join public.roles r on r.id = m.role_id and r.is_built_in and r.code = 'owner'
        where m.tenant_id = ${tenant.id} and m.status = 'active' and u.id <> ${next.user.id}`,
  )
  const [only, ...others] = owners?.emails ?? []
  if (only === undefined) {
    if (isOwnerRole(next.role)) return null
    throw new ErpmaxError('conflict', 'user.not_an_owner', `${tenant.subdomain} has no active owner`, {
      hint: `erpmax user role ${tenant.subdomain} ${next.user.email} owner`,
    })
  }
  if (others.length === 0 && !isOwnerRole(next.role)) return findMember(ctx, tenant, only, { lock: true })
  throw new ErpmaxError(
    'usage',
    'user.from_missing',
    `${tenant.subdomain} has several owners: ${[only, ...others, ...(isOwnerRole(next.role) ? [next.user.email] : [])].join(', ')}`,
    { hint: `--from ${only}` },
  )
}
