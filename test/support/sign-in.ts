/** People with a password and a place, by rows: what signing in needs, in milliseconds. */
import { execute, oneRow, sql } from '../../src/database/sql.js'
import { resolveConfig } from '../../src/kernel/config.js'
import { Secret } from '../../src/kernel/secret.js'
import { hashPassword } from '../../src/people/passwords.js'
import { login } from '../../src/people/sessions/login.js'
import type { OpenedContext } from '../../src/context.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId, UserId } from '../../src/kernel/ids.js'
import type { SignedIn } from '../../src/people/sessions/signed-in.js'

export const goodPassword = 'correct horse battery staple'

/** The same, hashing as cheaply as bcrypt can. */
export function cheaply(ctx: OpenedContext, more: Record<string, string> = {}): OpenedContext {
  const values = { ERPMAX_ENV: 'test', ERPMAX_BCRYPT_COST: '4', ...more }
  return { ...ctx, config: resolveConfig([{ origin: 'test', values }], () => '') }
}

export interface Person {
  id: UserId
  email: string
}

/** An active user with a password. */
export async function person(
  ctx: Pick<Context, 'db' | 'config'>,
  email: string,
  places: readonly { tenant: TenantId; role?: string; isDefault?: boolean }[],
): Promise<Person> {
  const hash = await hashPassword(new Secret(goodPassword), ctx.config)
  const { id } = await oneRow<{ id: UserId }>(
    ctx.db,
    sql`insert into public.users (email, full_name, status, password_hash)
        values (${email}, ${`Person ${email}`}, 'active', ${hash}) returning id`,
  )
  for (const { tenant, role = 'user', isDefault = false } of places)
    await execute(
      ctx.db,
      sql`insert into public.memberships (user_id, tenant_id, role_id, status, is_default)
          select ${id}, ${tenant}, r.id, 'active', ${isDefault} from public.roles r where r.code = ${role} and r.tenant_id is null`,
    )
  return { id, email }
}

export function signIn(
  ctx: Context,
  email: string,
  { password = goodPassword, tenant = null }: { password?: string; tenant?: string | null } = {},
): Promise<SignedIn> {
  return login(ctx, { email, password: new Secret(password), tenant })
}
