/** What was given back: within what was charged, by the line, by the day and by the invoice; the credit balance and where it came from (rules 5, 8 and 18). */
import { sql } from '../../database/sql.js'
import { amount, within, type Check } from './check.js'

const line = sql`i.number || ' line ' || l.position`

export const creditChecks: Check[] = [
  {
    code: 'credit.line',
    rule: 18,
    severity: 'error',
    what: 'What is credited of a line is the sum of its credits, and no more than it charged',
    find: (scope) => sql`
      select ${line} as document, i.tenant_id, ${amount(sql`least(c.sum, l.taxable_minor)`, sql`i.currency`)} as expected,
             ${amount(sql`l.credited_minor`, sql`i.currency`)} || ', credited ' || ${amount(sql`c.sum`, sql`i.currency`)} as found
      from public.invoice_lines l
      join public.invoices i on i.id = l.invoice_id
      left join (select invoice_line_id, sum(taxable_minor) as sum from public.credit_note_lines group by invoice_line_id) c on c.invoice_line_id = l.id
      where (l.credited_minor <> coalesce(c.sum, 0) or c.sum > l.taxable_minor) and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'credit.days',
    rule: 5,
    severity: 'error',
    what: 'The days credited of a line are days it charged, and each is credited once',
    find: (scope) => sql`
      select d.number as document, d.tenant_id, 'days of ' || l.period || coalesce(' from ' || c.before, '') as expected, c.period::text as found
      from (select *, max(upper(period)) over (partition by invoice_line_id order by lower(period), id rows between unbounded preceding and 1 preceding) as before
            from public.credit_note_lines where period is not null) c
      join public.credit_notes d on d.id = c.credit_note_id
      join public.invoice_lines l on l.id = c.invoice_line_id
      where (c.before > lower(c.period) or not l.period @> c.period) and ${within(sql`d.issue_date`, scope)}`,
  },
  {
    code: 'credit.invoice',
    rule: 18,
    severity: 'error',
    what: 'The credit notes against an invoice come to no more than its total, and a void one has none',
    find: (scope) => sql`
      select i.number as document, i.tenant_id,
             case when i.status = 'void' then 'no credit note' else 'at most ' || ${amount(sql`i.total_minor`, sql`i.currency`)} end as expected,
             ${amount(sql`c.sum`, sql`i.currency`)} as found
      from (select invoice_id, sum(total_minor) as sum from public.credit_notes group by invoice_id) c
      join public.invoices i on i.id = c.invoice_id
      where (c.sum > i.total_minor or i.status = 'void') and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'credit.original',
    rule: 8,
    severity: 'error',
    what: 'A credit note is not older than its invoice, and its lines credit lines of that invoice',
    find: (scope) => sql`
      select d.number as document, d.tenant_id, 'lines of ' || i.number || ' of ' || i.issue_date as expected,
             case when d.issue_date < i.issue_date then 'of ' || d.issue_date else 'a line of ' || coalesce(o.number, 'another') end as found
      from public.credit_notes d
      join public.invoices i on i.id = d.invoice_id
      left join public.credit_note_lines c on c.credit_note_id = d.id
      left join public.invoice_lines l on l.id = c.invoice_line_id
      left join public.invoices o on o.id = l.invoice_id
      where (d.issue_date < i.issue_date or l.invoice_id <> d.invoice_id) and ${within(sql`d.issue_date`, scope)}`,
  },
  {
    code: 'credit.late',
    rule: 18,
    severity: 'error',
    what: "A credit note with GST is issued by 30 November after the invoice's financial year",
    find: (scope) => sql`
      select d.number as document, d.tenant_id, 'by ' || w.last as expected, d.issue_date::text as found
      from public.credit_notes d
      join public.invoices i on i.id = d.invoice_id
      cross join lateral (select make_date(extract(year from i.issue_date + interval '9 months')::int, 11, 30) as last) w
      where d.taxed and i.tax_regime = 'in_gst' and d.issue_date > w.last and ${within(sql`d.issue_date`, scope)}`,
  },
  {
    code: 'ledger.balance',
    rule: 8,
    severity: 'error',
    what: 'A credit balance is the sum of its movements',
    find: () => sql`
      select 'credit balance in ' || coalesce(b.currency, l.currency) as document, coalesce(b.tenant_id, l.tenant_id) as tenant_id,
             ${amount(sql`l.sum`, sql`coalesce(b.currency, l.currency)`)} as expected, ${amount(sql`b.balance_minor`, sql`coalesce(b.currency, l.currency)`)} as found
      from public.credit_balances b
      full join (select tenant_id, currency, sum(amount_minor) as sum from public.credit_ledger group by tenant_id, currency) l
        on l.tenant_id = b.tenant_id and l.currency = b.currency
      where coalesce(b.balance_minor, 0) <> coalesce(l.sum, 0) or b.balance_minor < 0`,
  },
  {
    code: 'ledger.source',
    rule: 8,
    severity: 'error',
    what: 'Each movement of a credit balance has its source, with its tenant, its currency and its amount',
    // What invoices took and payments brought is compared from the other side: money.credit_applied, payment.split.
    find: () => sql`
      select 'movement ' || l.id || ' ' || l.kind as document, l.tenant_id,
             coalesce(s.document || ' ' || ${amount(sql`s.amount`, sql`s.currency`)}, 'a source') as expected, ${amount(sql`l.amount_minor`, sql`l.currency`)} as found
      from public.credit_ledger l
      left join lateral (
        select number as document, tenant_id, currency, total_minor - applied_minor as amount from public.credit_notes where l.kind = 'credit_note' and id = l.credit_note_id
        union all
        select number, tenant_id, currency, case when credit_applied_minor > 0 then l.amount_minor else 0 end from public.invoices where l.kind = 'applied' and id = l.invoice_id
        union all
        select number, tenant_id, currency, case when status = 'void' then credit_applied_minor else 0 end from public.invoices where l.kind = 'released' and id = l.invoice_id
        union all
        select provider || ' ' || provider_payment_id, tenant_id, currency, case when status = 'succeeded' then l.amount_minor else 0 end
        from public.payments where l.kind = 'overpayment' and id = l.payment_id
        union all
        select coalesce(p.provider || ' ' || p.provider_payment_id, 'refund'), coalesce(p.tenant_id, l.tenant_id), coalesce(p.currency, l.currency), l.amount_minor
        from (select 1) one left join public.payments p on p.id = l.payment_id where l.kind in ('refunded', 'refund_failed')
      ) s on true
      where s.amount is distinct from l.amount_minor or s.tenant_id <> l.tenant_id or s.currency <> l.currency`,
  },
  {
    code: 'ledger.missing',
    rule: 8,
    severity: 'error',
    what: 'What a credit note leaves over, and what a void invoice had taken, came into the credit balance',
    find: (scope) => sql`
      select s.document, s.tenant_id, ${amount(sql`s.amount`, sql`s.currency`)} as expected, 'no movement' as found
      from (
        select number as document, tenant_id, currency, issue_date, total_minor - applied_minor as amount,
               exists (select 1 from public.credit_ledger l where l.credit_note_id = c.id and l.kind = 'credit_note') as moved
        from public.credit_notes c
        union all
        select number, tenant_id, currency, issue_date, credit_applied_minor,
               exists (select 1 from public.credit_ledger l where l.invoice_id = i.id and l.kind = 'released')
        from public.invoices i where status = 'void'
      ) s
      where s.amount > 0 and not s.moved and ${within(sql`s.issue_date`, scope)}`,
  },
]
