/** `access check`: the answer of `accessOf` for somebody by address, in a tenant by name. */
import { accessOf, type Access } from '../people/access.js'
import { findUser } from '../people/find-user.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

/** @throws not_found `user.not_found`, `tenant.not_found`; usage `permission.unknown` */
export async function checkAccess(
  ctx: Pick<Context, 'db' | 'clock'>,
  asked: { user: string; tenant: string; permission: string },
): Promise<Access> {
  const user = await findUser(ctx, asked.user)
  const tenant = await findTenant(ctx, asked.tenant)
  return accessOf(ctx, user.id, tenant.id, asked.permission)
}
