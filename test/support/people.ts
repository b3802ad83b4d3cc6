/** Tenants with people in them, and the part of the ERP that knows them, without building 237 tables. */
import { execute, identifier, rows, sql } from '../../src/database/sql.js'
import { followInErp } from '../../src/people/erp-follow.js'
import { inviteUser, type InvitedUser, type InviteInput } from '../../src/people/invitations/invite.js'
import { tokenIn } from '../../src/people/links.js'
import { loadBaseline } from '../../src/schemas/baseline.js'
import { createByHand } from './schemas.js'
import { withSettings } from './settings.js'
import {
  addMember,
  addPerson,
  subscribedTenant,
  type SubscribedTenant,
  type TenantOptions,
} from './tenants.js'
import type { Context } from '../../src/kernel/context.js'

const erpTables = ['regions', 'users', 'roles', 'user_roles']

/** An active tenant with an owner `owner@<subdomain>.test`, who has a password, and the users of its ERP. */
export async function peopledTenant(
  ctx: Context,
  subdomain: string,
  options: TenantOptions = {},
): Promise<SubscribedTenant> {
  const tenant = await subscribedTenant(ctx, subdomain, { tier: 'PROFESSIONAL', ...options })
  const { tables } = await loadBaseline()
  await createByHand(
    ctx.db,
    tenant.schema,
    tables.filter(({ name }) => erpTables.includes(name)),
  )
  await execute(
    ctx.db,
    sql`insert into ${identifier(tenant.schema)}.roles (code, name) values ('SUPER_ADMIN', 'S'), ('ADMIN', 'A'), ('MANAGER', 'M'), ('USER', 'U')`,
  )
  await member(ctx, tenant, `owner@${subdomain}.test`, 'owner')
  return tenant
}

/** Somebody who belongs to the tenant already; their password is none that anybody knows. */
export async function member(
  ctx: Context,
  tenant: SubscribedTenant,
  email: string,
  role: string,
): Promise<string> {
  const id = await addPerson(ctx, email, 'hash')
  await addMember(ctx, tenant.id, id, { role })
  await followInErp(ctx, tenant.id, id)
  return email
}

/** Where the listener is reached from outside; null: nobody knows. */
export function reachedAt<C extends Context>(ctx: C, url: string | null): C {
  return withSettings(ctx, url === null ? {} : { ERPMAX_PUBLIC_URL: url })
}

export function inviting(input: Pick<InviteInput, 'tenant' | 'email'> & Partial<InviteInput>): InviteInput {
  return { role: 'user', name: null, language: null, as: null, dryRun: false, ...input }
}

/** Invited by the operator; the token with it. */
export async function invited(
  ctx: Context,
  tenant: string,
  email: string,
  more: Partial<InviteInput> = {},
): Promise<InvitedUser & { secret: string }> {
  const result = await inviteUser(ctx, inviting({ tenant, email, ...more }))
  return { ...result, secret: tokenIn(result.invitation_url ?? result.token ?? '') }
}

/** `active owner`, as the control plane has it; `none` where they have no place. */
export async function placeOf(
  ctx: Pick<Context, 'db'>,
  tenant: { id: string },
  email: string,
): Promise<string> {
  const [found] = await rows<{ place: string }>(
    ctx.db,
    sql`select m.status || ' ' || r.code as place from public.memberships m join public.users u on u.id = m.user_id
        join public.roles r on r.id = m.role_id
        where m.tenant_id = ${tenant.id} and u.email = ${email} and m.status <> 'removed'`,
  )
  return found?.place ?? 'none'
}

/** `active SUPER_ADMIN`, `active USER read-only`: as the ERP has it; `none` where it does not know them. */
export async function inErp(
  ctx: Pick<Context, 'db'>,
  tenant: SubscribedTenant,
  email: string,
): Promise<string> {
  const schema = identifier(tenant.schema)
  const [found] = await rows<{ place: string }>(
    ctx.db,
    sql`select concat_ws(' ', u.status, (select string_agg(r.code || case when x.is_read_only then ' read-only' else '' end, ',')
          from ${schema}.user_roles x join ${schema}.roles r on r.id = x.role_id where x.user_id = u.id)) as place
        from ${schema}.users u where u.email = ${email}`,
  )
  return found?.place ?? 'none'
}

export async function mailOf(
  ctx: Pick<Context, 'db'>,
  to: string,
  kind: string,
): Promise<{ status: string; url: string | null; language: string } | undefined> {
  const [found] = await rows<{ status: string; url: string | null; language: string }>(
    ctx.db,
    sql`select status, secrets ->> 'url' as url, language from public.mails
        where to_address = ${to} and kind = ${kind} order by created_at desc limit 1`,
  )
  return found
}

export async function setTenant(
  ctx: Pick<Context, 'db'>,
  { id }: { id: string },
  status: string,
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.tenants set status = ${status}, suspension_cause = case when ${status} = 'suspended' then 'operator' end where id = ${id}`,
  )
}
