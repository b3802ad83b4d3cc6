/** Tenants for tests, made by the program's own functions as far as the test needs them. */
import { reserveTenant, type ReservedTenant } from '../../src/tenants/reserve.js'
import { completeProfile } from '../../src/tenants/profile.js'
import type { Context } from '../../src/kernel/context.js'

/** A tenant that is `provisioning`: its name is taken, its schema not built. */
export async function reservedTenant(
  ctx: Pick<Context, 'db' | 'actor'>,
  subdomain: string,
): Promise<ReservedTenant> {
  const profile = await completeProfile({ name: `Company ${subdomain}` }, 'owner@example.com')
  return reserveTenant(ctx, subdomain, profile)
}
