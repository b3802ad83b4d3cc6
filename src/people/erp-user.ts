/** A person's record in the tenant's schema: the ERP's users and user_roles follow the membership. */
import { execute, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { FirstAdmin } from './first-admin.js'

/** Writes the first administrator as SUPER_ADMIN; the search path must be on the tenant's schema. Safe to repeat. */
export async function installErpAdmin(
  ctx: Pick<Context, 'db'>,
  admin: Pick<FirstAdmin, 'userId' | 'email' | 'fullName' | 'membershipStatus'>,
  place: { timeZone: string; currency: string },
): Promise<void> {
  const active = admin.membershipStatus === 'active'
  await execute(
    ctx.db,
    sql`insert into users (platform_user_id, email, full_name, status, time_zone, currency_code, invited_at, activated_at)
        values (${admin.userId}, ${admin.email}, ${admin.fullName}, ${active ? 'active' : 'invited'}, ${place.timeZone}, ${place.currency},
                now(), case when ${active} then now() end)
        on conflict (platform_user_id) do nothing`,
  )
  await execute(
    ctx.db,
    sql`insert into user_roles (user_id, role_id, is_primary)
        select u.id, r.id, true from users u join roles r on r.code = 'SUPER_ADMIN'
        where u.platform_user_id = ${admin.userId}
        on conflict (user_id, role_id) do nothing`,
  )
}
