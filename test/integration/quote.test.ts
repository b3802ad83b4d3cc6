/** What a change of items costs, by prices on file: numbers worked by hand from billing rules 3 to 7. */
import { expect } from 'chai'
import { quoteChange, type ItemsChange, type Quote } from '../../src/billing/quote.js'
import { rolledBack } from '../support/rolled-back.js'
import { execute, sql } from '../../src/database/sql.js'
import { runningSubscription } from '../../src/subscriptions/running.js'
import { rejection } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant, type TenantOptions } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

interface Asked extends TenantOptions {
  startedOn: string
  on: string
  add?: string[]
  remove?: string[]
  cycle?: 'monthly' | 'annual'
  newCycle?: 'monthly' | 'annual'
  prepare?(ctx: Context): Promise<void>
}

/** On a tenant of its own, which nobody sees afterwards. */
async function quote({ on, add = [], remove = [], newCycle, prepare, ...options }: Asked): Promise<Quote> {
  return rolledBack(await sharedContext(), async (ctx) => {
    await prepare?.(ctx)
    const tenant = await subscribedTenant(ctx, 'quoted', { tier: 'ENTERPRISE', ...options })
    const subscription = await runningSubscription(ctx, tenant, on)
    const product = (code: string) => ({ kind: 'module' as const, code })
    const change: ItemsChange = {
      on,
      add: add.map(product),
      remove: remove.map(product),
      ...(newCycle ? { cycle: newCycle } : {}),
    }
    return quoteChange(ctx, subscription, change)
  })
}

const linesOf = ({ lines }: Quote): string[] =>
  lines.map(({ description, from, to, amount_minor }) => `${description} ${from} ${to} ${amount_minor}`)

/** Prices of everything that a tenant of the tier without fee holds, in a currency nobody sells in. */
function pricesIn(currency: string, prices: Record<string, number>) {
  return async (ctx: Context): Promise<void> => {
    for (const [code, amount] of Object.entries({ system_admin: 0, ...prices }))
      await execute(
        ctx.db,
        sql`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
            values (${code === 'ENTERPRISE' ? 'platform' : 'module'}, ${code}, ${currency}, 'monthly', ${amount}, daterange('2020-01-01', null))`,
      )
  }
}

describe('a quote', () => {
  it('of Finance on 10 February in the period from 31 January: 499.00 x 18/28 = 320.79', async () => {
    const quoted = await quote({ startedOn: '2026-01-31', on: '2026-02-10', add: ['finance'] })
    expect(linesOf(quoted)).to.deep.equal(['Finance & Accounting 2026-02-10 2026-02-28 32079'])
    expect(quoted.now).to.deep.equal({ amount_minor: 320_79, currency: 'USD' })
    expect(quoted.per_period.amount_minor).to.equal(499_00 + 499_00)
  })

  it('of Finance for CRM on 20 April: credit 99.50, charge 249.50', async () => {
    const change = { on: '2026-04-20', add: ['finance'], remove: ['crm'] }
    const quoted = await quote({ startedOn: '2026-04-05', modules: ['crm'], ...change })
    expect(linesOf(quoted)).to.deep.equal([
      'CRM & Call Center, unused 2026-04-20 2026-05-05 -9950',
      'Finance & Accounting 2026-04-20 2026-05-05 24950',
    ])
    expect(quoted.now.amount_minor).to.equal(150_00)
    expect(quoted.per_period.amount_minor).to.equal(998_00)
  })

  it('of all ten modules for a whole month: 2,891.00, the base and what is free without a line', async () => {
    const nine = ['oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics']
    const add = [...nine, 'procurement', 'crm', 'hr', 'bi']
    const quoted = await quote({ startedOn: '2026-02-28', on: '2026-02-28', add })
    expect(quoted.lines).to.have.length(9)
    expect(quoted.now.amount_minor).to.equal(2_891_00)
    expect(quoted.per_period.amount_minor).to.equal(2_891_00 + 499_00)
  })

  it('inside a trial charges and credits nothing, and from its last day on it does', async () => {
    const trial = { startedOn: '2026-04-01', trialDays: 14, modules: ['crm'] }
    const change = { add: ['finance'], remove: ['crm'] }
    const inside = await quote({ ...trial, ...change, on: '2026-04-14' })
    expect(inside).to.deep.include({ lines: [], now: { amount_minor: 0, currency: 'USD' } })
    expect(inside.per_period.amount_minor).to.equal(998_00)
    // The trial ends on the 15th, which is the anchor: a whole month of Finance, a whole month of CRM back.
    const after = await quote({ ...trial, ...change, on: '2026-04-15' })
    expect(after.lines.map((line) => line.amount_minor)).to.deep.equal([-199_00n, 499_00n])
  })

  it('credits a module added within the period from what its own piece was charged', async () => {
    const quoted = await rolledBack(await sharedContext(), async (ctx) => {
      const tenant = await subscribedTenant(ctx, 'quoted', { startedOn: '2026-05-05', modules: ['finance'] })
      await execute(
        ctx.db,
        sql`update public.subscription_items i set active = daterange('2026-05-06', null) from public.subscriptions s
            where s.id = i.subscription_id and s.tenant_id = ${tenant.id} and i.product_code = 'finance'`,
      )
      const subscription = await runningSubscription(ctx, tenant, '2026-05-07')
      const remove = [{ kind: 'module' as const, code: 'finance' }]
      return quoteChange(ctx, subscription, { on: '2026-05-07', add: [], remove })
    })
    // Charged from 6 May: 49900 x 30/31 = 48290.3. Used of that: 49900 x 1/31 = 1609.7. Back: 48290 - 1610, where
    // the whole period less two days of use would be 49900 - 3219 = 46681.
    expect(linesOf(quoted)).to.deep.equal(['Finance & Accounting, unused 2026-05-07 2026-06-05 -46680'])
  })

  it('of a new cycle gives up the rest of the old one and takes the whole of the new one', async () => {
    const quoted = await quote({
      ...{ startedOn: '2026-04-05', modules: ['crm'], on: '2026-04-20' },
      ...{ tier: 'STARTER', newCycle: 'annual' as const },
    })
    // Half of 49.00 and of 199.00 back; a year of each: 12 x 49 x 0.8 = 470.40, 12 x 199 x 0.8 = 1,910.40.
    expect(quoted.lines.map(({ amount_minor: amount, from, to }) => `${from} ${to} ${amount}`)).to.deep.equal(
      [
        '2026-04-20 2026-05-05 -2450',
        '2026-04-20 2026-05-05 -9950',
        '2026-04-20 2027-04-20 47040',
        '2026-04-20 2027-04-20 191040',
      ],
    )
    expect(quoted.per_period.amount_minor).to.equal(470_40 + 1_910_40)
  })

  it('of an annual subscription counts the days of the year', async () => {
    const quoted = await quote({
      ...{ startedOn: '2028-02-29', cycle: 'annual' as const, on: '2028-09-01', add: ['crm'] },
    })
    // 1 September 2028 to 28 February 2029 is 180 days of 365: 191040 x 180/365 = 94211.506...
    expect(linesOf(quoted)).to.deep.equal(['CRM & Call Center 2028-09-01 2029-02-28 94212'])
  })

  it('takes the price in force on the first day of a piece, and for later the one in force then', async () => {
    const rise = async (ctx: Context): Promise<void> => {
      await execute(
        ctx.db,
        sql`update public.prices set validity = daterange('2020-01-01', '2026-04-20')
            where product_code = 'crm' and currency = 'USD' and cycle = 'monthly'`,
      )
      await execute(
        ctx.db,
        sql`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
            values ('module', 'crm', 'USD', 'monthly', 30000, daterange('2026-04-20', null))`,
      )
    }
    const removed = await quote({
      ...{ startedOn: '2026-04-05', modules: ['crm'], remove: ['crm'], on: '2026-04-20', prepare: rise },
    })
    // From the line that was charged, at 199.00; not at the 300.00 of today.
    expect(removed.now.amount_minor).to.equal(-99_50)
    const before = await quote({ startedOn: '2026-04-05', add: ['crm'], on: '2026-04-19', prepare: rise })
    // 19900 x 16/30 = 10613.33; the next period begins on 5 May, at 300.00
    expect(before.now.amount_minor).to.equal(106_13)
    expect(before.per_period.amount_minor).to.equal(499_00 + 300_00)
    const since = await quote({ startedOn: '2026-04-05', add: ['crm'], on: '2026-04-20', prepare: rise })
    expect(since.now.amount_minor).to.equal(150_00)
  })

  it('in yen knows no decimals, in dinars three', async () => {
    const change = { startedOn: '2026-04-05', on: '2026-04-26', add: ['crm'] }
    // 29,995 yen x 9/30 = 8998.5
    const yen = await quote({
      ...change,
      currency: 'JPY',
      prepare: pricesIn('JPY', { crm: 29_995, ENTERPRISE: 0 }),
    })
    expect(yen.now).to.deep.equal({ amount_minor: 8_999, currency: 'JPY' })
    // 61.005 dinars x 9/30 = 18.3015
    const dinars = await quote({
      ...{ ...change, currency: 'KWD' },
      prepare: pricesIn('KWD', { crm: 61_005, ENTERPRISE: 0 }),
    })
    expect(dinars.now).to.deep.equal({ amount_minor: 18_302, currency: 'KWD' })
  })

  it('is refused where a price is missing', async () => {
    const asked = { startedOn: '2026-04-05', on: '2026-04-26', add: ['hr'], currency: 'JPY' }
    const refused = quote({ ...asked, prepare: pricesIn('JPY', { ENTERPRISE: 0 }) })
    expect(await rejection(refused)).to.deep.include({ kind: 'conflict', code: 'price.missing' })
  })
})
