/** Finds one user by e-mail address or id. */
import { firstRow, sql, verbatim } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid, type UserId } from '../kernel/ids.js'
import type { Context } from '../kernel/context.js'

export interface FoundUser {
  id: UserId
  email: string
  full_name: string
  status: string
  language: string
}

/**
 * Addresses compare without regard to case.
 * @param lock holds the row until the transaction ends
 * @throws not_found `user.not_found`
 */
export async function findUser(
  ctx: Pick<Context, 'db'>,
  text: string,
  { lock = false } = {},
): Promise<FoundUser> {
  const found = await firstRow<FoundUser>(
    ctx.db,
    sql`select id, email, full_name, status, language from public.users
        where ${isUuid(text) ? sql`id = ${text}` : sql`lower(email) = lower(${text.trim()})`} ${verbatim(lock ? 'for update' : '')}`,
  )
  if (found) return found
  throw new ErpmaxError('not_found', 'user.not_found', `There is no user "${text.slice(0, 80)}"`, {
    hint: 'erpmax user list',
  })
}
