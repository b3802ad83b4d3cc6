/** Tenants with a running subscription and without a schema, for tests of what is subscribed to and charged. */
import { transaction } from '../../src/database/transaction.js'
import { readCatalogue } from '../../src/subscriptions/catalogue.js'
import { select, type SelectionInput } from '../../src/subscriptions/selection.js'
import { startSubscription } from '../../src/subscriptions/start.js'
import { activateTenant } from '../../src/tenants/reserve.js'
import { reservedTenant } from './tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'
import type { TenantId } from '../../src/kernel/ids.js'

/** Paid from its first day on unless `trialDays` says otherwise; its time zone is Asia/Kolkata. */
export async function subscribedTenant(
  ctx: Context,
  subdomain: string,
  startedOn: PlainDate,
  selection: Partial<SelectionInput> = {},
): Promise<{ id: TenantId; subdomain: string }> {
  const { id } = await reservedTenant(ctx, subdomain)
  await activateTenant(ctx, id)
  const chosen = select(await readCatalogue(ctx, startedOn), {
    ...{ modules: [], tier: 'ENTERPRISE', cycle: 'monthly', currency: 'USD', trialDays: 0 },
    ...selection,
  })
  await transaction(ctx, (inner) => startSubscription(inner, id, chosen, startedOn))
  return { id, subdomain }
}

/** The same context at noon of that day in India. */
export function on(ctx: Context, day: PlainDate): Context {
  return { ...ctx, clock: { now: () => new Date(`${day}T06:30:00Z`) } }
}
