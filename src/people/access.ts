/** Whether somebody may do something in a tenant, and why: state, account, membership, role, subscription. */
import { firstRow, oneRow, sql } from '../database/sql.js'
import { entitlementOf } from '../subscriptions/entitlements.js'
import { stateAllows } from '../subscriptions/gate.js'
import { calendarOf } from '../tenants/today.js'
import { knownPermissions } from './roles.js'
import type { Context } from '../kernel/context.js'
import type { TenantId, UserId } from '../kernel/ids.js'

export interface Access {
  allowed: boolean
  /**
   * `allowed`; else the first of these that says no: `tenant_<state>`, `user_invited`, `user_disabled`, `not_a_member`,
   * `membership_invited`, `permission_missing`, or the reason of the subscription, such as `not_subscribed`.
   */
  reason: string
  user: { id: string; email: string; status: string }
  tenant: { id: string; subdomain: string; status: string }
  permission: string
  /** Null: no place in the tenant. */
  membership: { status: string; role: string; since: string } | null
  /** Whether the role has the permission; null without a role. */
  role_allows: boolean | null
  subscription: { module: string; entitled: boolean; until: string | null; reason: string }
}

/** @throws usage `permission.unknown` */
export async function accessOf(
  ctx: Pick<Context, 'db' | 'clock'>,
  userId: UserId,
  tenantId: TenantId,
  asked: string,
): Promise<Access> {
  const [permission = ''] = await knownPermissions(ctx, [asked])
  const user = await oneRow<Access['user']>(
    ctx.db,
    sql`select id, email, status from public.users where id = ${userId}`,
  )
  const tenant = await oneRow<Access['tenant'] & { id: TenantId }>(
    ctx.db,
    sql`select id, subdomain, status from public.tenants where id = ${tenantId}`,
  )
  const member = await firstRow<{ status: string; role: string; since: Date; grants: boolean }>(
    ctx.db,
    sql`select m.status, r.code as role, m.created_at as since,
               exists (select 1 from public.role_permissions p where p.role_id = r.id and p.permission_code = ${permission}) as grants
        from public.memberships m join public.roles r on r.id = m.role_id
        where m.user_id = ${userId} and m.tenant_id = ${tenantId} and m.status <> 'removed'`,
  )
  const module = permission.slice(0, permission.indexOf(':'))
  const { today } = await calendarOf(ctx, tenantId)
  const { entitled, until, reason } = await entitlementOf(ctx, tenant, module, today)
  const no = !stateAllows(tenant.status, 'sign_in')
    ? `tenant_${tenant.status}`
    : user.status !== 'active'
      ? `user_${user.status}`
      : !member
        ? 'not_a_member'
        : member.status !== 'active'
          ? `membership_${member.status}`
          : !member.grants
            ? 'permission_missing'
            : !entitled
              ? reason
              : null
  return {
    ...{ allowed: no === null, reason: no ?? 'allowed', user, tenant, permission },
    membership: member && { status: member.status, role: member.role, since: member.since.toISOString() },
    role_allows: member?.grants ?? null,
    subscription: { module, entitled, until, reason },
  }
}
