/** Who does something to the people of a tenant, and whether they may: the operator, or a member with rights of their own. */
import { ErpmaxError } from '../kernel/errors.js'
import { isOwnerRole, type KnownRole } from './find-role.js'
import { findUser } from './find-user.js'
import { memberOf, type KnownTenantName } from './members.js'
import type { Context } from '../kernel/context.js'
import type { UserId } from '../kernel/ids.js'

/** `operator`: the platform's, who may do everything that the rules of a tenant allow at all. */
export type Acting = 'operator' | { userId: UserId; email: string; role: KnownRole }

/** What a role must allow for its holder to lead the people of a tenant. */
const leading = 'system_admin:admin'

/**
 * @param as the address or id of a member; null: the operator
 * @throws not_found `user.not_found`; permission `access.denied` where they are no active member, or may not lead people
 */
export async function actingIn(
  ctx: Pick<Context, 'db'>,
  tenant: KnownTenantName,
  as: string | null,
): Promise<Acting> {
  if (as === null) return 'operator'
  const user = await findUser(ctx, as)
  const member = user.status === 'active' ? await memberOf(ctx, tenant.id, user) : null
  if (!member || member.status !== 'active')
    throw denied(`${user.email} is no active member of ${tenant.subdomain}`, tenant)
  if (!member.role.permissions.includes(leading))
    throw denied(
      `${user.email} is ${member.role.code} of ${tenant.subdomain} and may not change its people`,
      tenant,
    )
  return { userId: user.id, email: user.email, role: member.role }
}

/**
 * The rule for everything that is given to or taken from somebody: only owners touch owners, and nobody hands on, or
 * takes away, more than they have themselves.
 * @param role the role that is granted, or that the person has
 * @throws permission `access.owner_only`, `access.denied`
 */
export function requireMayHandle(acting: Acting, tenant: KnownTenantName, role: KnownRole): void {
  if (acting === 'operator' || isOwnerRole(acting.role)) return
  if (isOwnerRole(role)) {
    throw new ErpmaxError(
      'permission',
      'access.owner_only',
      `${acting.email} is ${acting.role.code} of ${tenant.subdomain}: only an owner grants or touches owner`,
      { hint: `erpmax user list ${tenant.subdomain} --role owner` },
    )
  }
  const more = role.permissions.filter((permission) => !acting.role.permissions.includes(permission))
  if (more.length > 0)
    throw denied(`${role.code} may do more than ${acting.email}: ${more.slice(0, 5).join(', ')}`, tenant)
}

/** Who stands in the records for it: the member, or null for the operator, who stands there anyway. */
export function actingEmail(acting: Acting): string | null {
  return acting === 'operator' ? null : acting.email
}

function denied(why: string, tenant: KnownTenantName): ErpmaxError {
  return new ErpmaxError('permission', 'access.denied', why, {
    hint: `erpmax user list ${tenant.subdomain}`,
  })
}
