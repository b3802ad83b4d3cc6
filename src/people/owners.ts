/** The last owner of a tenant stays: said before the database says it, with the way out. */
import { rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { KnownUser } from './find-user.js'
import type { KnownTenantName, Member } from './members.js'

/**
 * Before an owner is demoted or removed, under the lock of the tenant.
 * @throws conflict `user.last_owner`
 */
export async function requireAnotherOwner(
  ctx: Pick<Context, 'db'>,
  tenant: KnownTenantName,
  { user, status }: Member,
): Promise<void> {
  if (status !== 'active') return
  const alone = await tenantsOfOnly(ctx, user)
  if (alone.includes(tenant.subdomain)) throw lastOwner(user, [tenant.subdomain])
}

/** Before somebody is disabled. @throws conflict `user.last_owner` */
export async function requireOwnersWithout(ctx: Pick<Context, 'db'>, user: KnownUser): Promise<void> {
  const alone = await tenantsOfOnly(ctx, user)
  if (alone.length > 0) throw lastOwner(user, alone)
}

/** Tenants in use of which nobody else is an active owner. */
async function tenantsOfOnly(ctx: Pick<Context, 'db'>, user: KnownUser): Promise<string[]> {
  const found = await rows<{ subdomain: string }>(
    ctx.db,
    sql`select t.subdomain from public.memberships m
        join public.roles r on r.id = m.role_id and r.is_built_in and r.code = 'owner'
        join public.tenants t on t.id = m.tenant_id and t.status in ('active', 'suspended', 'archived', 'restoring')
        where m.user_id = ${user.id} and m.status = 'active'
          and not exists (
            select 1 from public.memberships o
            join public.users u on u.id = o.user_id and u.status = 'active'
            where o.tenant_id = m.tenant_id and o.role_id = m.role_id and o.status = 'active' and o.user_id <> m.user_id)
        order by t.subdomain`,
  )
  return found.map(({ subdomain }) => subdomain)
}

function lastOwner({ email }: KnownUser, tenants: readonly string[]): ErpmaxError {
  const [first = ''] = tenants
  const shown =
    tenants.length > 3
      ? `${tenants.slice(0, 3).join(', ')} and ${tenants.length - 3} more`
      : tenants.join(', ')
  return new ErpmaxError('conflict', 'user.last_owner', `${email} is the last owner of ${shown}`, {
    hint: `erpmax user transfer-ownership ${first} <user>`,
    details: { tenants },
  })
}
