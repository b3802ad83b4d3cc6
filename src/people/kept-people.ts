/** The people of a tenant as a backup keeps them: who they are and what they may do, never a password or a token. */
import { execute, firstRow, oneRow, rows, sql, verbatim, type Sql } from '../database/sql.js'
import { inviteOwner } from './first-admin.js'
import type { Context } from '../kernel/context.js'
import type { TenantId, UserId } from '../kernel/ids.js'
import type { Secret } from '../kernel/secret.js'

/** A role of the tenant's own; the built-in ones are everywhere. */
export interface KeptRole {
  code: string
  name: string
  description: string
  permissions: string[]
}

export interface KeptMember {
  user_id: string
  email: string
  full_name: string
  language: string
  role: string
  /** The rank in the ERP where it is not the one of the role. */
  erp_role: 'MANAGER' | null
  status: string
}

/** Somebody who was taken over into a tenant. */
export interface InvitedMember {
  email: string
  role: string
  /** Their id where the backup was made, and their id here. */
  was: string
  is: UserId
  /** Of owners, so that somebody can come in: shown once, only its hash is stored. */
  invitation: Secret | null
}

export async function readRoles(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<KeptRole[]> {
  return rows<KeptRole>(
    ctx.db,
    sql`select r.code, r.name, r.description,
               coalesce((select array_agg(p.permission_code order by p.permission_code) from public.role_permissions p
                         where p.role_id = r.id), '{}') as permissions
        from public.roles r where r.tenant_id = ${tenantId} order by r.code`,
  )
}

export async function readMembers(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<KeptMember[]> {
  return rows<KeptMember>(
    ctx.db,
    sql`select u.id as user_id, u.email, u.full_name, u.language, r.code as role, m.erp_role, m.status
        from public.memberships m join public.users u on u.id = m.user_id join public.roles r on r.id = m.role_id
        where m.tenant_id = ${tenantId} and m.status <> 'removed' order by m.created_at, u.email`,
  )
}

/** Each as it was; a role that has come since stays. */
export async function restoreRoles(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  roles: readonly KeptRole[],
): Promise<void> {
  for (const { code, name, description, permissions } of roles) {
    const { id } = await oneRow<{ id: string }>(
      ctx.db,
      sql`insert into public.roles (tenant_id, code, name, description) values (${tenantId}, ${code}, ${name}, ${description})
          on conflict (tenant_id, code) do update set name = excluded.name, description = excluded.description, updated_at = now()
          returning id`,
    )
    await execute(ctx.db, sql`delete from public.role_permissions where role_id = ${id}`)
    await execute(
      ctx.db,
      sql`insert into public.role_permissions (role_id, permission_code)
          select ${id}, p.code from public.permissions p where p.code = any(${permissions}::text[])`,
    )
  }
}

/**
 * Into a new tenant everybody is invited: a restore never opens somebody's account. Who has none gets one
 * without a password, under the id they had where that is free.
 */
export async function inviteMembers(
  ctx: Pick<Context, 'db' | 'clock' | 'random' | 'actor'>,
  tenantId: TenantId,
  members: readonly KeptMember[],
): Promise<InvitedMember[]> {
  const invited: InvitedMember[] = []
  for (const member of members) invited.push(await inviteMember(ctx, tenantId, member))
  return invited
}

/**
 * Into the tenant they were of: who is in it has the role of then, who is not any more is invited again, and who has
 * come since stays.
 * Nobody ceases to be the last owner by it.
 * @returns those who were invited
 */
export async function restoreMembers(
  ctx: Pick<Context, 'db' | 'clock' | 'random' | 'actor'>,
  tenantId: TenantId,
  members: readonly KeptMember[],
): Promise<InvitedMember[]> {
  const invited: InvitedMember[] = []
  // Owners first: who was none then steps back only once somebody else is one.
  const ordered = [...members].sort((a, b) => Number(b.role === 'owner') - Number(a.role === 'owner'))
  for (const member of ordered) {
    const { user_id, email, role, erp_role } = member
    const there = await firstRow<{ id: string }>(
      ctx.db,
      sql`select m.id from public.memberships m join public.users u on u.id = m.user_id
          where m.tenant_id = ${tenantId} and m.status <> 'removed' and (u.id = ${user_id} or lower(u.email) = ${email.toLowerCase()})
          order by u.id = ${user_id} desc limit 1`,
    )
    if (!there) {
      invited.push(await inviteMember(ctx, tenantId, member))
      continue
    }
    const then = sql`(${roleOf(tenantId, role)}, ${erp_role}::text)`
    await execute(
      ctx.db,
      sql`update public.memberships set (role_id, erp_role) = ${then}, updated_at = now()
          where id = ${there.id} and (role_id, erp_role) is distinct from ${then} and ${notTheLastOwner}`,
    )
  }
  // What is open leads to the role that its member has by now.
  await execute(
    ctx.db,
    sql`update public.invitations i set role_id = m.role_id, updated_at = now() from public.memberships m
        where i.tenant_id = ${tenantId} and i.status = 'pending' and m.tenant_id = i.tenant_id and m.user_id = i.user_id
          and m.status <> 'removed' and i.role_id is distinct from m.role_id`,
  )
  return invited
}

/** The owner of then may be gone, and is only invited again: until they accept, today's owner stays one. */
const notTheLastOwner = verbatim(`(
  memberships.status <> 'active' or role_id <> (select o.id from public.roles o where o.code = 'owner' and o.is_built_in)
  or exists (
    select 1 from public.memberships m join public.users u on u.id = m.user_id and u.status = 'active'
    where m.tenant_id = memberships.tenant_id and m.role_id = memberships.role_id and m.status = 'active' and m.id <> memberships.id))`)

async function inviteMember(
  ctx: Pick<Context, 'db' | 'clock' | 'random' | 'actor'>,
  tenantId: TenantId,
  member: KeptMember,
): Promise<InvitedMember> {
  const { email, role, erp_role } = member
  const userId = await findOrInvite(ctx, member)
  await execute(
    ctx.db,
    sql`insert into public.memberships (user_id, tenant_id, role_id, erp_role, status)
        values (${userId}, ${tenantId}, ${roleOf(tenantId, role)}, ${erp_role}, 'invited')`,
  )
  const invitation = role === 'owner' ? (await inviteOwner(ctx, tenantId, userId)).token : null
  return { email, role, was: member.user_id, is: userId, invitation }
}

/** The id of the tenant's role of this code, of the built-in one, or of the least there is where neither is known. */
function roleOf(tenantId: TenantId, code: string): Sql {
  return sql`(select r.id from public.roles r
              where r.code in (${code}, 'member') and (r.tenant_id is null or r.tenant_id = ${tenantId})
              order by r.code = ${code} desc, r.tenant_id is null limit 1)`
}

async function findOrInvite(ctx: Pick<Context, 'db'>, member: KeptMember): Promise<UserId> {
  const email = member.email.toLowerCase()
  const there = await firstRow<{ id: UserId }>(
    ctx.db,
    sql`select id from public.users where lower(email) = ${email}`,
  )
  if (there) return there.id
  const { id } = await oneRow<{ id: UserId }>(
    ctx.db,
    sql`insert into public.users (id, email, full_name, status, language)
        select case when exists (select 1 from public.users u where u.id = ${member.user_id}) then gen_random_uuid() else ${member.user_id}::uuid end,
               ${email}, ${member.full_name}, 'invited', ${member.language}
        returning id`,
  )
  return id
}
