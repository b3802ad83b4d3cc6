/** The place of a person in a tenant: found, and held until the transaction ends. */
import { firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { lockTenant } from '../tenants/move.js'
import { roleColumns, type KnownRole } from './find-role.js'
import { findUser, type KnownUser } from './find-user.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface KnownTenantName {
  id: TenantId
  subdomain: string
}

export interface Member {
  membershipId: string
  user: KnownUser
  status: 'invited' | 'active'
  role: KnownRole
  /** MANAGER, or null where the rank in the ERP follows from the role. */
  erpRole: 'MANAGER' | null
  isDefault: boolean
}

/**
 * Everything that changes the people of a tenant begins with this: one after the other, so that limits and the last
 * owner are counted right. Held before any user's row.
 * @throws conflict where the tenant's state does not allow anybody to sign in
 */
export async function holdPeople(ctx: Pick<Context, 'db'>, tenant: KnownTenantName): Promise<void> {
  await lockTenant(ctx, tenant.id)
  await assertTenantMay(ctx, tenant, 'sign_in')
}

/** @returns null where they have no place in it, or had one once */
export async function memberOf(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  user: KnownUser,
): Promise<Member | null> {
  const found = await firstRow<
    KnownRole & {
      membership_id: string
      status: 'invited' | 'active'
      erp_role: 'MANAGER' | null
      is_default: boolean
    }
  >(
    ctx.db,
    sql`select m.id as membership_id, m.status, m.erp_role, m.is_default, ${roleColumns}
        from public.memberships m join public.roles r on r.id = m.role_id
        where m.tenant_id = ${tenantId} and m.user_id = ${user.id} and m.status <> 'removed'`,
  )
  if (!found) return null
  const { membership_id: membershipId, status, erp_role: erpRole, is_default: isDefault, ...role } = found
  return { membershipId, user, status, role, erpRole, isDefault }
}

/** @throws not_found `user.not_found`, `user.not_a_member` */
export async function findMember(
  ctx: Pick<Context, 'db'>,
  tenant: KnownTenantName,
  text: string,
  options: { lock?: boolean } = {},
): Promise<Member> {
  const user = await findUser(ctx, text, options)
  return (await memberOf(ctx, tenant.id, user)) ?? notAMember(tenant, user)
}

export function notAMember(tenant: KnownTenantName, user: KnownUser): never {
  throw new ErpmaxError(
    'not_found',
    'user.not_a_member',
    `${user.email} does not belong to ${tenant.subdomain}`,
    {
      hint: `erpmax user invite ${tenant.subdomain} ${user.email} --role user`,
    },
  )
}
