/** Credits larger than what is next, and money without two decimals (billing rules 5, 8 and 9). */
import { expect } from 'chai'
import { firstRow, rows, sql } from '../../src/database/sql.js'
import { billing, europeanSupplier, type Biller } from '../support/billing.js'
import {
  add,
  balancesOf,
  documentsOf,
  netLines,
  payAll,
  priced,
  remove,
  settledOf,
} from '../support/billing-steps.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

function credits(name: string, test: (ctx: Context, biller: Biller) => Promise<void>): void {
  it(name, () => billing('2026-04-05', test, europeanSupplier))
}

/** What a credit note lowered on its invoice: `CN/26/00001 24950 of 24950`. */
async function appliedOf(ctx: Context): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select number || ' ' || applied_minor || ' of ' || total_minor as line from public.credit_notes order by number`,
  )
  return found.map(({ line }) => line)
}

describe('billing: credits', () => {
  credits(
    'of a paid invoice go to the balance, and from there to the next invoices, oldest first',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'acme', { modules: ['crm', 'finance'], startedOn: '2026-04-05' })
      await bill('2026-04-05')
      await payAll(ctx)
      await remove(on('2026-04-10'), 'acme', 'finance', { now: true })
      await bill('2026-04-10')
      // 499.00 - 499.00 x 5/30 (83.1666..) = 415.83
      expect(await appliedOf(ctx)).to.deep.equal(['CN/26/00001 0 of 41583'])
      expect(await balancesOf(ctx)).to.deep.equal(['USD 41583'])
      // Two periods at once, 248.00 each: 415.83 pays the older whole, and 167.83 of the younger.
      await bill('2026-06-20')
      expect(await settledOf(ctx)).to.deep.equal([
        'ERP/26/00001 paid 74700: 0 credited, 0 from the balance, 74700 paid',
        'ERP/26/00002 paid 24800: 0 credited, 24800 from the balance, 0 paid',
        'ERP/26/00003 open 24800: 0 credited, 16783 from the balance, 0 paid',
      ])
      expect(await balancesOf(ctx)).to.deep.equal(['USD 0'])
      await bill('2026-07-05')
      expect((await settledOf(ctx)).at(-1)).to.equal(
        'ERP/26/00004 open 24800: 0 credited, 0 from the balance, 0 paid',
      )
    },
  )

  credits('stay for later where the next invoice is smaller', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', { cycle: 'annual', modules: ['crm'], startedOn: '2026-04-05' })
    await subscribedTenant(ctx, 'other', { modules: ['crm'], startedOn: '2026-04-05' })
    await bill('2026-04-05')
    await payAll(ctx)
    await remove(on('2026-04-05'), 'acme', 'crm', { now: true })
    // The whole year of CRM back, 1910.40: of the same day, and so no day of it is used.
    await bill('2026-04-05')
    expect(await balancesOf(ctx)).to.deep.equal(['USD 191040'])
    await add(on('2026-04-06'), 'acme', 'crm')
    await bill('2026-05-05')
    // 1910.40 x 364/365 = 1905.1660.. ; other's month is its own affair.
    expect((await settledOf(ctx)).slice(2)).to.deep.equal([
      'ERP/26/00003 paid 190517: 0 credited, 190517 from the balance, 0 paid',
      'ERP/26/00004 open 24800: 0 credited, 0 from the balance, 0 paid',
    ])
    expect(await balancesOf(ctx)).to.deep.equal(['USD 523'])
  })

  credits('lower what is open of their own invoice first', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', { modules: ['crm', 'finance'], startedOn: '2026-04-05' })
    await bill('2026-04-05')
    await remove(on('2026-04-05'), 'acme', 'finance', { now: true })
    await remove(on('2026-04-20'), 'acme', 'crm', { now: true })
    await bill('2026-04-20')
    // 499.00 and 99.50 on one note, of the 747.00 that are open.
    expect(await appliedOf(ctx)).to.deep.equal(['CN/26/00001 59850 of 59850'])
    expect(await settledOf(ctx)).to.deep.equal([
      'ERP/26/00001 open 74700: 59850 credited, 0 from the balance, 0 paid',
    ])
    expect(await balancesOf(ctx)).to.deep.equal([])
  })

  credits('come from each invoice that charged, a note for each', async (ctx, { on, bill }) => {
    await subscribedTenant(ctx, 'acme', { modules: ['crm'], startedOn: '2026-04-05' })
    await bill('2026-04-05')
    await add(on('2026-04-10'), 'acme', 'finance')
    await bill('2026-04-10')
    await remove(on('2026-04-20'), 'acme', 'finance', { now: true })
    await remove(on('2026-04-20'), 'acme', 'crm', { now: true })
    await bill('2026-04-20')
    // Finance: 499.00 x 25/30 (415.83) - 499.00 x 10/30 (166.33) = 249.50
    expect((await netLines(ctx)).slice(0, 2).map((line) => line.replace(/^\S+ /, ''))).to.have.members([
      'credit Finance & Accounting 2026-04-20 2026-05-05 24950',
      'credit CRM & Call Center 2026-04-20 2026-05-05 9950',
    ])
    expect((await documentsOf(ctx)).slice(0, 2).map((line) => line.split(' ')[0])).to.deep.equal([
      'CN/26/00001',
      'CN/26/00002',
    ])
  })

  credits(
    'in yen: no minor unit, halves up for what is used, the rest for what is given back',
    async (ctx, { on, bill }) => {
      await priced(ctx, 'JPY', { STARTER: 5_001, system_admin: 0, crm: 29_999, finance: 49_999 })
      await subscribedTenant(ctx, 'acme', { currency: 'JPY', modules: ['crm'], startedOn: '2026-04-05' })
      await bill('2026-04-05')
      await remove(on('2026-04-20'), 'acme', 'crm', { now: true })
      await add(on('2026-04-20'), 'acme', 'finance')
      await bill('2026-04-20')
      // 29,999 x 15/30 = 14,999.5 is 15,000 used and 14,999 back; 49,999 x 15/30 = 24,999.5 is 25,000.
      expect(await netLines(ctx)).to.deep.equal([
        'CN/26/00001 credit CRM & Call Center 2026-04-20 2026-05-05 14999',
        'ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-05-05 29999',
        'ERP/26/00001 cycle Starter platform fee 2026-04-05 2026-05-05 5001',
        'ERP/26/00002 change Finance & Accounting 2026-04-20 2026-05-05 25000',
      ])
      expect(await firstRow(ctx.db, sql`select distinct currency from public.invoices`)).to.deep.equal({
        currency: 'JPY',
      })
    },
  )

  credits('in Kuwaiti dinars: three decimals', async (ctx, { on, bill }) => {
    await priced(ctx, 'KWD', { STARTER: 15_005, system_admin: 0, crm: 61_505, finance: 152_345 })
    await subscribedTenant(ctx, 'acme', { currency: 'KWD', modules: ['crm'], startedOn: '2026-04-05' })
    await bill('2026-04-05')
    await remove(on('2026-04-15'), 'acme', 'crm', { now: true })
    await add(on('2026-04-15'), 'acme', 'finance')
    const { run } = await bill('2026-04-15')
    // 61.505 x 10/30 = 20.5016.. used, 61.505 - 20.502 = 41.003 back; 152.345 x 20/30 = 101.5633..
    expect(run.sums).to.deep.equal({ KWD: { invoiced_minor: 101_563, credited_minor: 41_003 } })
  })

  credits('never mix currencies: each customer is billed in its own', async (ctx, { bill }) => {
    await priced(ctx, 'JPY', { STARTER: 5_001, system_admin: 0, crm: 29_999 })
    await subscribedTenant(ctx, 'acme', { modules: ['crm'], startedOn: '2026-04-05' })
    await subscribedTenant(ctx, 'beta', { currency: 'JPY', modules: ['crm'], startedOn: '2026-04-05' })
    await subscribedTenant(ctx, 'gama', { currency: 'INR', modules: ['crm'], startedOn: '2026-04-05' })
    const { run } = await bill('2026-04-05')
    expect(run).to.deep.include({ invoices: 3, invoiced: 3 })
    expect(run.sums).to.deep.equal({
      USD: { invoiced_minor: 24800, credited_minor: 0 },
      JPY: { invoiced_minor: 35000, credited_minor: 0 },
      INR: { invoiced_minor: 1999800, credited_minor: 0 },
    })
  })
})
