/** Whether somebody may be signed in to a tenant now: the user, the membership and the tenant's state, in this order. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
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

/**
 * Held in the transaction of `ctx`, so that disabling waits for a sign-in and ends it.
 * @throws permission `user.disabled`, `user.not_active`, `user.not_found`
 */
export async function activeUser(
  ctx: Pick<Context, 'db'>,
  id: UserId,
): Promise<SignedInUser & { password_hash: string | null }> {
  const user = await firstRow<SignedInUser & { status: string; password_hash: string | null }>(
    ctx.db,
    sql`select id, email, full_name, language, status, password_hash from public.users where id = ${id} for share`,
  )
  if (!user) throw new ErpmaxError('permission', 'user.not_found', 'The user is gone')
  const { status, ...rest } = user
  if (status === 'active') return rest
  if (status === 'disabled') throw new ErpmaxError('permission', 'user.disabled', `${user.email} is disabled`)
  throw new ErpmaxError('permission', 'user.not_active', `${user.email} has not accepted the invitation yet`)
}

/** The user's active memberships, held; the default one first. */
export async function placesOf(ctx: Pick<Context, 'db'>, userId: UserId): Promise<Place[]> {
  return rows<Place>(
    ctx.db,
    sql`select m.tenant_id as "tenantId", t.subdomain, t.name, t.status, r.code as role, m.is_default as "isDefault"
        from public.memberships m join public.tenants t on t.id = m.tenant_id join public.roles r on r.id = m.role_id
        where m.user_id = ${userId} and m.status = 'active' and t.status <> 'deleted'
        order by m.is_default desc, m.created_at, t.subdomain for share of m`,
  )
}

/**
 * @param wanted subdomain or id; null: the default one, or the only one
 * @throws permission `auth.no_tenant`, `auth.not_a_member` (also where there is no such tenant); usage
 * `auth.tenant_needed`; conflict as `assertTenantMay`
 */
export async function placeIn(
  ctx: Pick<Context, 'db'>,
  userId: UserId,
  wanted: string | null,
): Promise<Place> {
  const places = await placesOf(ctx, userId)
  const place = wanted === null ? usual(places) : named(places, wanted)
  await assertTenantMay(ctx, { id: place.tenantId }, 'sign_in')
  return place
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

function named(places: readonly Place[], wanted: string): Place {
  const place = places.find(({ subdomain, tenantId }) => wanted === subdomain || wanted === tenantId)
  if (place) return place
  throw new ErpmaxError(
    'permission',
    'auth.not_a_member',
    `The user is not a member of ${wanted.slice(0, 80)}`,
    {
      details: { tenants: places.map(({ subdomain }) => subdomain) },
    },
  )
}
