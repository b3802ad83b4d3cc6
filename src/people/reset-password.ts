/** A link to set a new password. */
import { firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'

/** @throws not_found `user.not_found` */
export async function requestReset(
  ctx: Pick<Context, 'db'>,
  input: { user: string; as: string | null },
): Promise<{ user: { id: string; email: string } }> {
  const user = await firstRow<{ id: string; email: string }>(
    ctx.db,
    sql`select id, email from public.users where email = ${input.user}`,
  )
  if (user) return { user }
  throw new ErpmaxError('not_found', 'user.not_found', 'There is no such user')
}
