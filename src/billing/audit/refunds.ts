/** Money that went back, and payments of providers: each booked once, each with its movements (rules 25 and 27). */
import { sql, verbatim, type Sql } from '../../database/sql.js'
import { givenBack } from '../book/given-back.js'
import { amount, within, type Check } from './check.js'

const payment = verbatim(`p.provider || ' ' || p.provider_payment_id`)

/** A refund or a dispute as it is named at the provider, or here. */
const named = verbatim(`b.kind || ' ' || coalesce(b.provider_id, b.id::text)`)

const went = (minor: Sql, currency: Sql): Sql => amount(sql`coalesce(${minor}, 0)`, currency)

export const refundChecks: Check[] = [
  {
    code: 'payment.once',
    rule: 27,
    severity: 'error',
    what: 'A payment of a provider is booked once: not under its id again, and not by hand under its id',
    // Two joins, not one with an "or": that would compare each payment with each other.
    find: (scope) => sql`
      with booked as (select * from public.payments p where p.provider <> 'manual' and p.status = 'succeeded' and ${within(sql`p.received_on`, scope)})
      select ${payment} as document, p.tenant_id, 'booked once' as expected, 'booked again: ' || ${amount(sql`p.amount_minor`, sql`p.currency`)} as found
      from (select *, row_number() over (partition by provider, provider_payment_id order by created_at, id) as nth from booked) p where p.nth > 1
      union all
      select ${payment}, p.tenant_id, 'booked once', 'recorded by hand too: ' || ${amount(sql`o.amount_minor`, sql`o.currency`)}
      from booked p join public.payments o on o.provider = 'manual' and o.status = 'succeeded' and o.reference = p.provider_payment_id`,
  },
  {
    code: 'payment.checkout',
    rule: 27,
    severity: 'warning',
    what: 'A checkout that is paid has its money in the book: less came in for the invoice where a payment was parked',
    find: (scope) => sql`
      select i.number || ' attempt ' || c.attempt as document, c.tenant_id, ${amount(sql`c.amount_minor`, sql`c.currency`)} || ' by ' || c.provider as expected,
             ${went(sql`r.sum`, sql`c.currency`)} as found
      from (select invoice_id, provider, sum(amount_minor) as amount_minor, max(attempt) as attempt, min(tenant_id::text)::uuid as tenant_id, min(currency) as currency
            from public.checkouts where status = 'paid' group by invoice_id, provider) c
      join public.invoices i on i.id = c.invoice_id
      left join (select invoice_id, provider, sum(amount_minor) as sum from public.payments where status = 'succeeded' group by invoice_id, provider) r
        on r.invoice_id = c.invoice_id and r.provider = c.provider
      where coalesce(r.sum, 0) < c.amount_minor and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'refund.payment',
    rule: 25,
    severity: 'error',
    what: 'What went back is of a payment that came in, with its tenant, provider and currency, and its credit note is of the same invoice',
    find: (scope) => sql`
      select ${named} as document, b.tenant_id, 'a payment in ' || b.currency || ' by ' || b.provider as expected,
             case when p.status <> 'succeeded' then ${payment} || ' is ' || p.status when p.tenant_id <> b.tenant_id then 'another tenant'
                  when p.provider <> b.provider or p.currency <> b.currency then ${payment} || ' in ' || p.currency
                  else 'credit note ' || n.number || ' of another invoice' end as found
      from ${givenBack} b join public.payments p on p.id = b.payment_id left join public.credit_notes n on n.id = b.credit_note_id
      where (p.status <> 'succeeded' or p.tenant_id <> b.tenant_id or p.provider <> b.provider or p.currency <> b.currency
             or n.invoice_id is distinct from case when n.id is not null then p.invoice_id end) and ${within(sql`b.day`, scope)}`,
  },
  {
    code: 'refund.ledger',
    rule: 25,
    severity: 'error',
    what: 'What went back of a payment left the credit balance, but for what was taken back from its invoice',
    // Of a refund that failed the balance has a part back, or all of it: payment.split sees to those.
    find: (scope) => sql`
      select ${payment} as document, p.tenant_id, ${went(sql`-b.sum`, sql`p.currency`)} as expected, ${went(sql`l.sum`, sql`p.currency`)} as found
      from public.payments p
      left join (select payment_id, sum(amount_minor - reopened_minor) as sum from ${givenBack} g group by payment_id) b on b.payment_id = p.id
      left join (select payment_id, sum(amount_minor) as sum, bool_or(kind = 'refund_failed') as failed
                 from public.credit_ledger where kind in ('refunded', 'refund_failed') group by payment_id) l on l.payment_id = p.id
      where coalesce(b.sum, 0) <> -coalesce(l.sum, 0) and not coalesce(l.failed, false) and ${within(sql`p.received_on`, scope)}`,
  },
  {
    code: 'refund.parked',
    rule: 27,
    severity: 'warning',
    what: 'What a provider took back, by a refund or a lost dispute, is in the book, or somebody has dismissed the event',
    find: (scope) => sql`
      select e.provider || ' ' || e.event_id as document, e.tenant_id, 'booked, or dismissed' as expected, e.type || ' is parked: ' || e.outcome as found
      from public.webhook_events e
      where e.status = 'parked' and (starts_with(e.outcome, 'dispute.') or starts_with(e.outcome, 'refund.')) and ${within(sql`e.received_at::date`, scope)}`,
  },
  {
    code: 'refund.charged',
    rule: 8,
    severity: 'error',
    what: 'No more of what credit notes brought to the balance is given back than they brought there',
    find: (scope) => sql`
      select i.number as document, i.tenant_id, 'at most ' || ${went(sql`n.sum`, sql`i.currency`)} as expected, ${amount(sql`r.sum`, sql`i.currency`)} as found
      from (select p.invoice_id, sum(b.charged_minor) as sum from ${givenBack} b join public.payments p on p.id = b.payment_id
            group by p.invoice_id) r
      join public.invoices i on i.id = r.invoice_id
      left join (select invoice_id, sum(total_minor - applied_minor) as sum from public.credit_notes group by invoice_id) n on n.invoice_id = i.id
      where r.sum > coalesce(n.sum, 0) and ${within(sql`i.issue_date`, scope)}`,
  },
]
