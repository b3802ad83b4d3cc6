/** What a change of choice charges and gives back (billing rules 4, 5, 7 and 8). Customers pay no tax here. */
import { expect } from 'chai'
import { billing, europeanSupplier, type Biller } from '../support/billing.js'
import { add, balancesOf, change, documentsOf, netLines, price, remove } from '../support/billing-steps.js'
import { rejection } from '../support/errors.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

/** STARTER 49.00 and CRM 199.00 from 5 April on, billed to 5 May: 30 days, of which 15 are left on 20 April. */
async function acme({ bill, on }: Biller, choice: { tier?: string; modules?: string[] } = {}): Promise<void> {
  await subscribedTenant(on('2026-04-05'), 'acme', { modules: ['crm'], startedOn: '2026-04-05', ...choice })
  await bill('2026-04-05')
}

function month(name: string, test: (ctx: Context, biller: Biller) => Promise<void>): void {
  it(name, () => billing('2026-04-01', test, europeanSupplier))
}

describe('billing: changes within a period', () => {
  month('swaps CRM for Finance: a credit note of 99.50 and an invoice of 249.50', async (ctx, biller) => {
    const { on, bill } = biller
    await acme(biller)
    await remove(on('2026-04-20'), 'acme', 'crm', { now: true })
    await add(on('2026-04-20'), 'acme', 'finance')
    await bill('2026-04-20')
    // 199.00 - 199.00 x 15/30 = 99.50; 499.00 x 15/30 = 249.50
    expect(await netLines(ctx)).to.deep.equal([
      'CN/26/00001 credit CRM & Call Center 2026-04-20 2026-05-05 9950',
      'ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-05-05 19900',
      'ERP/26/00001 cycle Starter platform fee 2026-04-05 2026-05-05 4900',
      'ERP/26/00002 change Finance & Accounting 2026-04-20 2026-05-05 24950',
    ])
    expect((await bill('2026-05-05')).run).to.deep.include({ invoices: 1, credit_notes: 0 })
    expect((await documentsOf(ctx)).at(-1)).to.equal('ERP/26/00003 of 2026-05-05 2026-05-05 2026-06-05 54800')
  })

  month('gives back what was charged less what was used, not the rest rounded', async (ctx, biller) => {
    const { on, bill } = biller
    await price(ctx, 'crm', 199_01n, '2026-04-05')
    await acme(biller)
    // A price of today is not the one that was charged.
    await price(on('2026-04-10'), 'crm', 299_00n, '2026-04-15')
    await remove(on('2026-04-20'), 'acme', 'crm', { now: true })
    await bill('2026-04-20')
    // Used: 199.01 x 15/30 = 99.505, rounded 99.51; given back: 199.01 - 99.51 = 99.50, where the rest rounds to 99.51.
    expect((await netLines(ctx))[0]).to.equal(
      'CN/26/00001 credit CRM & Call Center 2026-04-20 2026-05-05 9950',
    )
  })

  month(
    'upgrades at once: the smaller fee back, the better one charged, each by its days',
    async (ctx, biller) => {
      const { on, bill } = biller
      await acme(biller)
      await change(on('2026-04-13'), 'acme', { tier: 'PROFESSIONAL' })
      await bill('2026-04-14')
      // 22 of 30 days are left: 49.00 - 49.00 x 8/30 (13.0666..) = 35.93; 199.00 x 22/30 = 145.9333..
      expect((await netLines(ctx)).filter((line) => !line.includes('00001 cycle'))).to.deep.equal([
        'CN/26/00001 credit Starter platform fee 2026-04-13 2026-05-05 3593',
        'ERP/26/00002 change Professional platform fee 2026-04-13 2026-05-05 14593',
      ])
    },
  )

  month(
    'downgrades at the end of the period, without a credit, though cron sleeps on that day',
    async (ctx, biller) => {
      const { on, bill } = biller
      await acme(biller, { tier: 'PROFESSIONAL' })
      await change(on('2026-04-20'), 'acme', { tier: 'STARTER' })
      expect((await bill('2026-04-20')).run).to.deep.include({ invoices: 0, credit_notes: 0 })
      await bill('2026-05-09')
      expect((await documentsOf(ctx)).slice(1)).to.deep.equal([
        'ERP/26/00002 of 2026-05-09 2026-05-05 2026-06-05 24800',
      ])
    },
  )

  month('downgrades at once where that is asked for', async (ctx, biller) => {
    const { on, bill } = biller
    await acme(biller, { tier: 'PROFESSIONAL' })
    await change(on('2026-04-20'), 'acme', { tier: 'STARTER', when: 'now' })
    await bill('2026-04-20')
    expect((await netLines(ctx)).filter((line) => !line.includes('00001 cycle'))).to.deep.equal([
      'CN/26/00001 credit Professional platform fee 2026-04-20 2026-05-05 9950',
      'ERP/26/00002 change Starter platform fee 2026-04-20 2026-05-05 2450',
    ])
  })

  month('follows two upgrades between two runs', async (ctx, biller) => {
    const { on, bill } = biller
    await acme(biller)
    await change(on('2026-04-15'), 'acme', { tier: 'PROFESSIONAL' })
    await change(on('2026-04-20'), 'acme', { tier: 'ENTERPRISE' })
    await bill('2026-04-25')
    // 49.00 x 20/30 back: 49.00 - 16.33; 199.00 x 5/30 = 33.1666..; 499.00 x 15/30
    expect((await netLines(ctx)).filter((line) => !line.includes('00001 cycle'))).to.deep.equal([
      'CN/26/00001 credit Starter platform fee 2026-04-15 2026-05-05 3267',
      'ERP/26/00002 change Enterprise platform fee 2026-04-20 2026-05-05 24950',
      'ERP/26/00002 change Professional platform fee 2026-04-15 2026-04-20 3317',
    ])
  })

  month(
    'removes a module at the end of the period, and not where that is taken back',
    async (ctx, biller) => {
      const { on, bill } = biller
      await acme(biller, { modules: ['crm', 'finance'] })
      await remove(on('2026-04-20'), 'acme', 'crm')
      await remove(on('2026-04-20'), 'acme', 'finance')
      await add(on('2026-05-04'), 'acme', 'finance')
      expect((await bill('2026-04-20')).run).to.deep.include({ invoices: 0, credit_notes: 0 })
      await bill('2026-05-20')
      expect((await netLines(ctx)).slice(3)).to.deep.equal([
        'ERP/26/00002 cycle Finance & Accounting 2026-05-05 2026-06-05 49900',
        'ERP/26/00002 cycle Starter platform fee 2026-05-05 2026-06-05 4900',
      ])
    },
  )

  month(
    'charges what was taken and given up again before any run, and no day of it twice',
    async (ctx, biller) => {
      const { on, bill } = biller
      await acme(biller)
      await add(on('2026-04-10'), 'acme', 'finance')
      await remove(on('2026-04-20'), 'acme', 'finance', { now: true })
      await add(on('2026-04-20'), 'acme', 'hr')
      await remove(on('2026-04-20'), 'acme', 'hr', { now: true })
      const run = await bill('2026-04-25')
      expect(run.run).to.deep.include({ invoices: 1, credit_notes: 0, parked: 0 })
      // 499.00 x 10/30 = 166.3333..
      expect((await netLines(ctx)).at(-1)).to.equal(
        'ERP/26/00002 change Finance & Accounting 2026-04-10 2026-04-20 16633',
      )
      expect((await bill('2026-04-25')).run).to.deep.include({ invoices: 0, credit_notes: 0, nothing_due: 1 })
    },
  )

  it('prorates an added module to the end of its period, on an invoice of its own', () =>
    billing(
      '2026-01-31',
      async (ctx, { on, bill }) => {
        await subscribedTenant(ctx, 'acme', { modules: ['crm'], startedOn: '2026-01-31' })
        await bill('2026-01-31')
        await add(on('2026-02-10'), 'acme', 'finance')
        await bill('2026-03-01')
        // 31 January to 28 February has 28 days, of which 18 are left: 499.00 x 18/28 = 320.7857..
        expect((await netLines(ctx)).slice(2)).to.deep.equal([
          'ERP/26/00002 change Finance & Accounting 2026-02-10 2026-02-28 32079',
          'ERP/26/00003 cycle CRM & Call Center 2026-02-28 2026-03-31 19900',
          'ERP/26/00003 cycle Finance & Accounting 2026-02-28 2026-03-31 49900',
          'ERP/26/00003 cycle Starter platform fee 2026-02-28 2026-03-31 4900',
        ])
      },
      europeanSupplier,
    ))

  month('turns to a year at once: the month back, the year from that day', async (ctx, biller) => {
    const { on, bill } = biller
    await acme(biller)
    await change(on('2026-04-20'), 'acme', { cycle: 'annual', when: 'now' })
    await bill('2026-04-21')
    expect(await netLines(ctx)).to.deep.equal([
      'CN/26/00001 credit CRM & Call Center 2026-04-20 2026-05-05 9950',
      'CN/26/00001 credit Starter platform fee 2026-04-20 2026-05-05 2450',
      'ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-05-05 19900',
      'ERP/26/00001 cycle Starter platform fee 2026-04-05 2026-05-05 4900',
      'ERP/26/00002 cycle CRM & Call Center 2026-04-20 2027-04-20 191040',
      'ERP/26/00002 cycle Starter platform fee 2026-04-20 2027-04-20 47040',
    ])
  })

  month(
    'bills the days before another cycle by the old one, where cron slept over the change',
    async (ctx, biller) => {
      const { on, bill } = biller
      await subscribedTenant(on('2026-04-05'), 'acme', { modules: ['crm'], startedOn: '2026-04-05' })
      await add(on('2026-04-10'), 'acme', 'finance')
      await change(on('2026-04-20'), 'acme', { cycle: 'annual', when: 'now' })
      const run = await bill('2026-05-30')
      expect(run.run).to.deep.include({ invoices: 2, credit_notes: 0 })
      // 15 of 30 days of 199.00 and 49.00, 10 of 30 of 499.00
      expect(await netLines(ctx)).to.deep.equal([
        'ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-04-20 9950',
        'ERP/26/00001 cycle Finance & Accounting 2026-04-10 2026-04-20 16633',
        'ERP/26/00001 cycle Starter platform fee 2026-04-05 2026-04-20 2450',
        'ERP/26/00002 cycle CRM & Call Center 2026-04-20 2027-04-20 191040',
        'ERP/26/00002 cycle Finance & Accounting 2026-04-20 2027-04-20 479040',
        'ERP/26/00002 cycle Starter platform fee 2026-04-20 2027-04-20 47040',
      ])
    },
  )

  month('turns to a year at the end of the month, and back at the end of the year', async (ctx, biller) => {
    const { on, bill } = biller
    await acme(biller)
    await change(on('2026-04-20'), 'acme', { cycle: 'annual' })
    await bill('2026-06-30')
    const back = rejection(change(on('2026-07-01'), 'acme', { cycle: 'monthly', when: 'now' }))
    expect(await back).to.include({ code: 'cycle.at_period_end' })
    await change(on('2026-07-01'), 'acme', { cycle: 'monthly' })
    await bill('2027-06-10')
    expect(await documentsOf(ctx)).to.deep.equal([
      'ERP/26/00001 of 2026-04-05 2026-04-05 2026-05-05 24800',
      'ERP/26/00002 of 2026-06-30 2026-05-05 2027-05-05 238080',
      'ERP/27/00001 of 2027-06-10 2027-05-05 2027-06-05 24800',
      'ERP/27/00002 of 2027-06-10 2027-06-05 2027-07-05 24800',
    ])
    expect(await balancesOf(ctx)).to.deep.equal([])
  })

  it('counts years from the 28th where the month before had begun on the 31st', () =>
    billing(
      '2026-01-31',
      async (ctx, { on, bill }) => {
        await subscribedTenant(ctx, 'acme', { modules: ['crm'], startedOn: '2026-01-31' })
        await change(on('2026-02-10'), 'acme', { cycle: 'annual' })
        await bill('2027-02-28')
        expect(await documentsOf(ctx)).to.deep.equal([
          'ERP/27/00001 of 2027-02-28 2026-01-31 2026-02-28 24800',
          'ERP/27/00002 of 2027-02-28 2026-02-28 2027-02-28 238080',
          'ERP/27/00003 of 2027-02-28 2027-02-28 2028-02-28 238080',
        ])
      },
      europeanSupplier,
    ))
})
