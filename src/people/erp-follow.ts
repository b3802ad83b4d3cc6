/** The ERP's own users and user_roles follow membership and role: who is in a tenant, and as what, is decided outside of it. */
import { execute, firstRow, identifier, oneRow, rows, sql } from '../database/sql.js'
import { inTenant } from '../database/transaction.js'
import { schemaName, type SchemaName, type TenantId, type UserId } from '../kernel/ids.js'
import type { Context } from '../kernel/context.js'

/** What the ERP is told of a person. */
export interface ErpPerson {
  userId: UserId
  email: string
  fullName: string
  language: string
  userStatus: string
  /** `removed`: they have no place in the tenant any more. */
  membership: 'invited' | 'active' | 'removed'
  /** One of the four ranks that provisioning seeds; null with a membership that was removed. */
  rank: ErpRank | null
  readOnly: boolean
  timeZone: string
  currency: string
}

export type ErpRank = 'SUPER_ADMIN' | 'ADMIN' | 'MANAGER' | 'USER'

/** Ranks that follow from membership; whatever other roles an ERP gives are its own. */
const ranks: ErpRank[] = ['SUPER_ADMIN', 'ADMIN', 'MANAGER', 'USER']

interface RoleFacts {
  code: string
  isBuiltIn: boolean
  /** Whether it allows anything beyond reading. */
  writes: boolean
}

/** @param erpRole what was chosen beside the role, for `user` and roles of the tenant's own */
export function rankOf(
  { code, isBuiltIn, writes }: RoleFacts,
  erpRole: 'MANAGER' | null,
): { rank: ErpRank; readOnly: boolean } {
  if (isBuiltIn && code === 'owner') return { rank: 'SUPER_ADMIN', readOnly: false }
  if (isBuiltIn && code === 'admin') return { rank: 'ADMIN', readOnly: false }
  return { rank: erpRole ?? 'USER', readOnly: !writes }
}

/**
 * Brings the person's record in the tenant's schema to what the control plane says now. In the transaction of `ctx`;
 * safe to repeat. A schema that has lost its table of users is left alone, with a warning.
 */
export async function followInErp(
  ctx: Pick<Context, 'db' | 'warn'>,
  tenantId: TenantId,
  userId: UserId,
): Promise<void> {
  const person = await personIn(ctx, tenantId, userId)
  const place = await firstRow<{ schema_name: string; subdomain: string; there: boolean }>(
    ctx.db,
    sql`select p.schema_name, t.subdomain, to_regclass(quote_ident(p.schema_name) || '.users') is not null
               and to_regclass(quote_ident(p.schema_name) || '.user_roles') is not null as there
        from public.tenants t join public.tenant_placements p on p.tenant_id = t.id where t.id = ${tenantId}`,
  )
  if (!place) return
  if (!place.there)
    return ctx.warn({
      code: 'erp.users_missing',
      message: `The schema of ${place.subdomain} has no users: erpmax schema repair ${place.subdomain}, then the same command again`,
    })
  await inTenant(ctx, schemaName(place.schema_name), (inside) => writeErpPerson(inside, person))
}

/** After its data were replaced: whoever has a place now, and whoever the data know and has none. Safe to repeat. */
export async function followAllInErp(
  ctx: Pick<Context, 'db' | 'warn'>,
  tenantId: TenantId,
  schema: SchemaName,
): Promise<void> {
  const known = sql`select e.platform_user_id from ${identifier(schema)}.users e where e.platform_user_id is not null`
  const people = await rows<{ id: UserId }>(
    ctx.db,
    sql`select u.id from public.users u
        where u.id in (select m.user_id from public.memberships m where m.tenant_id = ${tenantId} and m.status <> 'removed')
           or u.id in (${known})
        order by u.id`,
  )
  for (const { id } of people) await followInErp(ctx, tenantId, id)
  // Accounts that are gone altogether.
  await execute(
    ctx.db,
    sql`update ${identifier(schema)}.users e
        set status = 'disabled', disabled_at = coalesce(disabled_at, now()), disabled_reason = 'no longer a member', updated_at = now()
        where e.platform_user_id is not null and e.status <> 'disabled'
          and not exists (select 1 from public.users u where u.id = e.platform_user_id)`,
  )
}

/** What the ERP of a tenant is to say of somebody, by the control plane. */
export async function personIn(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  userId: UserId,
): Promise<ErpPerson> {
  const found = await oneRow<
    Omit<ErpPerson, 'rank' | 'readOnly'> & Partial<RoleFacts> & { erpRole: 'MANAGER' | null }
  >(
    ctx.db,
    sql`select u.id as "userId", u.email, u.full_name as "fullName", u.language, u.status as "userStatus",
               coalesce(m.status, 'removed') as membership, m.erp_role as "erpRole", r.code, r.is_built_in as "isBuiltIn",
               exists (select 1 from public.role_permissions p where p.role_id = r.id and p.permission_code not like '%:read') as writes,
               t.time_zone as "timeZone", t.currency
        from public.users u cross join public.tenants t
        left join public.memberships m on m.user_id = u.id and m.tenant_id = t.id and m.status <> 'removed'
        left join public.roles r on r.id = m.role_id
        where u.id = ${userId} and t.id = ${tenantId}`,
  )
  const { code, isBuiltIn, writes, erpRole, ...person } = found
  if (code === undefined || code === null) return { ...person, rank: null, readOnly: false }
  return { ...person, ...rankOf({ code, isBuiltIn: isBuiltIn ?? false, writes: writes ?? false }, erpRole) }
}

/** The search path must be on the tenant's schema. */
export async function writeErpPerson(ctx: Pick<Context, 'db'>, person: ErpPerson): Promise<void> {
  const id = await writeUser(ctx, person)
  if (id === null) return
  await execute(
    ctx.db,
    sql`delete from user_roles x using roles r
        where x.user_id = ${id} and r.id = x.role_id
          and (${person.rank === null} or r.code = any(${ranks}::text[]) and r.code <> ${person.rank ?? ''})`,
  )
  if (person.rank === null) return
  await execute(
    ctx.db,
    sql`insert into user_roles (user_id, role_id, is_primary, is_read_only)
        select ${id}, r.id, not exists (select 1 from user_roles o where o.user_id = ${id} and o.is_primary), ${person.readOnly}
        from roles r where r.code = ${person.rank}
        on conflict (user_id, role_id) do update
        set is_read_only = excluded.is_read_only, is_primary = user_roles.is_primary or excluded.is_primary,
            valid_until = null, updated_at = now()
        where (user_roles.is_read_only, user_roles.is_primary, user_roles.valid_until)
              is distinct from (excluded.is_read_only, user_roles.is_primary or excluded.is_primary, null::timestamptz)`,
  )
}

/** @returns null where the ERP never knew somebody who is gone now */
async function writeUser(ctx: Pick<Context, 'db'>, person: ErpPerson): Promise<string | null> {
  const { userId, email, fullName, userStatus, membership } = person
  const gone = membership === 'removed'
  const status =
    gone || userStatus === 'disabled' ? 'disabled' : membership === 'invited' ? 'invited' : 'active'
  const reason = status !== 'disabled' ? null : gone ? 'no longer a member' : 'disabled'
  // Somebody whom the ERP knew by address before they got an account, or from another installation.
  await execute(
    ctx.db,
    sql`update users set platform_user_id = ${userId} where lower(email) = ${email}
        and not exists (select 1 from users o where o.platform_user_id = ${userId})`,
  )
  // A row that says so already stays as it is, to the moment of its last change.
  const written = await firstRow<{ id: string }>(
    ctx.db,
    sql`with changed as (
          update users set email = ${email}, full_name = ${fullName}, status = ${status},
            activated_at = coalesce(activated_at, case when ${status} = 'active' then now() end),
            disabled_at = case when ${status} = 'disabled' then coalesce(disabled_at, now()) end,
            disabled_reason = ${reason}, updated_at = now()
          where platform_user_id = ${userId}
            and (email, full_name, status, disabled_reason) is distinct from (${email}, ${fullName}, ${status}, ${reason}::text))
        select id from users where platform_user_id = ${userId}`,
  )
  if (written || gone) return written?.id ?? null
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into users (platform_user_id, email, full_name, status, locale, time_zone, currency_code, invited_at, activated_at)
        values (${userId}, ${email}, ${fullName}, ${status}, ${locales[person.language] ?? 'en-IN'}, ${person.timeZone},
                ${person.currency}, now(), case when ${status} = 'active' then now() end)
        returning id`,
  )
  return id
}

const locales: Readonly<Record<string, string>> = { hi: 'hi-IN', uk: 'uk-UA' }
