/** The tables of a book: invoices with their lines, credit notes, what came in, what settled, and tax by rate and place. */
import { sql, verbatim, type Sql } from '../../database/sql.js'
import { inRupees, totalInRupees } from '../rupees.js'
import { toBalance } from '../book/read-payment.js'
import { givenBack } from '../book/given-back.js'
import type { BookPeriod } from './period.js'
import type { BookTable, ColumnKind } from './table.js'

const heads = { cgst: 'money', sgst: 'money', utgst: 'money', igst: 'money', vat: 'money' } as const
const sides: Record<string, ColumnKind> = {
  ...{ tenant: 'text', recipient_name: 'text', recipient_country: 'text', recipient_gstin: 'text' },
  ...{ recipient_vat_id: 'text', place_of_supply_code: 'text', place_of_supply: 'text', supply: 'text' },
}
const rupees = { taxable_inr: 'rupees', tax_inr: 'rupees', total_inr: 'rupees' } as const

const recipient =
  verbatim(`t.subdomain as tenant, i.recipient ->> 'legal_name' as recipient_name, i.recipient ->> 'country' as recipient_country,
  i.recipient ->> 'gstin' as recipient_gstin, i.recipient ->> 'vat_id' as recipient_vat_id, i.place_of_supply ->> 'code' as place_of_supply_code,
  i.place_of_supply ->> 'name' as place_of_supply, i.supply`)

/** Per document: tax by head, and its lines in rupees. */
function lineSums(table: 'invoice_lines' | 'credit_note_lines', document: 'i' | 'c'): Sql {
  const key = verbatim(document === 'i' ? 'l.invoice_id = i.id' : 'l.credit_note_id = c.id')
  const of = (head: string): Sql =>
    sql`coalesce(sum(h.amount_minor) filter (where h.head = ${head}), 0)::bigint`
  return sql`(
    select ${of('CGST')} as cgst, ${of('SGST')} as sgst, ${of('UTGST')} as utgst, ${of('IGST')} as igst, ${of('VAT')} as vat,
           sum(${inRupees(sql`h.amount_minor`, sql`i`)})::bigint as tax_inr
    from public.${verbatim(table)} l cross join lateral jsonb_to_recordset(l.taxes) as h (head text, amount_minor bigint) where ${key}
  ) x cross join lateral (
    select sum(${inRupees(sql`l.taxable_minor`, sql`i`)})::bigint as taxable_inr from public.${verbatim(table)} l where ${key}
  ) y`
}

const headColumns = verbatim(`x.cgst, x.sgst, x.utgst, x.igst, x.vat, y.taxable_inr,
  case when y.taxable_inr is not null then coalesce(x.tax_inr, 0) end as tax_inr`)

/** The day of issue in order, then the number as people count: 00010 after 00009, 100000 after 99999. */
const inOrder = (number: string): Sql =>
  verbatim(`issue_date, regexp_replace(${number}, '[0-9]+$', ''), length(${number}), ${number}`)

const between = (day: Sql, { from, to }: BookPeriod): Sql => sql`${day} between ${from}::date and ${to}::date`

export function bookTables(period: BookPeriod): BookTable[] {
  return [
    {
      name: 'invoices',
      columns: {
        ...{
          number: 'text',
          issue_date: 'text',
          due_date: 'text',
          status: 'text',
          void_reason: 'text',
          kind: 'text',
        },
        ...{
          ...sides,
          reverse_charge: 'text',
          lut: 'text',
          currency: 'text',
          taxable: 'money',
          ...heads,
          tax: 'money',
          total: 'money',
        },
        ...{ credit_applied: 'money', paid: 'money', settled: 'money', credited: 'money', open: 'money' },
        ...{ exchange_rate: 'text', exchange_date: 'text', exchange_source: 'text', ...rupees },
      },
      query: sql`
        select i.number, i.issue_date, i.due_date, i.status, i.void_reason, i.kind, ${recipient}, i.reverse_charge, i.lut, i.currency,
               i.taxable_minor as taxable, i.tax_minor as tax, i.total_minor as total, i.credit_applied_minor as credit_applied, i.paid_minor as paid,
               i.settled_minor as settled, i.credited_minor as credited,
               case when i.status = 'void' then 0 else i.total_minor - i.credit_applied_minor - i.paid_minor - i.settled_minor - i.credited_minor end as open,
               i.exchange ->> 'rate' as exchange_rate, i.exchange ->> 'date' as exchange_date, i.exchange ->> 'source' as exchange_source,
               ${headColumns}, ${totalInRupees(sql`i`)} as total_inr
        from public.invoices i join public.tenants t on t.id = i.tenant_id cross join lateral ${lineSums('invoice_lines', 'i')}
        where i.number is not null and ${between(sql`i.issue_date`, period)} order by i.${inOrder('i.number')}`,
    },
    {
      name: 'lines',
      columns: {
        ...{
          invoice: 'text',
          position: 'number',
          status: 'text',
          tenant: 'text',
          description: 'text',
          sac: 'text',
          from: 'text',
          last_day: 'text',
        },
        ...{
          currency: 'text',
          unit_price: 'money',
          taxable: 'money',
          tax_rate: 'text',
          tax: 'money',
          credited: 'money',
        },
      },
      query: sql`
        select i.number as invoice, l.position, i.status, t.subdomain as tenant, l.description, l.sac, lower(l.period) as from, upper(l.period) - 1 as last_day,
               i.currency, l.unit_price_minor as unit_price, l.taxable_minor as taxable,
               (select trim_scale(sum((h ->> 'rate')::numeric))::text from jsonb_array_elements(l.taxes) h) as tax_rate, l.tax_minor as tax, l.credited_minor as credited
        from public.invoices i join public.tenants t on t.id = i.tenant_id join public.invoice_lines l on l.invoice_id = i.id
        where i.number is not null and ${between(sql`i.issue_date`, period)} order by i.${inOrder('i.number')}, l.position`,
    },
    {
      name: 'credit-notes',
      columns: {
        ...{
          number: 'text',
          issue_date: 'text',
          invoice: 'text',
          invoice_date: 'text',
          ...sides,
          reason: 'text',
          with_tax: 'text',
        },
        ...{
          currency: 'text',
          taxable: 'money',
          ...heads,
          tax: 'money',
          total: 'money',
          applied: 'money',
          to_balance: 'money',
          ...rupees,
        },
      },
      query: sql`
        select c.number, c.issue_date, i.number as invoice, i.issue_date as invoice_date, ${recipient}, c.reason, c.taxed as with_tax, c.currency,
               c.taxable_minor as taxable, c.tax_minor as tax, c.total_minor as total, c.applied_minor as applied, c.total_minor - c.applied_minor as to_balance,
               ${headColumns}, ${inRupees(sql`c.total_minor`, sql`i`)} as total_inr
        from public.credit_notes c join public.invoices i on i.id = c.invoice_id join public.tenants t on t.id = c.tenant_id
        cross join lateral ${lineSums('credit_note_lines', 'c')}
        where ${between(sql`c.issue_date`, period)} order by c.${inOrder('c.number')}`,
    },
    {
      name: 'payments',
      columns: {
        ...{
          received_on: 'text',
          tenant: 'text',
          invoice: 'text',
          provider: 'text',
          payment: 'text',
          method: 'text',
          reference: 'text',
        },
        ...{
          currency: 'text',
          amount: 'money',
          applied: 'money',
          to_balance: 'money',
          refunded: 'money',
          operator: 'text',
        },
      },
      query: sql`
        select p.received_on, t.subdomain as tenant, i.number as invoice, p.provider, p.provider_payment_id as payment, p.method, p.reference, p.currency,
               p.amount_minor as amount, p.applied_minor as applied, ${toBalance} as to_balance, p.refunded_minor as refunded, p.operator
        from public.payments p join public.tenants t on t.id = p.tenant_id left join public.invoices i on i.id = p.invoice_id
        where p.status = 'succeeded' and ${between(sql`p.received_on`, period)} order by p.received_on, p.provider, p.provider_payment_id`,
    },
    {
      name: 'settlements',
      columns: {
        ...{
          settled_on: 'text',
          tenant: 'text',
          invoice: 'text',
          kind: 'text',
          section: 'text',
          certificate: 'text',
          note: 'text',
        },
        ...{ payment: 'text', currency: 'text', amount: 'money', operator: 'text' },
      },
      query: sql`
        select l.settled_on, t.subdomain as tenant, i.number as invoice, l.kind, l.section, l.certificate, l.note,
               p.provider_payment_id as payment, i.currency, l.amount_minor as amount, l.operator
        from public.settlement_lines l join public.invoices i on i.id = l.invoice_id join public.tenants t on t.id = i.tenant_id
        left join public.payments p on p.id = l.payment_id
        where ${between(sql`l.settled_on`, period)} order by 1, i.number, l.kind, l.amount_minor, l.id`,
    },
    {
      name: 'refunds',
      columns: {
        ...{
          refunded_on: 'text',
          tenant: 'text',
          invoice: 'text',
          credit_note: 'text',
          kind: 'text',
          provider: 'text',
        },
        ...{
          payment: 'text',
          received_on: 'text',
          refund: 'text',
          status: 'text',
          reason: 'text',
          currency: 'text',
        },
        ...{ amount: 'money', reopened: 'money', operator: 'text' },
      },
      query: sql`
        select b.day as refunded_on, t.subdomain as tenant, i.number as invoice, n.number as credit_note, b.kind, b.provider, p.provider_payment_id as payment,
               p.received_on, b.provider_id as refund, b.status, b.reason, b.currency, b.amount_minor as amount, b.reopened_minor as reopened, b.operator
        from ${givenBack} b join public.payments p on p.id = b.payment_id join public.tenants t on t.id = b.tenant_id
        left join public.invoices i on i.id = p.invoice_id left join public.credit_notes n on n.id = b.credit_note_id
        where ${between(sql`b.day`, period)} order by b.day, b.created_at, b.id`,
    },
    taxTable(period),
  ]
}

/** Void invoices are not in it, nor credit notes that give back no tax. */
function taxTable(period: BookPeriod): BookTable {
  const taxed = sql`
    select i.currency, i.exchange, i.supply, i.place_of_supply, l.taxable_minor, l.taxes, 1 as sign
    from public.invoices i join public.invoice_lines l on l.invoice_id = i.id
    where i.number is not null and i.status <> 'void' and ${between(sql`i.issue_date`, period)}
    union all
    select i.currency, i.exchange, i.supply, i.place_of_supply, l.taxable_minor, l.taxes, -1
    from public.credit_notes c join public.invoices i on i.id = c.invoice_id join public.credit_note_lines l on l.credit_note_id = c.id
    where c.taxed and ${between(sql`c.issue_date`, period)}`
  return {
    name: 'tax',
    columns: {
      ...{
        supply: 'text',
        place_of_supply_code: 'text',
        place_of_supply: 'text',
        head: 'text',
        rate: 'text',
        currency: 'text',
      },
      ...{
        taxable: 'money',
        tax: 'money',
        credited_taxable: 'money',
        credited_tax: 'money',
        net_taxable: 'money',
        net_tax: 'money',
      },
      ...{ net_taxable_inr: 'rupees', net_tax_inr: 'rupees' },
    },
    query: sql`
      select d.supply, d.place_of_supply ->> 'code' as place_of_supply_code, max(d.place_of_supply ->> 'name') as place_of_supply,
             coalesce(h.head, 'none') as head, trim_scale(coalesce(h.rate, 0))::text as rate, d.currency,
             coalesce(sum(d.taxable_minor) filter (where d.sign > 0), 0)::bigint as taxable, coalesce(sum(h.amount_minor) filter (where d.sign > 0), 0)::bigint as tax,
             coalesce(sum(d.taxable_minor) filter (where d.sign < 0), 0)::bigint as credited_taxable,
             coalesce(sum(h.amount_minor) filter (where d.sign < 0), 0)::bigint as credited_tax,
             sum(d.sign * d.taxable_minor)::bigint as net_taxable, coalesce(sum(d.sign * h.amount_minor), 0)::bigint as net_tax,
             sum(d.sign * ${inRupees(sql`d.taxable_minor`, sql`d`)})::bigint as net_taxable_inr,
             sum(d.sign * ${inRupees(sql`coalesce(h.amount_minor, 0)`, sql`d`)})::bigint as net_tax_inr
      from (${taxed}) d left join lateral jsonb_to_recordset(d.taxes) as h (head text, rate numeric, amount_minor bigint) on true
      group by d.supply, d.place_of_supply ->> 'code', coalesce(h.head, 'none'), coalesce(h.rate, 0), d.currency
      order by d.supply, 2 nulls first, 4, coalesce(h.rate, 0), d.currency`,
  }
}
