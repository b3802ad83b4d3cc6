/** `role list`, `role show` and `permission list`. */
import { rows, sql } from '../database/sql.js'
import { findRole } from '../people/find-role.js'
import { requireModule } from '../subscriptions/entitlements.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'
import type { Page } from '../database/keyset.js'
import type { RoleJson } from '../people/roles.js'

export interface RoleListItem {
  code: string
  name: string
  /** Null: of all tenants. */
  tenant: string | null
  built_in: boolean
  permissions: number
  /** Who has it, invited people too; of the one tenant where one was asked for. */
  members: number
}

/**
 * The built-in ones first. All of them: there are few.
 * @param tenant null: those of all tenants, and every tenant's own
 */
export async function listRoles(
  ctx: Pick<Context, 'db'>,
  tenant: string | null,
): Promise<Page<RoleListItem>> {
  const tenantId = tenant === null ? null : (await findTenant(ctx, tenant)).id
  const items = await rows<RoleListItem>(
    ctx.db,
    sql`select r.code, r.name, t.subdomain as tenant, r.is_built_in as built_in,
               (select count(*)::int from public.role_permissions p where p.role_id = r.id) as permissions,
               (select count(*)::int from public.memberships m where m.role_id = r.id and m.status <> 'removed'
                and (${tenantId}::uuid is null or m.tenant_id = ${tenantId}::uuid)) as members
        from public.roles r left join public.tenants t on t.id = r.tenant_id
        where ${tenantId}::uuid is null or r.tenant_id is null or r.tenant_id = ${tenantId}::uuid
        order by not r.is_built_in, case when r.is_built_in then array_position(array['owner', 'admin', 'user', 'member'], r.code) end,
                 t.subdomain nulls first, r.code`,
  )
  return { items, next_cursor: null }
}

export interface ShownRole extends RoleJson {
  members: { tenant: string; user: string; status: string }[]
}

/** Members: the first hundred. @throws not_found `role.not_found` */
export async function showRole(
  ctx: Pick<Context, 'db'>,
  code: string,
  tenant: string | null,
): Promise<ShownRole> {
  const placed = tenant === null ? null : await findTenant(ctx, tenant)
  const role = await findRole(ctx, code, placed?.id ?? null)
  const members = await rows<ShownRole['members'][number]>(
    ctx.db,
    sql`select t.subdomain as tenant, u.email as user, m.status
        from public.memberships m join public.tenants t on t.id = m.tenant_id join public.users u on u.id = m.user_id
        where m.role_id = ${role.id} and m.status <> 'removed'
          and (${placed?.id ?? null}::uuid is null or m.tenant_id = ${placed?.id ?? null}::uuid)
        order by 1, 2 limit 100`,
  )
  return {
    ...{ code: role.code, name: role.name, description: role.description },
    tenant: role.tenant_id === null ? null : (placed?.subdomain ?? null),
    ...{ built_in: role.is_built_in, permissions: role.permissions, members },
  }
}

export interface PermissionItem {
  code: string
  module: string
  description: string
  /** Codes of the roles of all tenants that have it. */
  roles: string[]
}

/** @throws usage `module.unknown` */
export async function listPermissions(
  ctx: Pick<Context, 'db'>,
  module: string | null,
): Promise<Page<PermissionItem>> {
  if (module !== null) await requireModule(ctx, module)
  const items = await rows<PermissionItem>(
    ctx.db,
    sql`select p.code, p.module_code as module, p.description,
               coalesce((select array_agg(r.code order by not r.is_built_in, r.created_at, r.code)
                         from public.role_permissions g join public.roles r on r.id = g.role_id
                         where g.permission_code = p.code and r.tenant_id is null), '{}') as roles
        from public.permissions p join public.modules m on m.code = p.module_code
        where ${module}::text is null or p.module_code = ${module}
        order by m.position, array_position(array['read', 'write', 'admin'], split_part(p.code, ':', 2)), p.code`,
  )
  return { items, next_cursor: null }
}
