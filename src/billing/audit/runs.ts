/** Months that are closed and runs that are over: nothing came into them afterwards, nothing is missing of them (rules 14 and 19). */
import { sql } from '../../database/sql.js'
import { numbered, within, type Check } from './check.js'

/** A run that ended as it should; one that failed has no totals, and what it had committed stays. */
const ended = sql`r.status in ('succeeded', 'partial')`

export const runChecks: Check[] = [
  {
    code: 'month.closed',
    rule: 19,
    severity: 'error',
    what: 'Nothing is issued into a month after it was closed',
    find: (scope) => sql`
      select s.number as document, s.tenant_id, 'nothing after ' || to_char(c.closed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI"Z"') as expected,
             to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI"Z"') as found
      from ${numbered} s
      join public.closed_months c on c.month = date_trunc('month', s.issue_date)::date
      where s.created_at > c.closed_at and ${within(sql`s.issue_date`, scope)}`,
  },
  {
    code: 'run.balance',
    rule: 14,
    severity: 'error',
    what: 'Every tenant of a run is exactly one of invoiced, nothing due, parked and skipped; who was parked makes it partial',
    find: (scope) => sql`
      select 'run ' || r.id as document, null::uuid as tenant_id, r.tenants || ' tenants, ' || case when r.parked > 0 then 'partial' else 'succeeded' end as expected,
             r.invoiced + r.nothing_due + r.parked + r.skipped || ' tenants, ' || r.status as found
      from public.billing_runs r
      where ${ended} and (r.tenants <> r.invoiced + r.nothing_due + r.parked + r.skipped or (r.status = 'partial') <> (r.parked > 0))
        and ${within(sql`r.issue_date`, scope)}`,
  },
  {
    code: 'run.documents',
    rule: 14,
    severity: 'error',
    what: 'The documents a run says it issued are there, and come to the amounts it says',
    find: (scope) => sql`
      select 'run ' || r.id as document, null::uuid as tenant_id,
             r.invoices || ' invoices, ' || r.credit_notes || ' credit notes, ' || w.said as expected,
             coalesce(d.invoices, 0) || ' invoices, ' || coalesce(d.credit_notes, 0) || ' credit notes, ' || coalesce(d.sums, '{}') as found
      from public.billing_runs r
      cross join lateral (
        select coalesce(jsonb_object_agg(key, jsonb_build_array(coalesce((value ->> 'invoiced_minor')::numeric, 0), coalesce((value ->> 'credited_minor')::numeric, 0))), '{}') as said
        from jsonb_each(r.sums)) w
      left join (
        select run_id, sum(invoices)::bigint as invoices, sum(credit_notes)::bigint as credit_notes,
               jsonb_object_agg(currency, jsonb_build_array(invoiced, credited)) as sums
        from (
          select run_id, currency, sum(invoices) as invoices, sum(credit_notes) as credit_notes, sum(invoiced) as invoiced, sum(credited) as credited
          from (
            select run_id, currency, count(*) as invoices, 0 as credit_notes, sum(total_minor) as invoiced, 0 as credited
            from public.invoices where run_id is not null group by run_id, currency
            union all
            select run_id, currency, 0, count(*), 0, sum(total_minor) from public.credit_notes where run_id is not null group by run_id, currency
          ) kinds group by run_id, currency
        ) currencies group by run_id
      ) d on d.run_id = r.id
      where ${ended} and (r.invoices <> coalesce(d.invoices, 0) or r.credit_notes <> coalesce(d.credit_notes, 0) or w.said <> coalesce(d.sums, '{}'))
        and ${within(sql`r.issue_date`, scope)}`,
  },
]
