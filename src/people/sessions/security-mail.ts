/** What the mails about somebody's account share: whose mail it is, and how a moment is written. */
import { firstRow, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'

/** The tenant the mail goes away with when that is deleted: the user's first; null where they belong nowhere. */
export async function mailTenant(ctx: Pick<Context, 'db'>, userId: UserId): Promise<TenantId | null> {
  const found = await firstRow<{ tenant_id: TenantId }>(
    ctx.db,
    sql`select tenant_id from public.memberships where user_id = ${userId} and status = 'active'
        order by is_default desc, created_at limit 1`,
  )
  return found?.tenant_id ?? null
}

/** `2026-11-21 14:05 UTC`: nobody's zone is known. */
export function momentText(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
