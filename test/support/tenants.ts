/** Tenants for tests, made by the program's own functions as far as the test needs them. */
import { inTenant } from '../../src/database/transaction.js'
import { loadBaseline } from '../../src/schemas/baseline.js'
import { installCompany } from '../../src/tenants/erp-company.js'
import { findTenant, type PlacedTenant } from '../../src/tenants/find.js'
import { completeProfile } from '../../src/tenants/profile.js'
import { activateTenant, reserveTenant, type ReservedTenant } from '../../src/tenants/reserve.js'
import { createByHand } from './schemas.js'
import type { Context } from '../../src/kernel/context.js'

/** A tenant that is `provisioning`: its name is taken, its schema not built. */
export async function reservedTenant(
  ctx: Pick<Context, 'db' | 'actor'>,
  subdomain: string,
): Promise<ReservedTenant> {
  const profile = await completeProfile({ name: `Company ${subdomain}` }, 'owner@example.com')
  return reserveTenant(ctx, subdomain, profile)
}

/** A tenant that is active, with nothing in its schema but its companies: enough for everything but the ERP itself. */
export async function activeTenant(
  ctx: Pick<Context, 'db' | 'actor'>,
  subdomain: string,
): Promise<PlacedTenant> {
  const { id, schema } = await reservedTenant(ctx, subdomain)
  const { tables } = await loadBaseline()
  await createByHand(
    ctx.db,
    schema,
    tables.filter(({ name }) => name === 'companies'),
  )
  const profile = await completeProfile({ name: `Company ${subdomain}` }, 'owner@example.com')
  await inTenant(ctx, schema, (inner) => installCompany(inner, profile))
  await activateTenant(ctx, id)
  return findTenant(ctx, subdomain)
}
