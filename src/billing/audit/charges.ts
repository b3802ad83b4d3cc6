/** What was charged against what was held: each day once, at the price and for the period it had, and none left out (rules 1, 4 and 13). */
import { sql, verbatim, type Sql } from '../../database/sql.js'
import { amount, within, type Check } from './check.js'

const line = sql`i.number || ' line ' || l.position`

/** The first day not billed, or the end; what a cancelled subscription owes no more days of has no next one. */
const billedUntil = verbatim('least(s.next_billing_on, s.cancel_on)')
const firstDay = verbatim('coalesce(s.trial_ends_on, s.started_on)')

/** Days of the item i of the subscription s that the runs have been over. */
const due = sql`i.active * daterange(${firstDay}, greatest(${firstDay}, ${billedUntil}))`

/** Free on every day in its currency: nothing of it is ever charged. */
const priced = sql`(select distinct product_kind, product_code, currency from public.prices where amount_minor > 0)`

const unbilled = sql`(select tenant_id, range_agg(days) as days from public.unbilled_days where not isempty(days) group by tenant_id)`

const none = verbatim(`'{}'::datemultirange`)

/** Whole months from the month of one day to that of another; integers. */
const monthsTo = (day: Sql, anchor: Sql): Sql =>
  sql`(extract(year from ${day}) * 12 + extract(month from ${day}) - extract(year from ${anchor}) * 12 - extract(month from ${anchor}))::int`

/** The n-th period, counted from the anchor and never from the period before (rule 1). */
const periodOf = (anchor: Sql, n: Sql, months: Sql): Sql =>
  sql`daterange((${anchor} + make_interval(months => ${n} * ${months}))::date, (${anchor} + make_interval(months => (${n} + 1) * ${months}))::date)`

export const chargeChecks: Check[] = [
  {
    code: 'charge.once',
    rule: 13,
    severity: 'error',
    what: 'A day of an item is charged once',
    find: (scope) => sql`
      select ${line} as document, i.tenant_id, 'days from ' || l.before as expected, 'days from ' || lower(l.period) as found
      from (select *, max(upper(period)) over (partition by item_id order by lower(period), id rows between unbounded preceding and 1 preceding) as before
            from public.invoice_lines where live and item_id is not null) l
      join public.invoices i on i.id = l.invoice_id
      where l.before > lower(l.period) and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'charge.live',
    rule: 18,
    severity: 'error',
    what: 'The lines of an invoice count unless it is void',
    find: (scope) => sql`
      select ${line} as document, i.tenant_id, case when i.status = 'void' then 'days that are free again' else 'days that are charged' end as expected,
             case when l.live then 'charged' else 'free' end as found
      from public.invoice_lines l join public.invoices i on i.id = l.invoice_id
      where i.number is not null and l.live = (i.status = 'void') and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'charge.period',
    rule: 1,
    severity: 'error',
    what: 'A line lies in a whole period that is counted from the anchor of its subscription',
    // A book has few days on which periods begin: the calendar is asked once for each, not for each line.
    find: (scope) => sql`
      with charged as materialized (
        select l.invoice_id, l.position, l.period, l.full_period, lower(l.period) as day, t.anchor_date, t.cycle
        from public.invoice_lines l
        join public.subscription_items h on h.id = l.item_id
        join public.subscription_terms t on t.subscription_id = h.subscription_id and t.days @> lower(l.period)
      ), wrong as materialized (
        select k.*, w.whole
        from (select distinct anchor_date, cycle, day, full_period from charged) k
        cross join lateral (select case k.cycle when 'annual' then 12 else 1 end as months) c
        cross join lateral generate_series(${monthsTo(sql`k.day`, sql`k.anchor_date`)} / c.months - 1, ${monthsTo(sql`k.day`, sql`k.anchor_date`)} / c.months) g (n)
        cross join lateral (select ${periodOf(sql`k.anchor_date`, sql`g.n`, sql`c.months`)} as whole) w
        where w.whole @> k.day and w.whole <> k.full_period
      )
      select ${line} as document, i.tenant_id, w.whole::text as expected, l.period || ' of ' || l.full_period as found
      from charged l
      join wrong w on w.anchor_date = l.anchor_date and w.cycle = l.cycle and w.day = l.day and w.full_period = l.full_period
      join public.invoices i on i.id = l.invoice_id
      where i.number is not null and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'charge.price',
    rule: 4,
    severity: 'error',
    what: 'A line is charged at the price in force on its first day',
    find: (scope) => sql`
      select ${line} as document, i.tenant_id, coalesce(${amount(sql`p.amount_minor`, sql`p.currency`)}, 'no price on file') as expected,
             ${amount(sql`l.unit_price_minor`, sql`i.currency`)} as found
      from public.invoice_lines l
      join public.invoices i on i.id = l.invoice_id
      join public.subscription_items h on h.id = l.item_id
      join public.prices a on a.id = h.price_id
      left join public.prices p on p.product_kind = h.kind and p.product_code = h.product_code and p.currency = i.currency and p.cycle = a.cycle
                               and p.validity @> lower(l.period)
      where i.number is not null and l.unit_price_minor is distinct from p.amount_minor and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'leak.days',
    rule: 13,
    severity: 'error',
    what: 'Every day that was held and costs something is charged, up to the first day not billed yet',
    // An item that was added since the last run is late, not lost, and one of a parked tenant waits.
    find: (scope) => sql`
      with covered as (
        select item_id, min(lower(period)) as first, max(upper(period)) as last, bool_and(joined) as whole
        from (select item_id, period, coalesce(lower(period) <= max(upper(period)) over (
                partition by item_id order by lower(period) rows between unbounded preceding and 1 preceding), true) as joined
              from public.invoice_lines where item_id is not null) l
        group by item_id
      ), open as materialized (
        select i.id, i.kind, i.product_code, s.id as subscription_id, s.tenant_id, s.currency, ${due} as due
        from public.subscription_items i
        join public.subscriptions s on s.id = i.subscription_id
        join ${priced} f on f.product_kind = i.kind and f.product_code = i.product_code and f.currency = s.currency
        left join covered c on c.item_id = i.id
        where not isempty(i.active) and not isempty(${due})
          and not coalesce(c.whole and c.first <= lower(${due}) and c.last >= upper(${due}), false)
          and (c.item_id is not null or i.created_at < clock_timestamp() - interval '2 days' and not exists (
            select 1 from public.parked_accounts a where a.tenant_id = s.tenant_id and a.released_at is null))
      ), pieces as materialized (
        select o.*, p.piece
        from open o
        left join (select item_id, range_agg(period) as days from public.invoice_lines where item_id in (select id from open) group by item_id) c on c.item_id = o.id
        left join ${unbilled} u on u.tenant_id = o.tenant_id
        cross join lateral unnest(datemultirange(o.due) - coalesce(c.days, ${none}) - coalesce(u.days, ${none})) p (piece)
      )
      select p.product_code || ' ' || lower(w.part) || ' to ' || upper(w.part) as document, p.tenant_id,
             coalesce(${amount(sql`w.net`, sql`p.currency`)}, 'a price') as expected, 'not charged' as found
      from pieces p
      join public.subscription_terms t on t.subscription_id = p.subscription_id and t.days && p.piece
      cross join lateral (select case t.cycle when 'annual' then 12 else 1 end as months, p.piece * t.days as span) c
      cross join lateral generate_series(${monthsTo(sql`lower(c.span)`, sql`t.anchor_date`)} / c.months - 1,
                                         ${monthsTo(sql`upper(c.span)`, sql`t.anchor_date`)} / c.months) g (n)
      cross join lateral (select ${periodOf(sql`t.anchor_date`, sql`g.n`, sql`c.months`)} as days) o
      left join public.prices r on r.product_kind = p.kind and r.product_code = p.product_code and r.currency = p.currency and r.cycle = t.cycle
                               and r.validity @> lower(c.span * o.days)
      cross join lateral (select c.span * o.days as part,
                                 round(r.amount_minor::numeric * (upper(c.span * o.days) - lower(c.span * o.days)) / (upper(o.days) - lower(o.days))) as net) w
      where not isempty(w.part) and w.net is distinct from 0 and ${within(sql`lower(w.part)`, scope)}`,
  },
  {
    code: 'leak.void',
    rule: 18,
    severity: 'error',
    what: 'The days of a void invoice are billed again, or still to be billed',
    find: (scope) => sql`
      select v.number || ' line ' || l.position as document, s.tenant_id, ${amount(sql`l.taxable_minor`, sql`v.currency`)} as expected,
             'not charged: ' || w.left_over as found
      from public.invoices v
      join public.invoice_lines l on l.invoice_id = v.id and l.item_id is not null
      join public.subscription_items i on i.id = l.item_id
      join public.subscriptions s on s.id = i.subscription_id
      left join ${unbilled} u on u.tenant_id = s.tenant_id
      cross join lateral (
        select datemultirange(l.period * ${due}) - coalesce(u.days, ${none})
               - coalesce((select range_agg(o.period) from public.invoice_lines o where o.item_id = l.item_id and o.live), ${none}) as left_over) w
      where v.status = 'void' and not isempty(i.active) and not isempty(w.left_over) and l.taxable_minor > 0 and ${within(sql`v.issue_date`, scope)}`,
  },
]
