/** People with a password and a place, by rows: what signing in needs, in milliseconds. */
import { Secret } from '../../src/kernel/secret.js'
import { hashPassword } from '../../src/people/passwords.js'
import { login } from '../../src/people/sessions/login.js'
import { withSettings } from './settings.js'
import { addMember, addPerson } from './tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId, UserId } from '../../src/kernel/ids.js'
import type { SignedIn } from '../../src/people/sessions/signed-in.js'

export const goodPassword = 'correct horse battery staple'

/** The same, hashing as cheaply as bcrypt can. */
export function cheaply(ctx: OpenedContext, more: Record<string, string> = {}): OpenedContext {
  return withSettings(ctx, { ERPMAX_BCRYPT_COST: '4', ...more })
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
  const id = await addPerson(ctx, email, await hashPassword(new Secret(goodPassword), ctx.config))
  for (const { tenant, ...place } of places) await addMember(ctx, tenant, id, place)
  return { id, email }
}

export function signIn(
  ctx: Context,
  email: string,
  { password = goodPassword, tenant = null }: { password?: string; tenant?: string | null } = {},
): Promise<SignedIn> {
  return login(ctx, { email, password: new Secret(password), tenant })
}
