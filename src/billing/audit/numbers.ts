/** The series of numbers: complete, each once, in the order of their days, in the form that was set up (rules 12 and 17). */
import { sql } from '../../database/sql.js'
import { numbered, within, type Check } from './check.js'

const series = sql`s.prefix || '/' || s.label || '/'`

export const numberChecks: Check[] = [
  {
    code: 'number.gap',
    rule: 17,
    severity: 'error',
    what: 'No number of a series is missing',
    find: (scope) => sql`
      select s.number as document, s.tenant_id, ${series} || lpad((s.before + 1)::text, greatest(5, length((s.before + 1)::text)), '0') as expected, s.number as found
      from (select *, lag(counter, 1, 0::bigint) over (partition by kind, prefix, label order by counter) as before from ${numbered} n where counter is not null) s
      where s.counter > s.before + 1 and ${within(sql`s.issue_date`, scope)}`,
  },
  {
    code: 'number.duplicate',
    rule: 17,
    severity: 'error',
    what: 'No number stands on two documents',
    find: (scope) => sql`
      select min(s.number) as document, (array_agg(s.tenant_id))[1] as tenant_id, 'on one document' as expected, 'on ' || count(*) || ' documents' as found
      from ${numbered} s where s.counter is not null
      group by s.prefix, s.label, s.counter having count(*) > 1 and bool_or(${within(sql`s.issue_date`, scope)})`,
  },
  {
    code: 'number.order',
    rule: 12,
    severity: 'error',
    what: 'A later number has no earlier date',
    find: (scope) => sql`
      select s.number as document, s.tenant_id, 'not before ' || s.before as expected, s.issue_date::text as found
      from (select *, lag(issue_date) over (partition by kind, prefix, label order by counter, issue_date) as before from ${numbered} n where counter is not null) s
      where s.issue_date < s.before and ${within(sql`s.issue_date`, scope)}`,
  },
  {
    code: 'number.form',
    rule: 17,
    severity: 'error',
    what: 'A number has the form, the length and the prefix that the supplier had set up',
    // On the day of a change both prefixes are right: who changed it at noon had issued in the morning.
    find: (scope) => sql`
      select s.number as document, s.tenant_id, coalesce(p.prefix, 'a prefix of the supplier') || '/' || coalesce(s.label, 'year') || '/00001' as expected, s.number as found
      from ${numbered} s
      left join lateral (
        select case s.kind when 'invoice' then v.invoice_prefix else v.credit_note_prefix end as prefix
        from public.billing_suppliers v
        where case when isempty(v.validity) then v.recorded_on = s.issue_date
                   else coalesce(lower(v.validity), '-infinity') <= s.issue_date and coalesce(upper(v.validity), 'infinity') >= s.issue_date end
        order by case s.kind when 'invoice' then v.invoice_prefix else v.credit_note_prefix end = s.prefix desc nulls last limit 1) p on true
      where (s.counter is null or s.prefix is distinct from p.prefix or length(s.number) > 16
             or s.number <> ${series} || lpad(s.counter::text, greatest(5, length(s.counter::text)), '0'))
        and ${within(sql`s.issue_date`, scope)}`,
  },
  {
    code: 'number.year',
    rule: 17,
    severity: 'error',
    what: 'A number belongs to the financial year of its date; in India that turns on 1 April, elsewhere on 1 January',
    find: (scope) => sql`
      select s.number as document, s.tenant_id, y.label as expected, s.label as found
      from ${numbered} s
      cross join lateral (select case when s.country = 'IN'
        then to_char(s.issue_date - interval '3 months', 'YY') || '-' || to_char(s.issue_date + interval '9 months', 'YY')
        else to_char(s.issue_date, 'YY') end as label) y
      where s.label is not null and s.label <> y.label and ${within(sql`s.issue_date`, scope)}`,
  },
  {
    code: 'number.counter',
    rule: 17,
    severity: 'error',
    what: 'The counter of a series stands at its last document',
    find: () => sql`
      select coalesce(c.kind, s.kind) || ' ' || coalesce(c.prefix, s.prefix) || '/' || coalesce(c.year_label, s.label) as document, null::uuid as tenant_id,
             coalesce(s.last, 0) || coalesce(' on ' || s.day, '') as expected,
             coalesce(c.last_number::text, 'no counter') || coalesce(' on ' || c.last_issue_date, '') as found
      from public.number_series c
      full join (select kind, prefix, label, max(counter) as last, max(issue_date) as day from ${numbered} n where counter is not null group by kind, prefix, label) s
        on s.kind = c.kind and s.prefix = c.prefix and s.label = c.year_label
      where c.last_number is distinct from coalesce(s.last, 0) or c.last_issue_date < s.day`,
  },
]
