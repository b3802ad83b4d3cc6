/** A book with something of everything in it, written by the program as far as it writes it, in a transaction that is taken back. */
import { setExchangeRate } from '../../src/billing/exchange.js'
import { execute, sql } from '../../src/database/sql.js'
import { asOperator } from '../../src/tenants/move.js'
import { subscribeModules } from '../../src/workflows/subscribe-modules.js'
import { unsubscribeModules } from '../../src/workflows/unsubscribe-modules.js'
import { billing, indianSupplier } from './billing.js'
import { subscribedTenant } from './tenants.js'
import type { Context } from '../../src/kernel/context.js'

export const lutOf2526 = { number: 'AD270325000001A', firstDay: '2025-04-01', lastDay: '2026-03-31' }

const began = '2026-02-10'

/**
 * Four customers from 10 February 2026 on, each with the platform fee and the CRM: `local` in the supplier's state,
 * `delhi` in another with a GSTIN, `zone` in a SEZ, `abroad` in dollars. Two invoices a customer in 2025-26, one in
 * 2026-27, which the letter of undertaking does not reach.
 *
 * - 5 March: `local` and `delhi` give the CRM up; delhi's February was paid, so its credit goes to the balance.
 * - 6 March: `zone` takes HR, a change invoice. 10 March: abroad's invoice is voided, 11 March billed again.
 * - `local` pays 90 % of what is left of March and withholds 10 %; `zone` pays 100.00 too much. February is closed.
 */
export function soundBook(work: (ctx: Context) => Promise<void>): Promise<void> {
  return billing(
    began,
    async (ctx, { on, bill }) => {
      await setExchangeRate(ctx, { currency: 'USD', rate: '83.245', date: began }, false)
      await customers(ctx)
      await bill('2026-02-10')
      await pay(ctx, 'delhi', '2026-02-10', 0n)
      for (const tenant of ['local', 'delhi']) {
        await unsubscribeModules(on('2026-03-05'), {
          ...{ tenant, modules: ['crm'], now: true, reason: 'not needed', dryRun: false },
        })
      }
      await bill('2026-03-05')
      await subscribeModules(on('2026-03-06'), {
        ...{ tenant: 'zone', modules: ['hr'], withRequired: false, dryRun: false },
      })
      await bill('2026-03-06')
      await bill('2026-03-10')
      await asOperator(on('2026-03-10'))
      await execute(
        ctx.db,
        sql`update public.invoices i set status = 'void', void_reason = 'wrong address' from public.tenants t
            where t.id = i.tenant_id and t.subdomain = 'abroad' and i.issue_date = '2026-03-10'`,
      )
      await bill('2026-03-11')
      await bill('2026-04-10')
      await withhold(ctx)
      await pay(ctx, 'zone', '2026-02-10', 10_000n)
      await execute(
        ctx.db,
        sql`insert into public.closed_months (month, operator) values ('2026-02-01', 'tester')`,
      )
      await work(on('2026-04-11'))
    },
    { ...indianSupplier, lut: lutOf2526 },
  )
}

async function customers(ctx: Context): Promise<void> {
  const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
  const common = { startedOn: began, modules: ['crm'] }
  for (const name of ['local', 'delhi', 'zone']) await subscribedTenant(ctx, name, { ...indian, ...common })
  await subscribedTenant(ctx, 'abroad', common)
  await execute(
    ctx.db,
    sql`update public.tenants t set gstin = v.gstin, gst_state_code = v.state, state_code = v.iso, gst_treatment = v.treatment
        from (values ('local', null, '27', 'MH', 'unregistered'), ('delhi', '07AAPFU0939F1ZX', '07', 'DL', 'regular'),
                     ('zone', '29AAPFU0939F1ZR', '29', 'KA', 'sez')) v (name, gstin, state, iso, treatment)
        where t.subdomain = v.name`,
  )
}

/** The whole of what is open of an invoice, and `extra` that goes to the credit balance. */
async function pay(ctx: Context, tenant: string, issued: string, extra: bigint): Promise<void> {
  await execute(
    ctx.db,
    sql`with payment as (
          insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on, reference)
          select i.tenant_id, i.id, 'succeeded', 'manual', ${`${tenant} ${issued}`}, 'bank_transfer', i.currency, i.total_minor + ${extra}::bigint, i.total_minor, ${issued}::date + 20, 'UTR1'
          from public.invoices i join public.tenants t on t.id = i.tenant_id
          where t.subdomain = ${tenant} and i.issue_date = ${issued}::date and i.kind = 'cycle' returning *
        )
        insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
        select tenant_id, currency, amount_minor - applied_minor, 'overpayment', id from payment where amount_minor > applied_minor`,
  )
  await addUp(ctx)
}

/** Of local's March invoice 900.00 comes in and 100.00 is withheld; the rest stays open. */
async function withhold(ctx: Context): Promise<void> {
  await execute(
    ctx.db,
    sql`with payment as (
          insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on)
          select i.tenant_id, i.id, 'succeeded', 'manual', 'local 2026-03', 'bank_transfer', i.currency, 90000, 90000, '2026-03-20'
          from public.invoices i join public.tenants t on t.id = i.tenant_id
          where t.subdomain = 'local' and i.issue_date = '2026-03-10' returning *
        )
        insert into public.settlement_lines (invoice_id, payment_id, settled_on, kind, amount_minor, section, operator)
        select invoice_id, id, received_on, 'tds', 10000, '194J', 'tester' from payment`,
  )
  await addUp(ctx)
}

/** The columns of invoices from their rows; nothing to do where triggers have done it. */
async function addUp(ctx: Context): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.invoices i set paid_minor = s.paid, settled_minor = s.settled,
          status = case when i.credit_applied_minor + i.credited_minor + s.paid + s.settled = i.total_minor then 'paid' else i.status end
        from (select i.id, coalesce((select sum(applied_minor) from public.payments p where p.invoice_id = i.id), 0) as paid,
                     coalesce((select sum(amount_minor) from public.settlement_lines l where l.invoice_id = i.id), 0) as settled
              from public.invoices i) s
        where s.id = i.id and (s.paid, s.settled) <> (i.paid_minor, i.settled_minor)`,
  )
}
