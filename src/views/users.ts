/** `user list` and `user show`: people, where they belong, and what is open for them. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { rows, sql, verbatim, type Sql } from '../database/sql.js'
import { findUser, type UserStatus } from '../people/find-user.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

export const membershipStates = ['invited', 'active', 'removed'] as const

export interface UserPlace {
  tenant: string
  role: string
  status: string
}

export interface UserListItem {
  id: string
  email: string
  full_name: string
  status: UserStatus
  language: string
  /** Of the one tenant that was asked for, or all; those that were removed only where they were asked for. */
  memberships: UserPlace[]
}

export interface UserFilters {
  /** Subdomain or id; null: everybody. */
  tenant: string | null
  status: readonly string[]
  role: readonly string[]
  membership: readonly string[]
}

const keys = { email: { by: verbatim('u.email collate "C"'), type: 'text' } } satisfies Record<
  string,
  SortKey
>
const id: SortKey = { by: verbatim('u.id'), type: 'uuid' }

/** By address. */
export async function listUsers(
  ctx: Pick<Context, 'db'>,
  { tenant, status, role, membership }: UserFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<UserListItem>> {
  const tenantId = tenant === null ? null : (await findTenant(ctx, tenant)).id
  const states = membership.length > 0 ? membership : ['invited', 'active']
  const places = sql`from public.memberships m
    join public.tenants t on t.id = m.tenant_id left join public.roles r on r.id = m.role_id
    where m.user_id = u.id and m.status = any(${states}::text[])
      and (${tenantId}::uuid is null or m.tenant_id = ${tenantId}::uuid)
      and (${role.length === 0} or r.code = any(${role}::text[]))`
  const where: Sql[] = []
  if (status.length > 0) where.push(sql`u.status = any(${status}::text[])`)
  if (tenantId !== null || role.length > 0 || membership.length > 0)
    where.push(sql`exists (select 1 ${places})`)
  return readPage<UserListItem>(
    ctx.db,
    {
      columns: sql`u.id, u.email, u.full_name, u.status, u.language,
        coalesce((select jsonb_agg(jsonb_build_object('tenant', t.subdomain, 'role', coalesce(r.code, ''), 'status', m.status)
                                   order by t.subdomain, m.created_at) ${places}), '[]') as memberships`,
      ...{ from: verbatim('public.users u'), where, keys, id },
    },
    { ...page, sort: 'email' },
  )
}

export interface ShownUser {
  id: string
  email: string
  full_name: string
  status: UserStatus
  language: string
  has_password: boolean
  created_at: string
  memberships: {
    tenant: string
    company: string
    role: string
    /** The rank in the ERP where it does not follow from the role. */
    erp_role: string | null
    status: string
    is_default: boolean
    since: string
  }[]
  invitations: { tenant: string; status: string; expires_at: string; created_at: string }[]
}

/** @param text address or id @throws not_found `user.not_found` */
export async function showUser(ctx: Pick<Context, 'db' | 'clock'>, text: string): Promise<ShownUser> {
  const user = await findUser(ctx, text)
  const [made] = await rows<{ created_at: Date }>(
    ctx.db,
    sql`select created_at from public.users where id = ${user.id}`,
  )
  const memberships = await rows<Omit<ShownUser['memberships'][number], 'since'> & { since: Date }>(
    ctx.db,
    sql`select t.subdomain as tenant, t.name as company, coalesce(r.code, '') as role, m.erp_role, m.status, m.is_default, m.created_at as since
        from public.memberships m join public.tenants t on t.id = m.tenant_id left join public.roles r on r.id = m.role_id
        where m.user_id = ${user.id} order by m.status = 'removed', t.subdomain, m.created_at`,
  )
  const invitations = await rows<{ tenant: string; status: string; expires_at: Date; created_at: Date }>(
    ctx.db,
    sql`select t.subdomain as tenant, ${statusAt(ctx)} as status, i.expires_at, i.created_at
        from public.invitations i join public.tenants t on t.id = i.tenant_id
        where i.user_id = ${user.id} order by i.created_at desc limit 20`,
  )
  const { has_password, ...rest } = user
  return {
    ...rest,
    ...{ has_password, created_at: made?.created_at.toISOString() ?? '' },
    memberships: memberships.map((one) => ({ ...one, since: one.since.toISOString() })),
    invitations: invitations.map((one) => ({
      ...one,
      ...{ expires_at: one.expires_at.toISOString(), created_at: one.created_at.toISOString() },
    })),
  }
}

/** One whose days are over is expired, written down or not. */
export function statusAt({ clock }: Pick<Context, 'clock'>): Sql {
  return sql`case when i.status = 'pending' and i.expires_at <= ${clock.now()} then 'expired' else i.status end`
}
