/** What came in against what was billed: the columns of an invoice are the sums of their rows, and its state fits them (rules 8 and 10). */
import { sql, type Sql } from '../../database/sql.js'
import { amount, within, type Check, type Scope } from './check.js'

/** A column of the invoice, against the sum of the rows it stands for. */
function equals(column: Sql, sums: Sql): Check['find'] {
  return (scope: Scope) => sql`
    select i.number as document, i.tenant_id, ${amount(sql`s.sum`, sql`i.currency`)} as expected, ${amount(column, sql`i.currency`)} as found
    from public.invoices i left join (${sums}) s on s.invoice_id = i.id
    where i.number is not null and ${column} <> coalesce(s.sum, 0) and ${within(sql`i.issue_date`, scope)}`
}

const settled = sql`(i.credit_applied_minor + i.paid_minor + i.settled_minor + i.credited_minor)`

/** Of the payment p: what came in, less what was given back. */
const kept = sql`case when p.status = 'succeeded' then p.amount_minor - p.refunded_minor else 0 end`

export const settlementChecks: Check[] = [
  {
    code: 'money.paid',
    rule: 10,
    severity: 'error',
    what: 'What is paid of an invoice is the sum of its payments',
    find: equals(
      sql`i.paid_minor`,
      sql`select invoice_id, sum(applied_minor) as sum from public.payments where status = 'succeeded' group by invoice_id`,
    ),
  },
  {
    code: 'money.settled',
    rule: 10,
    severity: 'error',
    what: 'What is settled of an invoice is the sum of its settlement lines',
    find: equals(
      sql`i.settled_minor`,
      sql`select invoice_id, sum(amount_minor) as sum from public.settlement_lines group by invoice_id`,
    ),
  },
  {
    code: 'money.credited',
    rule: 8,
    severity: 'error',
    what: 'What is credited of an invoice is the sum of its credit notes, as far as they lowered what was owed',
    find: equals(
      sql`i.credited_minor`,
      sql`select invoice_id, sum(applied_minor) as sum from public.credit_notes group by invoice_id`,
    ),
  },
  {
    code: 'money.credit_applied',
    rule: 8,
    severity: 'error',
    what: 'What an invoice took from the credit balance is what left the balance for it',
    find: equals(
      sql`i.credit_applied_minor`,
      sql`select invoice_id, -sum(amount_minor) as sum from public.credit_ledger where kind = 'applied' group by invoice_id`,
    ),
  },
  {
    code: 'money.excess',
    rule: 10,
    severity: 'error',
    what: 'No more came in for an invoice than its total',
    find: (scope) => sql`
      select i.number as document, i.tenant_id, 'at most ' || ${amount(sql`i.total_minor`, sql`i.currency`)} as expected, ${amount(settled, sql`i.currency`)} as found
      from public.invoices i where i.number is not null and ${settled} > i.total_minor and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'money.status',
    rule: 10,
    severity: 'error',
    what: 'An invoice is paid when nothing is open of it, and only then; a void one has nothing paid, settled or credited',
    find: (scope) => sql`
      select i.number as document, i.tenant_id,
             case when i.status = 'void' then 'nothing paid, settled or credited' when ${settled} >= i.total_minor then 'paid' else 'open or uncollectible' end as expected,
             i.status || ', ' || ${amount(settled, sql`i.currency`)} || ' of ' || ${amount(sql`i.total_minor`, sql`i.currency`)} as found
      from public.invoices i
      where i.number is not null and ${within(sql`i.issue_date`, scope)}
        and case i.status when 'void' then i.paid_minor + i.settled_minor + i.credited_minor > 0
                          when 'paid' then ${settled} < i.total_minor else ${settled} >= i.total_minor end`,
  },
  {
    code: 'payment.split',
    rule: 27,
    severity: 'error',
    what: 'What came in and was not given back went to its invoice and, the rest of it, to the credit balance; a payment that did not succeed went nowhere',
    find: (scope) => sql`
      select p.provider || ' ' || p.provider_payment_id as document, p.tenant_id,
             ${amount(kept, sql`p.currency`)} as expected,
             ${amount(sql`p.applied_minor`, sql`p.currency`)} || ' to the invoice, ' || ${amount(sql`l.sum`, sql`p.currency`)} || ' to the balance' as found
      from public.payments p
      left join (select payment_id, sum(amount_minor) as sum from public.credit_ledger
                 where kind in ('overpayment', 'refunded', 'refund_failed') group by payment_id) l on l.payment_id = p.id
      where p.applied_minor + coalesce(l.sum, 0) <> ${kept} and ${within(sql`p.received_on`, scope)}`,
  },
  {
    code: 'payment.refunded',
    rule: 25,
    severity: 'error',
    what: 'What was given back of a payment is the sum of its refunds that succeeded or are on their way, and of disputes that were lost',
    find: (scope) => sql`
      select p.provider || ' ' || p.provider_payment_id as document, p.tenant_id, ${amount(sql`r.sum`, sql`p.currency`)} as expected,
             ${amount(sql`p.refunded_minor`, sql`p.currency`)} as found
      from public.payments p
      left join (
        select payment_id, sum(amount_minor) as sum from (
          select payment_id, amount_minor from public.refunds where status in ('pending', 'unknown', 'succeeded')
          union all select payment_id, amount_minor from public.disputes where status = 'lost'
        ) one group by payment_id
      ) r on r.payment_id = p.id
      where p.refunded_minor <> coalesce(r.sum, 0) and ${within(sql`p.received_on`, scope)}`,
  },
  {
    code: 'payment.invoice',
    rule: 9,
    severity: 'error',
    what: 'Payments and credits have the tenant and the currency of their invoice',
    find: (scope) => sql`
      select r.document, r.tenant_id, i.number || ' in ' || i.currency as expected,
             case when r.tenant_id = i.tenant_id then r.currency else 'another tenant' end as found
      from (
        select provider || ' ' || provider_payment_id as document, tenant_id, invoice_id, currency, received_on as day from public.payments
        union all select number, tenant_id, invoice_id, currency, issue_date from public.credit_notes
      ) r
      join public.invoices i on i.id = r.invoice_id
      where (r.tenant_id <> i.tenant_id or r.currency <> i.currency) and ${within(sql`r.day`, scope)}`,
  },
]
