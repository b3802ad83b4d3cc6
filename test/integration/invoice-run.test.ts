/** The invoice run on real rows: who is billed for what, and what becomes of changes, credits and suspensions. */
import { expect } from 'chai'
import { billing } from '../support/billing.js'
import { subscribedTenant } from '../support/tenants.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }

describe('the invoice run', () => {
  it('bills a period once, with tax, and nothing the second time', () =>
    billing('2026-04-05', async (ctx, { bill }) => {
      await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-04-05', modules: ['crm'] })
      const first = await bill('2026-04-05')
      expect(first.run).to.deep.include({
        status: 'succeeded',
        invoices: 1,
        invoiced: 1,
        issue_date: '2026-04-05',
      })
      const again = await bill('2026-04-05')
      expect(again.run).to.deep.include({ status: 'succeeded', invoices: 0, nothing_due: 1 })
    }))
})
