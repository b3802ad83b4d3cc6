/** What the end of a subscription charges and gives back, and what a beginning after it does (billing rule 7). */
import { expect } from 'chai'
import { execute, sql } from '../../src/database/sql.js'
import { startAgain } from '../../src/workflows/start-subscription.js'
import { billing, europeanSupplier, type Biller } from '../support/billing.js'
import {
  add,
  balancesOf,
  cancel,
  change,
  documentsOf,
  netLines,
  payAll,
  settledOf,
} from '../support/billing-steps.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

/** STARTER 49.00 and CRM 199.00 a month. */
const crm = { modules: ['crm'], startedOn: '2026-04-05' }

function ending(name: string, test: (ctx: Context, biller: Biller) => Promise<void>): void {
  it(name, () => billing('2026-04-05', test, europeanSupplier))
}

describe('billing: the end of a subscription', () => {
  ending('gives the days that are left back on one credit note', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', crm)
    await bill('2026-04-05')
    await cancel(on('2026-04-20'), 'acme', { now: true })
    expect((await bill('2026-06-20')).run).to.deep.include({ invoices: 0, credit_notes: 1 })
    // 15 of 30 days of 199.00 and 49.00
    expect((await netLines(ctx)).slice(0, 2)).to.deep.equal([
      'CN/26/00001 credit CRM & Call Center 2026-04-20 2026-05-05 9950',
      'CN/26/00001 credit Starter platform fee 2026-04-20 2026-05-05 2450',
    ])
    expect(await settledOf(ctx)).to.deep.equal([
      'ERP/26/00001 open 24800: 12400 credited, 0 from the balance, 0 paid',
    ])
    expect((await bill('2026-06-20')).run).to.deep.include({ invoices: 0, credit_notes: 0 })
  })

  ending('gives back nothing without credit, and bills nothing more', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', crm)
    await bill('2026-04-05')
    await cancel(on('2026-04-20'), 'acme', { now: true, credit: false })
    expect((await bill('2026-06-20')).run).to.deep.include({ invoices: 0, credit_notes: 0 })
  })

  ending(
    'lasts to the end of the period, and no day longer where cron slept over it',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'acme', crm)
      await bill('2026-04-05')
      await cancel(on('2026-04-20'), 'acme')
      expect((await bill('2026-07-20')).run).to.deep.include({ invoices: 0, credit_notes: 0 })
      expect(await documentsOf(ctx)).to.have.length(1)
    },
  )

  ending(
    'bills the days before it that were not billed yet, and not one after',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'acme', { ...crm, startedOn: '2026-04-05' })
      await cancel(on('2026-05-20'), 'acme', { now: true })
      expect((await bill('2026-07-20')).run).to.deep.include({ invoices: 2, credit_notes: 0 })
      // 5 May has 31 days, of which 15 were held: 199.00 x 15/31 = 96.2903.., 49.00 x 15/31 = 23.7096..
      expect(await netLines(ctx)).to.deep.equal([
        'ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-05-05 19900',
        'ERP/26/00001 cycle Starter platform fee 2026-04-05 2026-05-05 4900',
        'ERP/26/00002 cycle CRM & Call Center 2026-05-05 2026-05-20 9629',
        'ERP/26/00002 cycle Starter platform fee 2026-05-05 2026-05-20 2371',
      ])
      expect((await documentsOf(ctx)).at(-1)).to.equal(
        'ERP/26/00002 of 2026-07-20 2026-05-05 2026-05-20 12000',
      )
      expect((await bill('2026-07-21')).run).to.deep.include({ invoices: 0, nothing_due: 1 })
    },
  )

  ending('bills them without credit too', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', crm)
    await cancel(on('2026-04-20'), 'acme', { now: true, credit: false })
    await bill('2026-07-20')
    // 248.00 x 15/30, line by line 99.50 + 24.50
    expect(await documentsOf(ctx)).to.deep.equal(['ERP/26/00001 of 2026-07-20 2026-04-05 2026-04-20 12400'])
  })

  ending(
    'bills what was added and not billed yet, though everything before was',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'acme', crm)
      await bill('2026-04-05')
      await add(on('2026-04-11'), 'acme', 'finance')
      await cancel(on('2026-04-20'), 'acme', { now: true })
      await bill('2026-05-20')
      // 499.00 x 9/30 = 149.70
      expect((await netLines(ctx)).at(-1)).to.equal(
        'ERP/26/00002 change Finance & Accounting 2026-04-11 2026-04-20 14970',
      )
      expect((await bill('2026-05-21')).run).to.deep.include({ invoices: 0, credit_notes: 0, nothing_due: 1 })
    },
  )

  ending('within a trial costs nothing', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', { ...crm, trialDays: 14 })
    await cancel(on('2026-04-10'), 'acme', { now: true })
    await subscribedTenant(ctx, 'other', { ...crm, trialDays: 14 })
    await cancel(on('2026-04-10'), 'other')
    expect((await bill('2026-06-20')).run).to.deep.include({ invoices: 0, credit_notes: 0, nothing_due: 2 })
  })

  ending('gives back the rest of a year by its days', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', { ...crm, cycle: 'annual' })
    await bill('2026-04-05')
    await cancel(on('2026-10-05'), 'acme', { now: true })
    await bill('2026-10-05')
    // 5 April to 5 October: 26+31+30+31+31+30+4 = 183 of 365 days. 1910.40 x 183/365 = 957.8169.. used, 952.58 left;
    // 470.40 x 183/365 = 235.8444.. used, 234.56 left.
    expect((await netLines(ctx)).slice(0, 2)).to.deep.equal([
      'CN/26/00001 credit CRM & Call Center 2026-10-05 2027-04-05 95258',
      'CN/26/00001 credit Starter platform fee 2026-10-05 2027-04-05 23456',
    ])
  })

  ending('is followed by a new subscription with periods of its own', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', crm)
    await bill('2026-04-05')
    await payAll(ctx)
    await cancel(on('2026-04-20'), 'acme', { now: true })
    await startAgain(on('2026-04-25'), 'acme', {
      ...{ modules: ['finance'], tier: 'STARTER', cycle: 'monthly', trialDays: null, dryRun: false },
    })
    expect((await bill('2026-04-25')).run).to.deep.include({ invoices: 1, credit_notes: 1, invoiced: 1 })
    expect((await documentsOf(ctx)).at(-1)).to.equal('ERP/26/00002 of 2026-04-25 2026-04-25 2026-05-25 54800')
    // 99.50 + 24.50 of the first, which was paid, go to the second: 548.00 - 124.00
    expect((await settledOf(ctx)).at(-1)).to.equal(
      'ERP/26/00002 open 54800: 0 credited, 12400 from the balance, 0 paid',
    )
    expect(await balancesOf(ctx)).to.deep.equal(['USD 0'])
  })

  ending('keeps its money apart from that of the next one in another currency', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', crm)
    await bill('2026-04-05')
    await payAll(ctx)
    await change(on('2026-04-10'), 'acme', { tier: 'PROFESSIONAL' })
    await cancel(on('2026-04-20'), 'acme', { now: true })
    await execute(ctx.db, sql`update public.tenants set currency = 'INR' where subdomain = 'acme'`)
    await startAgain(on('2026-04-20'), 'acme', {
      ...{ modules: ['crm'], tier: 'STARTER', cycle: 'monthly', trialDays: null, dryRun: false },
    })
    const { run } = await bill('2026-04-20')
    // Dollars: Professional 199.00 x 10/30 = 66.33; back are 49.00 - 49.00 x 5/30 (8.17) = 40.83, and 99.50 of CRM.
    expect(run.sums).to.deep.equal({
      USD: { invoiced_minor: 6633, credited_minor: 4083 + 9950 },
      INR: { invoiced_minor: 399900 + 1599900, credited_minor: 0 },
    })
    expect(await settledOf(ctx)).to.deep.equal([
      'ERP/26/00001 paid 24800: 0 credited, 0 from the balance, 24800 paid',
      'ERP/26/00002 paid 6633: 0 credited, 6633 from the balance, 0 paid',
      'ERP/26/00003 open 1999800: 0 credited, 0 from the balance, 0 paid',
    ])
    expect(await balancesOf(ctx)).to.deep.equal(['USD 7400'])
  })
})
