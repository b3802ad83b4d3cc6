/** A tenant with a member and a site, and what is done with its tokens. */
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { Secret } from '../../src/kernel/secret.js'
import { issueToken } from '../../src/people/sso/issue.js'
import { redeemToken } from '../../src/people/sso/redeem.js'
import { addSite } from '../../src/people/sso/sites.js'
import { addPeople, subscribedTenant, type SubscribedTenant } from './tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { UserId } from '../../src/kernel/ids.js'
import type { SessionJson } from '../../src/people/sso/session.js'

export interface SsoScene {
  tenant: SubscribedTenant
  user: { id: UserId; email: string }
  site: { id: string; origin: string }
  key: string
}

/** The member is a `user`; the tenant has finance and crm. */
export async function ssoScene(ctx: Context, name: string): Promise<SsoScene> {
  const tenant = await subscribedTenant(ctx, name, { modules: ['finance', 'crm'] })
  await addPeople(ctx, tenant.id, name, 1)
  const user = await oneRow<SsoScene['user']>(
    ctx.db,
    sql`select u.id, u.email from public.users u join public.memberships m on m.user_id = u.id where m.tenant_id = ${tenant.id}`,
  )
  return { tenant, user, ...(await siteOf(ctx, tenant, `https://${name}.example.test`)) }
}

export async function siteOf(
  ctx: Context,
  tenant: SubscribedTenant,
  address: string,
): Promise<Pick<SsoScene, 'site' | 'key'>> {
  const { site, token } = await addSite(ctx, tenant.id, address)
  return { site: { id: site.id, origin: site.site }, key: token }
}

/** To `/app`, for the scene's member, with a reason; the token. */
export async function issued(
  ctx: Context,
  { tenant, user, site }: SsoScene,
  redirect = '/app',
): Promise<string> {
  const asked = { reason: 'a test' }
  const made = await issueToken(ctx, {
    ...{ tenant: tenant.subdomain, user: user.email, site: site.origin },
    ...{ redirect, asked },
  })
  return made.token
}

export function redeemed(ctx: Context, { key }: Pick<SsoScene, 'key'>, token: string): Promise<SessionJson> {
  return redeemToken(ctx, { token: new Secret(token), key: new Secret(key), site: null, redirect: null })
}

export interface AuditRow {
  operator: string
  action: string
  outcome: string
  error_code: string | null
  subject: string
}

/** Of the tenant, the oldest first. */
export async function auditOf(
  ctx: Pick<Context, 'db'>,
  { tenant }: Pick<SsoScene, 'tenant'>,
  action = 'sso_token.redeem',
): Promise<AuditRow[]> {
  return rows<AuditRow>(
    ctx.db,
    sql`select operator, action, outcome, error_code, subject from public.audit_log
        where tenant_id = ${tenant.id} and action = ${action} order by at, id`,
  )
}

export async function statusOf(
  ctx: Pick<Context, 'db'>,
  { tenant }: Pick<SsoScene, 'tenant'>,
): Promise<string[]> {
  const found = await rows<{ status: string }>(
    ctx.db,
    sql`select status from public.sso_tokens where tenant_id = ${tenant.id} order by issued_at, id`,
  )
  return found.map(({ status }) => status)
}

export async function disableUser(ctx: Pick<Context, 'db'>, { user }: Pick<SsoScene, 'user'>): Promise<void> {
  await execute(ctx.db, sql`update public.users set status = 'disabled' where id = ${user.id}`)
}
