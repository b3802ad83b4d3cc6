/** Takes the people of a deleted tenant away: memberships, invitations, own roles, and who belongs nowhere else. */
import { execute, rows, sql } from '../database/sql.js'
import { endSessions } from './end-sessions.js'
import { settleDefault } from './seats.js'
import type { Context } from '../kernel/context.js'
import type { TenantId, UserId } from '../kernel/ids.js'

export interface Forgotten {
  memberships_removed: number
  users_deleted: number
  users_anonymised: number
}

/**
 * A user with a place in another tenant stays as they are. One whom another tenant has on record as a former
 * member keeps the row, without name, address and password; anybody else is deleted.
 */
export async function forgetPeople(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenantId: TenantId,
): Promise<Forgotten> {
  // Locked first, in one order: of two tenants that are deleted at once the later one sees who belongs nowhere now.
  const people = await rows<{ id: UserId; email: string }>(
    ctx.db,
    sql`select u.id, u.email from public.users u
        where u.id in (select user_id from public.memberships where tenant_id = ${tenantId}
                       union select user_id from public.invitations where tenant_id = ${tenantId})
        order by u.id for update`,
  )
  const ids = people.map(({ id }) => id)
  await execute(ctx.db, sql`delete from public.invitations where tenant_id = ${tenantId}`)
  const memberships = await execute(ctx.db, sql`delete from public.memberships where tenant_id = ${tenantId}`)
  await execute(ctx.db, sql`delete from public.roles where tenant_id = ${tenantId}`)
  const deleted = await rows<{ id: UserId }>(
    ctx.db,
    sql`delete from public.users u where u.id = any(${ids}::uuid[])
        and not exists (select 1 from public.memberships m where m.user_id = u.id)
        and not exists (select 1 from public.invitations i where i.user_id = u.id) returning u.id`,
  )
  const anonymised = await rows<{ id: UserId }>(
    ctx.db,
    sql`update public.users u
        set email = 'deleted-' || u.id || '@erpmax.invalid', full_name = 'Deleted user', password_hash = null,
            status = case u.status when 'active' then 'disabled' else u.status end, updated_at = now()
        where u.id = any(${ids}::uuid[])
          and not exists (select 1 from public.memberships m where m.user_id = u.id and m.status <> 'removed')
          and not exists (select 1 from public.invitations i where i.user_id = u.id and i.status = 'pending')
        returning u.id`,
  )
  for (const { id } of anonymised) {
    await execute(ctx.db, sql`delete from public.password_resets where user_id = ${id}`)
    await endSessions(ctx, id, { reason: 'forgotten' })
  }
  const gone = new Set([...deleted, ...anonymised].map(({ id }) => id))
  const stay = ids.filter((id) => !gone.has(id))
  for (const id of stay) await settleDefault(ctx, id)
  await forgetMails(
    ctx,
    people.filter(({ id }) => gone.has(id)).map(({ email }) => email),
  )
  return {
    memberships_removed: memberships,
    users_deleted: deleted.length,
    users_anonymised: anonymised.length,
  }
}

/** Those about the account itself, which are no tenant's: a link for a new password must not go out any more. */
async function forgetMails(ctx: Pick<Context, 'db'>, addresses: readonly string[]): Promise<void> {
  await execute(
    ctx.db,
    sql`delete from public.mails where tenant_id is null and lower(to_address) = any(${addresses}::text[])`,
  )
}
