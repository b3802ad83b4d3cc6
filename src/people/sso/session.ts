/** What a site is told about somebody it lets in: who, of which tenant, in which role, with which modules. */
import { oneRow, rows, sql } from '../../database/sql.js'
import { dayIn } from '../../kernel/dates.js'
import { personIn } from '../erp-follow.js'
import type { Context } from '../../kernel/context.js'
import type { TokenRow } from './tokens.js'

export interface SessionJson {
  user: { id: string; email: string; full_name: string; language: string }
  tenant: { id: string; subdomain: string; name: string; time_zone: string; language: string }
  /** Of the membership: owner, admin, user, member, or a role of the tenant's own. */
  role: string
  /** SUPER_ADMIN, ADMIN, MANAGER (user role --erp-role) or USER. */
  erp_role: string
  /** The role allows reading and nothing else. */
  read_only: boolean
  /** What the tenant is entitled to today, where it is. */
  modules: string[]
  site: string
  redirect: string
  /** Set where somebody else had the token issued: the session is not the user's own. */
  operator: { name: string; reason: string } | null
  redeemed_at: string
}

type Facts = Pick<SessionJson, 'user' | 'tenant' | 'role'>

export async function readSession(
  ctx: Pick<Context, 'db'>,
  token: Pick<TokenRow, 'user_id' | 'tenant_id' | 'site' | 'redirect' | 'operator' | 'reason'>,
  now: Date,
): Promise<SessionJson> {
  const facts = await oneRow<Facts>(
    ctx.db,
    sql`select jsonb_build_object('id', u.id, 'email', u.email, 'full_name', u.full_name, 'language', u.language) as user,
               jsonb_build_object('id', t.id, 'subdomain', t.subdomain, 'name', t.name, 'time_zone', t.time_zone, 'language', t.language) as tenant,
               r.code as role
        from public.memberships m join public.users u on u.id = m.user_id
        join public.tenants t on t.id = m.tenant_id join public.roles r on r.id = m.role_id
        where m.user_id = ${token.user_id} and m.tenant_id = ${token.tenant_id} and m.status = 'active'`,
  )
  const { rank, readOnly } = await personIn(ctx, token.tenant_id, token.user_id)
  const today = dayIn(facts.tenant.time_zone, now)
  const entitled = await rows<{ module: string }>(
    ctx.db,
    sql`select e.module from public.entitlements_of(${token.tenant_id}::uuid, ${today}::date) e
        join public.modules m on m.code = e.module where e.entitled order by m.position`,
  )
  const { site, redirect, operator, reason } = token
  return {
    ...facts,
    ...{ erp_role: rank ?? 'USER', read_only: readOnly },
    modules: entitled.map(({ module }) => module),
    ...{ site, redirect, operator: operator === null ? null : { name: operator, reason: reason ?? '' } },
    redeemed_at: now.toISOString(),
  }
}
