/** `auth whoami`: whose token it is, where it is, what its role permits, and where else its user belongs. */
import { rows, sql } from '../../database/sql.js'
import { placesOf } from './place.js'
import { verifyAccess } from './verify-access.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'

export interface Who {
  user: { id: string; email: string; full_name: string; language: string }
  tenant: { id: string; subdomain: string; name: string }
  role: string
  /** What the role permits, `module:action`; what of it counts now depends on what the tenant subscribes to. */
  permissions: string[]
  session: { id: string } | null
  expires_at: string
  tenants: UserTenant[]
}

export interface UserTenant {
  id: string
  subdomain: string
  name: string
  status: string
  role: string
  is_default: boolean
}

/** @throws as `verifyAccess` */
export async function whoIs(ctx: Pick<Context, 'db' | 'clock' | 'signingKey'>, token: string): Promise<Who> {
  const { user, role, tenantId, subdomain, tenantName, sessionId, expiresAt } = await verifyAccess(ctx, token)
  return {
    user,
    tenant: { id: tenantId, subdomain, name: tenantName },
    role,
    permissions: await permissionsIn(ctx, user.id, tenantId),
    session: sessionId === null ? null : { id: sessionId },
    expires_at: expiresAt.toISOString(),
    tenants: await tenantsOf(ctx, user.id),
  }
}

/** The tenants of the bearer, the default one first. @throws as `verifyAccess` */
export async function tenantsOfBearer(
  ctx: Pick<Context, 'db' | 'clock' | 'signingKey'>,
  token: string,
): Promise<{ items: UserTenant[]; next_cursor: null }> {
  const { userId } = await verifyAccess(ctx, token)
  return { items: await tenantsOf(ctx, userId), next_cursor: null }
}

async function tenantsOf(ctx: Pick<Context, 'db'>, userId: UserId): Promise<UserTenant[]> {
  const places = await placesOf(ctx, userId)
  return places.map(({ tenantId, isDefault, ...place }) => ({
    id: tenantId,
    ...place,
    is_default: isDefault,
  }))
}

async function permissionsIn(
  ctx: Pick<Context, 'db'>,
  userId: UserId,
  tenantId: TenantId,
): Promise<string[]> {
  const found = await rows<{ code: string }>(
    ctx.db,
    sql`select p.permission_code as code from public.memberships m join public.role_permissions p on p.role_id = m.role_id
        where m.user_id = ${userId} and m.tenant_id = ${tenantId} and m.status = 'active' order by 1`,
  )
  return found.map(({ code }) => code)
}
