/** VAT on the documents of a run, of suppliers in the European Union and elsewhere (rule 21). */
import { expect } from 'chai'
import { rows, sql } from '../../src/database/sql.js'
import { setTaxRate } from '../../src/billing/tax/set-rate.js'
import { billing, europeanSupplier, type Biller } from '../support/billing.js'
import { documentsOf, parkedOf, price, priced, releaseAll } from '../support/billing-steps.js'
import { subscribedTenant } from '../support/tenants.js'
import type { SupplierInput } from '../../src/billing/set-supplier.js'
import type { Context } from '../../src/kernel/context.js'

const american = { legalName: 'Acme Inc', addressLine1: '1 Main Street', city: 'Boston', country: 'US' }

async function customer(ctx: Context, name: string, country: string, vatId?: string): Promise<void> {
  const choice = { country, currency: 'EUR', modules: ['crm'], startedOn: '2026-04-05' }
  await subscribedTenant(ctx, name, { ...choice, profile: vatId === undefined ? {} : { vatId } })
}

function vat(
  name: string,
  test: (ctx: Context, biller: Biller) => Promise<void>,
  supplier: SupplierInput,
): void {
  it(name, () =>
    billing(
      '2026-04-01',
      async (ctx, biller) => {
        await priced(ctx, 'EUR', { STARTER: 0, system_admin: 0, crm: 10050 })
        await test(ctx, biller)
      },
      supplier,
    ),
  )
}

describe('billing: VAT', () => {
  vat(
    'of a German supplier: at home, in another member state with and without an id, outside',
    async (ctx, { bill }) => {
      await customer(ctx, 'berlin', 'DE')
      await customer(ctx, 'munich', 'DE', 'DE136695976')
      await customer(ctx, 'vienna', 'AT')
      await customer(ctx, 'wien', 'AT', 'ATU13585627')
      await customer(ctx, 'zurich', 'CH')
      await bill('2026-04-05')
      const found = await rows<{ line: string }>(
        ctx.db,
        sql`select concat_ws(' ', t.subdomain, i.supply, i.reverse_charge, i.tax_minor, i.total_minor, l.taxes -> 0 ->> 'rate', l.sac,
                             i.endorsement is not null) as line
            from public.invoices i join public.tenants t on t.id = i.tenant_id join public.invoice_lines l on l.invoice_id = i.id order by 1`,
      )
      // 100.50 x 19 % = 19.095, x 20 % = 20.10
      expect(found.map(({ line }) => line)).to.deep.equal([
        'berlin domestic f 1910 11960 19 f',
        'munich domestic f 1910 11960 19 f',
        'vienna customer_country f 2010 12060 20 f',
        'wien reverse_charge t 0 10050 t',
        'zurich out_of_scope f 0 10050 t',
      ])
    },
    europeanSupplier,
  )

  vat(
    'of an American supplier is what is on file, and without a rate the account is put aside',
    async (ctx, { on, bill }) => {
      await customer(ctx, 'boston', 'US')
      await customer(ctx, 'paris', 'FR')
      const first = await bill('2026-04-05')
      expect(first.run).to.deep.include({ status: 'partial', invoices: 0, parked: 2 })
      expect(await parkedOf(ctx, 'boston')).to.equal('tax.rule_missing')
      expect(await parkedOf(ctx, 'paris')).to.equal('tax.rule_missing')
      // The rate at home says nothing of customers abroad.
      await setTaxRate(on('2026-04-05'), { country: 'US', rate: '6.25' }, false)
      await releaseAll(ctx)
      expect((await bill('2026-04-06')).run).to.deep.include({ invoices: 1, parked: 1 })
      await setTaxRate(on('2026-04-06'), { country: 'US', code: 'export', rate: '0' }, false)
      await releaseAll(ctx)
      await bill('2026-04-07')
      // 100.50 x 6.25 % = 6.28125
      expect(await documentsOf(ctx)).to.deep.equal([
        'ERP/26/00001 of 2026-04-06 2026-04-05 2026-05-05 10678',
        'ERP/26/00002 of 2026-04-07 2026-04-05 2026-05-05 10050',
      ])
    },
    american,
  )

  vat(
    'is that of the day of issue, not of the period',
    async (ctx, { on, bill }) => {
      await customer(ctx, 'berlin', 'DE')
      await setTaxRate(on('2026-04-20'), { country: 'DE', rate: '16', from: '2026-05-10' }, false)
      await price(on('2026-04-20'), 'crm', 200_00n, '2026-05-01', { currency: 'EUR' })
      await bill('2026-05-10')
      // Both periods are issued on 10 May: 100.50 x 16 % = 16.08, 200.00 x 16 % = 32.00
      expect(await documentsOf(ctx)).to.deep.equal([
        'ERP/26/00001 of 2026-05-10 2026-04-05 2026-05-05 11658',
        'ERP/26/00002 of 2026-05-10 2026-05-05 2026-06-05 23200',
      ])
    },
    europeanSupplier,
  )
})
