/** A subscription for a tenant of a test that has none. */
import { transaction } from '../../src/database/transaction.js'
import { readCatalogue } from '../../src/subscriptions/catalogue.js'
import { select } from '../../src/subscriptions/selection.js'
import { startSubscription } from '../../src/subscriptions/start.js'
import type { Context } from '../../src/kernel/context.js'
import type { SubscriptionId, TenantId } from '../../src/kernel/ids.js'

/** From 2026-01-01 on, monthly, without a trial. */
export async function subscribed(
  ctx: Pick<Context, 'db' | 'actor'>,
  id: TenantId,
  choice: { modules?: string[]; tier?: string; currency?: string } = {},
): Promise<SubscriptionId> {
  const { modules = [], tier = 'FREE', currency = 'INR' } = choice
  const catalogue = await readCatalogue(ctx, '2026-01-01')
  const selection = select(catalogue, { modules, tier, cycle: 'monthly', currency, trialDays: 0 })
  return transaction(ctx, (inner) => startSubscription(inner, id, selection, '2026-01-01'))
}
