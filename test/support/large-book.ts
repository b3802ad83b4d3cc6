/** A sound book of any size, generated in SQL: one invoice of three lines a tenant, as a run of 1 April 2026 would have written it. */
import { setSupplier } from '../../src/billing/set-supplier.js'
import { withoutPayment } from '../../src/billing/tax/india.js'
import { execute, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { indianSupplier } from './billing.js'
import { lutOf2526 } from './sound-book.js'
import type { Context } from '../../src/kernel/context.js'

const lut = { number: 'AD270326000001B', firstDay: '2026-04-01', lastDay: '2027-03-31' }

/** Of ten customers four are in the supplier's state, four in another, one in a SEZ and one abroad. */
const customers = sql`(values
  (0, 'IN', '27', null::text, 'unregistered', 'intra_state', '27'), (1, 'IN', '27', '27AAPFU0939F1ZV', 'regular', 'intra_state', '27'),
  (2, 'IN', '27', '27AAPFU0939F1ZV', 'regular', 'intra_state', '27'), (3, 'IN', '27', null, 'unregistered', 'intra_state', '27'),
  (4, 'IN', '07', '07AAPFU0939F1ZX', 'regular', 'inter_state', '07'), (5, 'IN', '07', '07AAPFU0939F1ZX', 'regular', 'inter_state', '07'),
  (6, 'IN', '07', null, 'unregistered', 'inter_state', '07'), (7, 'IN', '29', null, 'unregistered', 'inter_state', '29'),
  (8, 'IN', '29', '29AAPFU0939F1ZR', 'sez', 'sez', '29'), (9, 'US', null, null, null, 'export', '96'))
  as k (rest, country, state, gstin, treatment, supply, place)`

/** Not a sound book of less than ten invoices, since each kind of customer is one in ten. */
export async function largeBook(ctx: Context, invoices: number): Promise<void> {
  const noon: Context = { ...ctx, clock: { now: () => new Date('2026-04-01T12:00:00Z') } }
  await setSupplier(noon, { ...indianSupplier, lut: lutOf2526 }, false)
  await setSupplier(noon, { ...indianSupplier, lut }, false)
  await transaction(noon, async ({ db }) => {
    await rows(db, sql`set local session_replication_role = replica`)
    await rows(db, sql`set local statement_timeout = 0`)
    await execute(
      db,
      sql`insert into public.tenants (subdomain, status, name, legal_name, country_code, gst_state_code, gstin, gst_treatment, billing_email, time_zone, currency, language)
          select 'large-' || n, 'active', 'Large ' || n, 'Large ' || n || ' Ltd', k.country, k.state, k.gstin, k.treatment, 'b@large.test', 'Asia/Kolkata',
                 case k.country when 'IN' then 'INR' else 'USD' end, 'en'
          from generate_series(1, ${invoices}::int) n join ${customers} on k.rest = n % 10`,
    )
    await execute(
      db,
      sql`insert into public.subscriptions (tenant_id, status, tier_code, currency, cycle, started_on, anchor_date, next_billing_on)
          select id, 'active', 'STARTER', currency, 'monthly', '2026-04-01', '2026-04-01', '2026-05-01' from public.tenants where subdomain like 'large-%'`,
    )
    await execute(
      db,
      sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
          select s.id, p.product_kind, p.product_code, p.id, '[2026-04-01,)'
          from public.subscriptions s join public.tenants t on t.id = s.tenant_id and t.subdomain like 'large-%'
          join public.prices p on p.currency = s.currency and p.cycle = 'monthly' and p.product_code in ('STARTER', 'crm', 'hr', 'system_admin')`,
    )
    const [run] = await rows<{ id: string }>(
      db,
      sql`insert into public.billing_runs (status, issue_date, operator, tenants, invoiced, invoices, finished_at)
          values ('succeeded', '2026-04-01', 'bench', ${invoices}, ${invoices}, ${invoices}, now()) returning id`,
    )
    // 49.00 + 199.00 + 299.00 dollars; 3,999.00 + 15,999.00 + 23,999.00 rupees.
    await execute(
      db,
      sql`insert into public.invoices (tenant_id, subscription_id, kind, status, number, period, issue_date, due_date, currency, supplier, recipient, tax_regime, supply,
              place_of_supply, endorsement, lut, exchange, taxable_minor, tax_minor, total_minor, language, run_id, finalized_at)
          select t.id, s.id, 'cycle', 'open', 'ERP/26-27/' || case when t.place < 100000 then lpad(t.place::text, 5, '0') else t.place::text end, '[2026-04-01,2026-05-01)', '2026-04-01', '2026-04-08', s.currency,
                 '{"name": "Acme", "legal_name": "Acme Private Limited", "address": ["1 MG Road", "Mumbai"], "country": "IN", "state": {"code": "MH", "gst_code": "27", "name": "Maharashtra"}, "gstin": "27AAPFU0939F1ZV", "vat_id": null, "email": null}',
                 jsonb_build_object('name', t.name, 'legal_name', t.legal_name, 'address', '["2 High Street"]'::jsonb, 'country', t.country_code, 'gstin', t.gstin, 'vat_id', null, 'email', t.billing_email,
                   'state', case when k.state is not null then jsonb_build_object('code', 'XX', 'gst_code', k.state, 'name', 'State') end, 'gst_treatment', t.gst_treatment),
                 'in_gst', k.supply, jsonb_build_object('code', k.place, 'name', 'Place'), case when k.supply in ('sez', 'export') then ${withoutPayment}::text end,
                 case when k.supply in ('sez', 'export') then ${lut.number}::text end,
                 case when k.country <> 'IN' then '{"rate": "83.245", "date": "2026-04-01", "source": "manual", "currency": "INR", "total_minor": 4553502}'::jsonb end,
                 a.net, a.tax, a.net + a.tax, 'en', ${run?.id}::uuid, now()
          from (select *, split_part(subdomain, '-', 2)::int as place from public.tenants where subdomain like 'large-%') t
          join public.subscriptions s on s.tenant_id = t.id
          join ${customers} on k.rest = t.place % 10
          cross join lateral (select case k.country when 'IN' then 4399700 else 54700 end as net, case when k.supply in ('sez', 'export') then 0 else 791946 end as tax) a`,
    )
    await execute(
      db,
      sql`insert into public.invoice_lines (invoice_id, position, item_id, description, sac, period, full_period, unit_price_minor, taxable_minor, tax_minor, taxes)
          select i.id, row_number() over (partition by i.id order by p.amount_minor), h.id, h.product_code, '997331', i.period, i.period, p.amount_minor, p.amount_minor, x.tax, x.taxes
          from public.invoices i
          join public.subscription_items h on h.subscription_id = i.subscription_id
          join public.prices p on p.id = h.price_id and p.amount_minor > 0
          cross join lateral (select case i.supply
            when 'intra_state' then jsonb_build_array(jsonb_build_object('head', 'CGST', 'rate', '9', 'amount_minor', p.amount_minor * 9 / 100), jsonb_build_object('head', 'SGST', 'rate', '9', 'amount_minor', p.amount_minor * 9 / 100))
            when 'inter_state' then jsonb_build_array(jsonb_build_object('head', 'IGST', 'rate', '18', 'amount_minor', p.amount_minor * 18 / 100))
            else '[{"head": "IGST", "rate": "0", "amount_minor": 0}]' end as taxes,
            case when i.supply in ('intra_state', 'inter_state') then p.amount_minor * 18 / 100 else 0 end as tax) x
          where i.run_id = ${run?.id}::uuid`,
    )
    await execute(
      db,
      sql`insert into public.number_series values ('invoice', 'ERP', '26-27', ${invoices}, '2026-04-01', ${invoices})`,
    )
    await execute(
      db,
      sql`update public.billing_runs set sums = (
            select jsonb_object_agg(currency, jsonb_build_object('invoiced_minor', sum, 'credited_minor', 0))
            from (select currency, sum(total_minor)::bigint as sum from public.invoices where run_id = ${run?.id}::uuid group by currency) c)
          where id = ${run?.id}::uuid`,
    )
  })
  await rows(
    ctx.db,
    sql`analyze public.invoices, public.invoice_lines, public.subscriptions, public.subscription_items, public.tenants`,
  )
}
