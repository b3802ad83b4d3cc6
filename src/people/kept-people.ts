/** The people of a tenant as a backup keeps them: who they are and what they may do, never a password or a token. */
import { rows, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

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
  status: string
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
    sql`select u.id as user_id, u.email, u.full_name, u.language, r.code as role, m.status
        from public.memberships m join public.users u on u.id = m.user_id join public.roles r on r.id = m.role_id
        where m.tenant_id = ${tenantId} and m.status <> 'removed' order by m.created_at, u.email`,
  )
}
