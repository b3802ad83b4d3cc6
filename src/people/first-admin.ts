/** The first administrator of a new tenant: user, membership as owner, and an invitation where no password was given. */
import { execute, firstRow, oneRow, sql } from '../database/sql.js'
import { findRole } from './find-role.js'
import { findUser } from './find-user.js'
import { issueInvitation, mailInvitation, type IssuedInvitation } from './invitations/issue.js'
import { linkTo } from './links.js'
import { hashPassword } from './passwords.js'
import type { Context } from '../kernel/context.js'
import type { TenantId, UserId } from '../kernel/ids.js'
import type { Secret } from '../kernel/secret.js'

export interface AdminInput {
  /** In lower case. */
  email: string
  fullName: string
  password: Secret | null
  language: string
}

export interface FirstAdmin {
  userId: UserId
  email: string
  fullName: string
  /** False where the address belonged to somebody already: their membership waits for them to accept. */
  created: boolean
  membershipStatus: 'active' | 'invited'
  /** Its token is shown once, only its hash is stored. */
  invitation: IssuedInvitation | null
}

/**
 * Safe to repeat for one tenant. Creating a tenant never opens somebody else's account: a user who was there before
 * gets an invited membership and no password. Whether the user was there before is read from the membership the
 * first run wrote.
 */
export async function installFirstAdmin(
  ctx: Pick<Context, 'db' | 'clock' | 'random' | 'config' | 'actor'>,
  tenantId: TenantId,
  input: AdminInput,
): Promise<FirstAdmin> {
  const earlier = await firstRow<{ user_id: UserId; status: 'active' | 'invited' }>(
    ctx.db,
    sql`select m.user_id, m.status from public.memberships m join public.users u on u.id = m.user_id
        where m.tenant_id = ${tenantId} and u.email = ${input.email} and m.status <> 'removed'`,
  )
  const passwordHash = input.password ? await hashPassword(input.password, ctx.config) : null
  const user = earlier
    ? { id: earlier.user_id, created: earlier.status === 'active' }
    : await findOrCreateUser(ctx, input, passwordHash)
  const status = user.created ? 'active' : 'invited'
  if (!earlier) await addOwner(ctx, tenantId, user.id, status)
  if (earlier && user.created && passwordHash) {
    await execute(
      ctx.db,
      sql`update public.users set password_hash = ${passwordHash}, updated_at = now() where id = ${user.id}`,
    )
  }
  const invitation = passwordHash && user.created ? null : await inviteOwner(ctx, tenantId, user.id)
  return {
    userId: user.id,
    email: input.email,
    fullName: input.fullName,
    created: user.created,
    membershipStatus: status,
    invitation,
  }
}

export async function userExists(ctx: Pick<Context, 'db'>, email: string): Promise<boolean> {
  return (await firstRow(ctx.db, sql`select 1 from public.users where email = ${email}`)) !== null
}

async function findOrCreateUser(
  ctx: Pick<Context, 'db'>,
  input: AdminInput,
  passwordHash: string | null,
): Promise<{ id: UserId; created: boolean }> {
  const created = await firstRow<{ id: UserId }>(
    ctx.db,
    sql`insert into public.users (email, full_name, status, password_hash, language)
        values (${input.email}, ${input.fullName}, 'active', ${passwordHash}, ${input.language})
        on conflict (lower(email)) do nothing returning id`,
  )
  if (created) return { id: created.id, created: true }
  const found = await oneRow<{ id: UserId }>(
    ctx.db,
    sql`select id from public.users where email = ${input.email}`,
  )
  return { id: found.id, created: false }
}

async function addOwner(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  userId: UserId,
  status: 'active' | 'invited',
): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.memberships (user_id, tenant_id, role_id, status, is_default)
        select ${userId}, ${tenantId}, r.id, ${status}, ${status === 'active'}
        from public.roles r where r.code = 'owner' and r.tenant_id is null`,
  )
}

/** A new link to an owner; an earlier one that nobody has seen the token of any more is revoked. */
export async function inviteOwner(
  ctx: Pick<Context, 'db' | 'clock' | 'random' | 'actor'>,
  tenantId: TenantId,
  userId: UserId,
): Promise<IssuedInvitation> {
  const { id: roleId } = await findRole(ctx, 'owner', null)
  return issueInvitation(ctx, tenantId, userId, { roleId, invitedBy: ctx.actor.operator })
}

/**
 * Mails the first administrator the link, where there is one and somebody has said how the listener is reached. In the
 * transaction that activates: before it there is no tenant to come to.
 * @returns whether it waits in the queue
 */
export async function mailFirstAdmin(
  ctx: Pick<Context, 'db' | 'config'>,
  tenantId: TenantId,
  { userId, invitation }: FirstAdmin,
): Promise<boolean> {
  const url = invitation && linkTo(ctx, 'invitations', invitation.token)
  if (!invitation || url === null) return false
  const user = await findUser(ctx, userId)
  await mailInvitation(ctx, tenantId, { user, role: await findRole(ctx, 'owner', null), url }, invitation)
  return true
}

/** Takes back what `installFirstAdmin` wrote; a user who was there before stays. */
export async function removeFirstAdmin(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  email: string,
): Promise<void> {
  await execute(ctx.db, sql`delete from public.invitations where tenant_id = ${tenantId}`)
  const removed = await firstRow<{ user_id: string }>(
    ctx.db,
    sql`delete from public.memberships m using public.users u
        where m.tenant_id = ${tenantId} and u.id = m.user_id and u.email = ${email} and m.status = 'active' returning m.user_id`,
  )
  await execute(ctx.db, sql`delete from public.memberships where tenant_id = ${tenantId}`)
  if (!removed) return
  await execute(
    ctx.db,
    sql`delete from public.users u where u.id = ${removed.user_id}
        and not exists (select 1 from public.memberships m where m.user_id = u.id)`,
  )
}
