/** Whether somebody may be signed in to a tenant now: the user, the membership and the tenant's state, in this order. */
import { firstRow, rows, sql, verbatim } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid } from '../../kernel/ids.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'

export interface SignedInUser {
  id: UserId
  email: string
  full_name: string
  language: string
}

/** A tenant somebody belongs to. */
export interface Place {
  tenantId: TenantId
  subdomain: string
  name: string
  status: string
  role: string
  isDefault: boolean
}

/** How the user's row is held: to read, or by whoever writes to it in the same transaction. */
type Hold = 'share' | 'no key update'

interface Entered {
  user: SignedInUser & { password_hash: string | null }
  place: Place
}

/**
 * Everything that decides is held in the transaction of `ctx`, so that who disables, removes or suspends waits and then
 * finds the session. In the order in which they take it: the tenant, the user, the membership; the session comes last.
 * @param wanted subdomain or id; null: the default one, or the only one
 * @throws permission `user.disabled`, `user.not_active`, `user.not_found`, `auth.no_tenant`, `auth.not_a_member` (also
 * where there is no such tenant); usage `auth.tenant_needed`; conflict as `assertTenantMay`
 */
export async function enter(
  ctx: Pick<Context, 'db'>,
  userId: UserId,
  wanted: string | null,
  hold: Hold = 'share',
): Promise<Entered> {
  await activeUser(ctx, userId, null)
  const places = await placesOf(ctx, userId)
  const { tenantId } = wanted === null ? usual(places) : await named(ctx, userId, places, wanted)
  await assertTenantMay(ctx, { id: tenantId }, 'sign_in')
  const user = await activeUser(ctx, userId, hold)
  await rows(
    ctx.db,
    sql`select 1 from public.memberships where user_id = ${userId} and tenant_id = ${tenantId} and status = 'active' for share`,
  )
  return { user, place: await named(ctx, userId, await placesOf(ctx, userId), tenantId) }
}

async function activeUser(ctx: Pick<Context, 'db'>, id: UserId, hold: Hold | null): Promise<Entered['user']> {
  const user = await firstRow<Entered['user'] & { status: string }>(
    ctx.db,
    sql`select id, email, full_name, language, status, password_hash from public.users where id = ${id}
        ${verbatim(hold ? `for ${hold}` : '')}`,
  )
  if (!user) throw new ErpmaxError('permission', 'user.not_found', 'The user is gone')
  const { status, ...rest } = user
  if (status === 'active') return rest
  if (status === 'disabled') throw new ErpmaxError('permission', 'user.disabled', `${user.email} is disabled`)
  throw new ErpmaxError('permission', 'user.not_active', `${user.email} has not accepted the invitation yet`)
}

/** The user's active memberships, the default one first. */
export async function placesOf(ctx: Pick<Context, 'db'>, userId: UserId): Promise<Place[]> {
  return rows<Place>(
    ctx.db,
    sql`select m.tenant_id as "tenantId", t.subdomain, t.name, t.status, r.code as role, m.is_default as "isDefault"
        from public.memberships m join public.tenants t on t.id = m.tenant_id join public.roles r on r.id = m.role_id
        where m.user_id = ${userId} and m.status = 'active' and t.status <> 'deleted'
        order by m.is_default desc, m.created_at, t.subdomain`,
  )
}

function usual(places: readonly Place[]): Place {
  const [first, second] = places
  if (!first) throw new ErpmaxError('permission', 'auth.no_tenant', 'The user belongs to no tenant')
  if (first.isDefault || !second) return first
  throw new ErpmaxError(
    'usage',
    'auth.tenant_needed',
    'The user belongs to several tenants, none of them the default',
    {
      hint: `--tenant ${first.subdomain}`,
      details: { tenants: places.map(({ subdomain }) => subdomain) },
    },
  )
}

async function named(
  ctx: Pick<Context, 'db'>,
  userId: UserId,
  places: readonly Place[],
  wanted: string,
): Promise<Place> {
  const lower = wanted.toLowerCase()
  const place = places.find(({ subdomain, tenantId }) => lower === subdomain || lower === tenantId)
  if (place) return place
  const shown = (await formerly(ctx, userId, lower)) ?? wanted.slice(0, 80)
  throw new ErpmaxError('permission', 'auth.not_a_member', `The user is not a member of ${shown}`, {
    details: { tenants: places.map(({ subdomain }) => subdomain) },
  })
}

/** The subdomain of a tenant given by its id. Those they never belonged to keep their names to themselves. */
async function formerly(ctx: Pick<Context, 'db'>, userId: UserId, id: string): Promise<string | null> {
  if (!isUuid(id)) return null
  const found = await firstRow<{ subdomain: string }>(
    ctx.db,
    sql`select t.subdomain from public.memberships m join public.tenants t on t.id = m.tenant_id
        where m.user_id = ${userId} and t.id = ${id} limit 1`,
  )
  return found?.subdomain ?? null
}
