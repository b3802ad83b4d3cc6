/** After a price has changed: who holds the product is charged the price in force where a period begins, and is shown that. */
import { expect } from 'chai'
import { parseMoney } from '../../src/kernel/money.js'
import { setPrice } from '../../src/subscriptions/prices.js'
import { showSubscription } from '../../src/views/subscription.js'
import { showTenant } from '../../src/views/tenant.js'
import { quoteModules } from '../../src/workflows/quote-modules.js'
import { onDay } from '../support/clock.js'
import { rolledBack } from '../support/rolled-back.js'
import { sharedContext } from '../support/server.js'
import { billedUntil } from '../support/subscription-rows.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

describe('a subscription whose prices have changed', () => {
  /** Held since 5 April: STARTER at 49.00 and crm at 199.00, which costs 249.00 from 20 April on. */
  const changed = async (work: (ctx: Context) => Promise<void>): Promise<void> =>
    rolledBack(onDay(await sharedContext(), '2026-04-10'), async (ctx) => {
      const { id } = await subscribedTenant(ctx, 'repriced', { modules: ['crm'], startedOn: '2026-04-05' })
      await billedUntil(ctx, id, '2026-05-05')
      await setPrice(ctx, {
        ...{ product: { module: 'crm' }, cycle: 'monthly', money: parseMoney('249', 'USD') },
        ...{ from: '2026-04-20', replace: false, dryRun: false },
      })
      await work(ctx)
    })

  it('shows the next bill, each period and each item as the next invoice charges them', () =>
    changed(async (ctx) => {
      for (const day of ['2026-04-10', '2026-04-25']) {
        const shown = await showSubscription(onDay(ctx, day), 'repriced')
        expect(shown.next_amount, day).to.deep.equal({ amount_minor: 298_00, currency: 'USD' })
        expect(shown.per_period, day).to.deep.equal(shown.next_amount)
        const crm = shown.items.find(({ code }) => code === 'crm')
        expect([crm?.price.amount_minor, crm?.next_price?.amount_minor]).to.deep.equal([199_00, 249_00])
      }
    }))

  it('is quoted a period at the same amount', () =>
    changed(async (ctx) => {
      const on = onDay(ctx, '2026-04-25')
      const input = { tenant: 'repriced', add: ['hr'], remove: [], withRequired: false, atPeriodEnd: false }
      const { quote } = await quoteModules(on, input)
      const { per_period } = await showSubscription(on, 'repriced')
      expect(quote.per_period.amount_minor - 299_00).to.equal(per_period.amount_minor)
      const without = await quoteModules(on, { ...input, add: [], remove: ['crm'], atPeriodEnd: true })
      expect(without.quote.per_period.amount_minor).to.equal(per_period.amount_minor - 249_00)
    }))

  it('is shown with the tenant at the prices of the next bill', () =>
    changed(async (ctx) => {
      const { subscription } = await showTenant(onDay(ctx, '2026-04-25'), 'repriced')
      expect(subscription?.per_period).to.deep.equal({ amount_minor: 298_00, currency: 'USD' })
    }))

  it('is charged the new price in the periods that begin after it', () =>
    changed(async (ctx) => {
      const { items, per_period } = await showSubscription(onDay(ctx, '2026-05-06'), 'repriced')
      expect(items.find(({ code }) => code === 'crm')?.price.amount_minor).to.equal(249_00)
      expect(per_period.amount_minor).to.equal(298_00)
    }))
})
