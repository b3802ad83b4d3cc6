/** What is done to an account as a whole, and so in every tenant it has a place in. */
import { rows, sql, verbatim } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { actingIn, requireMayHandle } from './acting.js'
import { findUser, type KnownUser } from './find-user.js'
import { memberOf, type KnownTenantName } from './members.js'
import type { Context } from '../kernel/context.js'

/**
 * The account and the tenants of it, held until the transaction ends, tenants first. A member may act on an account
 * only if they may on each of its places: otherwise the administrator of one tenant shut people out of another.
 * @param as a member who does it; null: the operator
 * @throws not_found `user.not_found`; permission `access.denied`, `access.owner_only`
 */
export async function holdAccount(
  ctx: Pick<Context, 'db'>,
  text: string,
  as: string | null,
): Promise<{ user: KnownUser; tenants: KnownTenantName[] }> {
  const { id } = await findUser(ctx, text)
  // One that comes meanwhile waits for the user's row, and finds the account as it is then.
  await tenantsOf(ctx, id, true)
  const user = await findUser(ctx, id, { lock: true })
  const tenants = await tenantsOf(ctx, id, false)
  if (as !== null) {
    const actor = await findUser(ctx, as)
    const shared = await tenantsOf(ctx, actor.id, false)
    // Where else somebody belongs to, if anywhere, is not for everybody to learn.
    if (tenants.length === 0 || tenants.some(({ id }) => !shared.some((one) => one.id === id)))
      throw notTheirs(user, actor)
    for (const tenant of tenants) {
      const member = await memberOf(ctx, tenant.id, user)
      if (member) requireMayHandle(await actingIn(ctx, tenant, as), tenant, member.role)
    }
  }
  return { user, tenants }
}

function notTheirs(user: KnownUser, actor: KnownUser): ErpmaxError {
  return new ErpmaxError(
    'permission',
    'access.denied',
    `The account of ${user.email} is not for ${actor.email} alone to change`,
    { hint: 'erpmax user remove takes somebody out of one tenant' },
  )
}

async function tenantsOf(
  ctx: Pick<Context, 'db'>,
  userId: string,
  lock: boolean,
): Promise<KnownTenantName[]> {
  return rows<KnownTenantName>(
    ctx.db,
    sql`select t.id, t.subdomain from public.tenants t
        where exists (select 1 from public.memberships m where m.tenant_id = t.id and m.user_id = ${userId} and m.status <> 'removed')
        order by t.id ${verbatim(lock ? 'for update' : '')}`,
  )
}
