/** India's GST on the documents of a run: heads, places, letters of undertaking, foreign money (rules 6, 9 and 21). */
import { expect } from 'chai'
import { rows, sql } from '../../src/database/sql.js'
import { setExchangeRate } from '../../src/billing/exchange.js'
import { billing, bookOf, indianSupplier, type Biller } from '../support/billing.js'
import { cancel, documentsOf, parkedOf, price, releaseAll, remove } from '../support/billing-steps.js'
import { subscribedTenant, type TenantOptions } from '../support/tenants.js'
import type { SupplierInput } from '../../src/billing/set-supplier.js'
import type { Context } from '../../src/kernel/context.js'

const endorsed = 'SUPPLY MEANT FOR EXPORT/SUPPLY TO SEZ UNIT OR SEZ DEVELOPER FOR AUTHORISED OPERATIONS'
const withoutTax = `${endorsed} UNDER BOND OR LETTER OF UNDERTAKING WITHOUT PAYMENT OF INTEGRATED TAX`
const lut = { number: 'AD270326000001B', firstDay: '2026-04-01', lastDay: '2027-03-31' }

/** CRM at 100.50 rupees and no fee: one line of 10050. */
async function plainPrices(ctx: Context): Promise<void> {
  await price(ctx, 'STARTER', 0n, '2026-04-05', { currency: 'INR' })
  await price(ctx, 'crm', 100_50n, '2026-04-05', { currency: 'INR' })
}

async function customer(
  ctx: Context,
  name: string,
  profile: TenantOptions['profile'] = {},
  row: Partial<TenantOptions> = {},
): Promise<void> {
  const place = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
  await subscribedTenant(ctx, name, { ...place, modules: ['crm'], startedOn: '2026-04-05', profile, ...row })
}

interface TaxedRow {
  tenant: string
  supply: string
  place: string | null
  sac: string | null
  heads: string
  total: bigint
  endorsement: string | null
  lut: string | null
}

/** `CGST 9 905, SGST 9 905` and what else the invoice says of its tax, in the order of the numbers. */
async function taxesOf(ctx: Context): Promise<TaxedRow[]> {
  return rows<TaxedRow>(
    ctx.db,
    sql`select t.subdomain as tenant, i.supply, i.place_of_supply ->> 'code' as place, l.sac, i.total_minor as total, i.endorsement, i.lut,
               (select string_agg(concat_ws(' ', x ->> 'head', x ->> 'rate', x ->> 'amount_minor'), ', ' order by n)
                from jsonb_array_elements(l.taxes) with ordinality as e (x, n)) as heads
        from public.invoices i join public.tenants t on t.id = i.tenant_id join public.invoice_lines l on l.invoice_id = i.id and l.position = 1
        order by i.number`,
  )
}

const heads = async (ctx: Context): Promise<string[]> =>
  (await taxesOf(ctx)).map((one) => `${one.tenant} ${one.supply} ${one.place}: ${one.heads} = ${one.total}`)

function gst(
  name: string,
  test: (ctx: Context, biller: Biller) => Promise<void>,
  supplier: Partial<SupplierInput> = {},
): void {
  it(name, () => billing('2026-04-01', test, { ...indianSupplier, ...supplier }))
}

describe('billing: GST', () => {
  gst('is 9.05 + 9.05 on 100.50 in the state of the supplier, 18.09 elsewhere', async (ctx, { bill }) => {
    await plainPrices(ctx)
    await customer(ctx, 'bhiwandi', { state: 'MH' })
    await customer(ctx, 'bengaluru', { state: 'KA' })
    // The GSTIN tells the state; without one and without a state it is the supplier's.
    await customer(ctx, 'gstin', { gstin: '29AAPFU0939F1ZR' })
    await customer(ctx, 'nowhere')
    await bill('2026-04-05')
    // Each half of 100.50 x 9 % = 9.045 is rounded up to 9.05; 100.50 x 18 % = 18.09, and not 18.10.
    expect((await heads(ctx)).sort()).to.deep.equal([
      'bengaluru inter_state 29: IGST 18 1809 = 11859',
      'bhiwandi intra_state 27: CGST 9 905, SGST 9 905 = 11860',
      'gstin inter_state 29: IGST 18 1809 = 11859',
      'nowhere intra_state 27: CGST 9 905, SGST 9 905 = 11860',
    ])
    expect((await taxesOf(ctx)).map(({ sac }) => sac)).to.deep.equal(Array(4).fill('997331'))
  })

  gst('rounds each line and sums then', async (ctx, { bill }) => {
    await price(ctx, 'STARTER', 100_50n, '2026-04-05', { currency: 'INR' })
    await price(ctx, 'crm', 100_50n, '2026-04-05', { currency: 'INR' })
    await customer(ctx, 'bhiwandi', { state: 'MH' })
    await bill('2026-04-05')
    // 2 x (9.05 + 9.05) = 36.20, where the sum of 201.00 x 9 % = 18.09 twice is 36.18.
    expect((await documentsOf(ctx))[0]).to.match(/ 23720$/)
  })

  gst(
    'is UTGST in a union territory without a legislature',
    async (ctx, { bill }) => {
      await plainPrices(ctx)
      await customer(ctx, 'chandigarh', { state: 'CH' })
      await customer(ctx, 'delhi', { state: 'DL' })
      await bill('2026-04-05')
      expect(await heads(ctx)).to.deep.equal([
        'chandigarh intra_state 04: CGST 9 905, UTGST 9 905 = 11860',
        'delhi inter_state 07: IGST 18 1809 = 11859',
      ])
    },
    { gstin: '04AAPFU0939F1Z3' },
  )

  gst(
    'in Delhi is SGST: it has a legislature',
    async (ctx, { bill }) => {
      await plainPrices(ctx)
      await customer(ctx, 'delhi', { state: 'DL' })
      await bill('2026-04-05')
      expect(await heads(ctx)).to.deep.equal(['delhi intra_state 07: CGST 9 905, SGST 9 905 = 11860'])
    },
    { gstin: '07AAPFU0939F1ZX' },
  )

  gst(
    'is nothing for SEZ and export while the letter covers the day of issue, 18 % IGST on the day after',
    async (ctx, { bill }) => {
      await plainPrices(ctx)
      await customer(ctx, 'sez', { state: 'MH', gstin: '27AAPFU0939F1ZV', gstTreatment: 'sez' })
      await customer(ctx, 'tokyo', {}, { country: 'JP', timeZone: 'Asia/Tokyo' })
      await bill('2026-04-05')
      expect(await heads(ctx)).to.deep.equal([
        'sez sez 27: IGST 0 0 = 10050',
        'tokyo export 96: IGST 0 0 = 10050',
      ])
      for (const one of await taxesOf(ctx))
        expect([one.endorsement, one.lut]).to.deep.equal([withoutTax, lut.number])
      // Two more whose first day is the letter's last, and the day after.
      for (const day of ['2027-03-31', '2027-04-01']) {
        const treatment = { gstin: '27AAPFU0939F1ZV', gstTreatment: 'sez' }
        await customer(ctx, `z-${day}`, treatment, { startedOn: day })
        await bill(day)
      }
      await bill('2027-04-05')
      const last = (await taxesOf(ctx)).slice(-4)
      expect(last.map(({ tenant, heads: tax, total }) => `${tenant} ${tax} = ${total}`)).to.deep.equal([
        'z-2027-03-31 IGST 0 0 = 10050',
        'z-2027-04-01 IGST 18 1809 = 11859',
        ...['sez IGST 18 1809 = 11859', 'tokyo IGST 18 1809 = 11859'],
      ])
      for (const one of last.slice(-3))
        expect([one.endorsement, one.lut]).to.deep.equal([`${endorsed} ON PAYMENT OF INTEGRATED TAX`, null])
    },
    { lut },
  )

  gst('gives the tax back that the line charged, at the rate of then', async (ctx, { on, bill }) => {
    await plainPrices(ctx)
    await customer(ctx, 'bhiwandi', { state: 'MH' })
    await bill('2026-04-05')
    await rows(ctx.db, sql`update public.tax_rates set rate = 28 where country_code = 'IN'`)
    await remove(on('2026-04-15'), 'bhiwandi', 'crm', { now: true })
    await bill('2026-04-15')
    // 100.50 x 10/30 = 33.50 used, 67.00 back, and 9 % of it twice: 6.03 + 6.03
    expect((await bookOf(ctx))[0]).to.equal(
      'bhiwandi CN/26-27/00001 credit CRM & Call Center 2026-04-15 2026-05-05 6700 + 1206',
    )
  })

  gst(
    'is given back up to 30 November after its financial year, and afterwards the price alone',
    async (ctx, { on, bill }) => {
      // A year from 31 March 2026 is of the financial year that ends that day, one from 1 April of the next.
      for (const name of ['before', 'behind'])
        await customer(ctx, name, { state: 'MH' }, { cycle: 'annual', startedOn: '2026-03-31' })
      await customer(ctx, 'younger', { state: 'MH' }, { cycle: 'annual', startedOn: '2026-04-01' })
      await bill('2026-03-31')
      await bill('2026-04-01')
      await cancel(on('2026-11-30'), 'before', { now: true })
      await bill('2026-11-30')
      await cancel(on('2026-12-01'), 'behind', { now: true })
      await cancel(on('2026-12-01'), 'younger', { now: true })
      await bill('2026-12-01')
      const notes = await rows<{ line: string }>(
        ctx.db,
        sql`select concat_ws(' ', t.subdomain, c.taxed, c.tax_minor > 0, c.total_minor = c.taxable_minor + c.tax_minor) as line
          from public.credit_notes c join public.tenants t on t.id = c.tenant_id order by c.number`,
      )
      expect(notes.map(({ line }) => line)).to.deep.equal(['before t t t', 'behind f f t', 'younger t t t'])
    },
  )
})

describe('billing: foreign money of an Indian supplier', () => {
  gst(
    'keeps the rate of its day or before with date and source, and is parked without one',
    async (ctx, { on, bill }) => {
      await customer(ctx, 'acme', {}, { country: 'US', timeZone: 'UTC', currency: 'USD' })
      await customer(ctx, 'home', { state: 'MH' })
      const first = await bill('2026-04-05')
      expect(first.run).to.deep.include({ status: 'partial', invoices: 1, parked: 1 })
      expect(await parkedOf(ctx, 'acme')).to.equal('fx.rate_missing')
      await setExchangeRate(on('2026-04-06'), { currency: 'USD', rate: '83.24512', source: 'RBI' }, false)
      await setExchangeRate(on('2026-04-06'), { currency: 'USD', rate: '90', date: '2026-04-09' }, false)
      await releaseAll(ctx)
      await bill('2026-04-08')
      // 248.00 dollars under the letter x 83.24512 = 20,644.78976 rupees
      expect(
        await rows(
          ctx.db,
          sql`select exchange, currency, total_minor from public.invoices where currency = 'USD'`,
        ),
      ).to.deep.equal([
        {
          exchange: {
            rate: '83.24512',
            date: '2026-04-06',
            source: 'RBI',
            currency: 'INR',
            total_minor: 2064479,
          },
          currency: 'USD',
          total_minor: 24800n,
        },
      ])
      const inRupees = await rows(ctx.db, sql`select exchange from public.invoices where currency = 'INR'`)
      expect(inRupees).to.deep.equal([{ exchange: null }])
    },
    { lut },
  )
})
