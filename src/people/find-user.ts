/** Finds one person by e-mail address or id. */
import { firstRow, sql, verbatim } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid, type UserId } from '../kernel/ids.js'
import { emailAddress, quoted } from './particulars.js'
import type { Context } from '../kernel/context.js'

export type UserStatus = 'invited' | 'active' | 'disabled'

export interface KnownUser {
  id: UserId
  email: string
  full_name: string
  status: UserStatus
  language: string
  has_password: boolean
}

/**
 * @param text an e-mail address in any case, or an id
 * @param lock keeps the row until the transaction ends; who locks tenants too locks those first
 * @throws not_found `user.not_found`; usage `user.email_invalid`
 */
export async function findUser(
  ctx: Pick<Context, 'db'>,
  text: string,
  { lock = false } = {},
): Promise<KnownUser> {
  const found = await firstRow<KnownUser>(
    ctx.db,
    sql`select id, email, full_name, status, language, password_hash is not null as has_password from public.users
        where ${isUuid(text) ? sql`id = ${text}` : sql`lower(email) = ${emailAddress(text)}`} ${verbatim(lock ? 'for update' : '')}`,
  )
  if (found) return found
  throw new ErpmaxError('not_found', 'user.not_found', `There is no user ${quoted(text)}`, {
    hint: 'erpmax user list',
  })
}
