/** Tells a member that their role is another one now. */
import { oneRow, sql } from '../database/sql.js'
import { enqueueMail, mailLanguage } from '../operations/mail.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { KnownRole } from './find-role.js'
import type { Member } from './members.js'

type Named = Pick<KnownRole, 'code' | 'name'>

export async function mailRoleChange(
  ctx: Pick<Context, 'db' | 'random'>,
  tenantId: TenantId,
  { user, membershipId }: Member,
  { before, role }: { before: Named; role: Named },
): Promise<void> {
  const { company } = await oneRow<{ company: string }>(
    ctx.db,
    sql`select name as company from public.tenants where id = ${tenantId}`,
  )
  const named = ({ code, name }: Named) => ({ code, name })
  await enqueueMail(ctx.db, {
    ...{ tenantId, kind: 'role_changed', to: user.email, language: mailLanguage(user.language) },
    dedupeKey: `role_changed:${membershipId}:${ctx.random.bytes(8).toString('hex')}`,
    data: { name: user.full_name, company, before: named(before), role: named(role) },
  })
}
