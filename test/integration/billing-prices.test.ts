/** Prices that change, jump and are missing, and accounts that are put aside (billing rules 12 and 14). */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { billing, europeanSupplier, type Biller } from '../support/billing.js'
import { add, documentsOf, netLines, parkedOf, price, releaseAll } from '../support/billing-steps.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

const crm = { modules: ['crm'], startedOn: '2026-01-05' }

function prices(name: string, test: (ctx: Context, biller: Biller) => Promise<void>): void {
  it(name, () => billing('2026-01-05', test, europeanSupplier))
}

describe('billing: prices and accounts put aside', () => {
  prices(
    'charges each period at the price of its first day, whenever the run comes',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'acme', crm)
      await price(on('2026-01-10'), 'crm', 209_00n, '2026-02-20')
      await bill('2026-01-05')
      // 209.00 from 20 February on: the period from 5 February is at 199.00, and what is added on 25 February at 598.00.
      await price(on('2026-02-21'), 'finance', 598_00n, '2026-02-22')
      await add(on('2026-02-25'), 'acme', 'finance')
      await bill('2026-03-20')
      // 5 February has 28 days, of which 8 are left on the 25th: 598.00 x 8/28 = 170.8571..
      expect((await netLines(ctx)).slice(2)).to.deep.equal([
        'ERP/26/00002 cycle CRM & Call Center 2026-02-05 2026-03-05 19900',
        'ERP/26/00002 cycle Finance & Accounting 2026-02-25 2026-03-05 17086',
        'ERP/26/00002 cycle Starter platform fee 2026-02-05 2026-03-05 4900',
        'ERP/26/00003 cycle CRM & Call Center 2026-03-05 2026-04-05 20900',
        'ERP/26/00003 cycle Finance & Accounting 2026-03-05 2026-04-05 59800',
        'ERP/26/00003 cycle Starter platform fee 2026-03-05 2026-04-05 4900',
      ])
    },
  )

  prices('bills a price of tenfold or a tenth, and puts aside what is beyond', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'tenfold', { ...crm, modules: ['crm'] })
    await subscribedTenant(ctx, 'tenth', { ...crm, modules: ['finance'] })
    await subscribedTenant(ctx, 'above', { ...crm, modules: ['hr'] })
    await subscribedTenant(ctx, 'below', { ...crm, modules: ['bi'] })
    await bill('2026-01-05')
    await price(on('2026-01-06'), 'crm', 1990_00n, '2026-02-01')
    await price(on('2026-01-06'), 'finance', 49_90n, '2026-02-01')
    await price(on('2026-01-06'), 'hr', 2990_01n, '2026-02-01')
    await price(on('2026-01-06'), 'bi', 39_89n, '2026-02-01')
    const run = await bill('2026-02-05')
    expect(run.run).to.deep.include({
      status: 'partial',
      invoices: 2,
      invoiced: 2,
      parked: 2,
      nothing_due: 0,
    })
    expect(run.accounts.map(({ tenant, code }) => `${tenant} ${code}`)).to.deep.equal([
      'above billing.price_jump',
      'below billing.price_jump',
    ])
    // Nobody's number is lost by it.
    expect((await documentsOf(ctx)).map((line) => line.split(' ')[0])).to.deep.equal(
      [1, 2, 3, 4, 5, 6].map((number) => `ERP/26/0000${number}`),
    )
  })

  prices(
    'puts a jump aside that a run meets after others, as if it had run each time',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'acme', crm)
      await subscribedTenant(ctx, 'step', { ...crm, modules: ['finance'] })
      await price(ctx, 'crm', 2990_00n, '2026-02-01')
      // 499.00, 2000.00, 6000.00: no step is more than tenfold, though both together are.
      await price(ctx, 'finance', 2000_00n, '2026-02-01')
      await price(on('2026-02-02'), 'finance', 6000_00n, '2026-03-01')
      const run = await bill('2026-03-05')
      expect(await parkedOf(ctx, 'acme')).to.equal('billing.price_jump')
      expect(run.run).to.deep.include({ invoices: 3, parked: 1 })
    },
  )

  prices(
    'bills a jump that somebody has looked at and released, and the price after it',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'acme', crm)
      await bill('2026-01-05')
      await price(on('2026-01-06'), 'crm', 2990_00n, '2026-02-01')
      await bill('2026-02-05')
      expect(await parkedOf(ctx, 'acme')).to.equal('billing.price_jump')
      await releaseAll(ctx)
      const { run } = await bill('2026-03-05')
      expect(run).to.deep.include({ invoices: 2, parked: 0 })
      expect((await documentsOf(ctx)).slice(1)).to.deep.equal([
        'ERP/26/00002 of 2026-03-05 2026-02-05 2026-03-05 303900',
        'ERP/26/00003 of 2026-03-05 2026-03-05 2026-04-05 303900',
      ])
      // Another jump is another matter.
      await price(on('2026-03-06'), 'crm', 29_901_00n, '2026-04-01')
      expect((await bill('2026-04-05')).run).to.deep.include({ invoices: 0, parked: 1 })
    },
  )

  prices(
    'puts an account aside whose price is missing, stays away from it, and bills it once released',
    async (ctx, { bill }) => {
      await subscribedTenant(ctx, 'acme', crm)
      await subscribedTenant(ctx, 'beta', { ...crm, modules: ['finance'] })
      await bill('2026-01-05')
      await execute(
        ctx.db,
        sql`update public.prices set validity = daterange(lower(validity), '2026-02-01')
          where product_code = 'crm' and currency = 'USD' and cycle = 'monthly'`,
      )
      const first = await bill('2026-02-05')
      expect(first.run).to.deep.include({ status: 'partial', invoices: 1, invoiced: 1, parked: 1 })
      expect(await parkedOf(ctx, 'acme')).to.equal('price.missing')
      await execute(
        ctx.db,
        sql`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
          values ('module', 'crm', 'USD', 'monthly', 21900, daterange('2026-02-01', null))`,
      )
      const still = await bill('2026-02-06')
      expect(still.run).to.deep.include({ invoices: 0, parked: 1, nothing_due: 1 })
      expect(still.accounts).to.deep.include.members([
        { tenant: 'acme', outcome: 'parked', code: 'billing.parked', reason: 'Parked by an earlier run' },
      ])
      const times = await rows(ctx.db, sql`select 1 from public.parked_accounts`)
      expect(times).to.have.length(1)
      await releaseAll(ctx)
      expect((await bill('2026-02-07')).run).to.deep.include({ status: 'succeeded', invoices: 1, parked: 0 })
      expect((await documentsOf(ctx)).at(-1)).to.equal(
        'ERP/26/00004 of 2026-02-07 2026-02-05 2026-03-05 26800',
      )
    },
  )

  prices('catches up 36 periods and no more, unless it is told to', async (ctx, { on, bill }) => {
    await subscribedTenant(on('2023-01-05'), 'acme', { ...crm, startedOn: '2023-01-05' })
    await subscribedTenant(on('2023-02-05'), 'beta', { ...crm, startedOn: '2023-02-05' })
    const run = await bill('2026-01-05')
    // From January 2023 to January 2026 there are 37 beginnings, from February 36.
    expect(run.run).to.deep.include({ invoices: 36, invoiced: 1, parked: 1 })
    expect(await parkedOf(ctx, 'acme')).to.equal('billing.too_many_periods')
    await releaseAll(ctx)
    expect((await bill('2026-01-05', { catchUp: 37 })).run).to.deep.include({ invoices: 37, parked: 0 })
  })

  prices('counts periods for that, and not the invoice of what was added', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', crm)
    await bill('2026-01-05')
    await add(on('2026-01-20'), 'acme', 'finance')
    expect((await bill('2026-02-05', { catchUp: 1 })).run).to.deep.include({ invoices: 2, parked: 0 })
  })

  prices('issues no invoice over nothing, and yet the period is over', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', { tier: 'FREE', startedOn: '2026-01-05' })
    expect((await bill('2026-04-20')).run).to.deep.include({ invoices: 0, nothing_due: 1 })
    const next = await rows(ctx.db, sql`select next_billing_on from public.subscriptions`)
    expect(next).to.deep.equal([{ next_billing_on: '2026-05-05' }])
    await subscribedTenant(on('2026-04-20'), 'paid', { ...crm, startedOn: '2026-04-20' })
    expect((await bill('2026-04-20')).run).to.deep.include({ invoices: 1, nothing_due: 1, invoiced: 1 })
  })
})
