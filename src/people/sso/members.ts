/** Whether somebody belongs to a tenant now: the same question when a token is issued and when it is redeemed. */
import { firstRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'

interface Standing {
  email: string
  subdomain: string
  user: string
  membership: string | null
}

/** @throws conflict `user.not_active`, `membership.not_active` */
export async function requireActiveMember(
  ctx: Pick<Context, 'db'>,
  userId: UserId,
  tenantId: TenantId,
): Promise<void> {
  const found = await firstRow<Standing>(
    ctx.db,
    sql`select u.email, t.subdomain, u.status as user,
               (select m.status from public.memberships m where m.user_id = u.id and m.tenant_id = t.id
                order by m.status = 'removed', m.created_at desc limit 1) as membership
        from public.users u, public.tenants t where u.id = ${userId} and t.id = ${tenantId}`,
  )
  const { email = 'this user', subdomain = 'the tenant', user = 'gone', membership = null } = found ?? {}
  if (user !== 'active')
    throw new ErpmaxError('conflict', 'user.not_active', `${email} is ${user}`, {
      hint: `erpmax tenant show ${subdomain}`,
      details: { user, tenant: subdomain },
    })
  if (membership === 'active') return
  const standing = membership === null ? 'is no member' : `is ${membership} as a member`
  throw new ErpmaxError('conflict', 'membership.not_active', `${email} ${standing} of ${subdomain}`, {
    hint: `erpmax tenant show ${subdomain}`,
    details: { membership, tenant: subdomain },
  })
}
