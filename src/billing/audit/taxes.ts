/** Tax as it stands on the lines: added up, computed from its rate, at the rate on file (rules 6 and 21). */
import { sql } from '../../database/sql.js'
import { amount, within, type Check } from './check.js'

const line = sql`i.number || ' line ' || l.position`

/** Of the line l: its first and second head, since none has more. */
const firstRate = sql`(l.taxes -> 0 ->> 'rate')::numeric`
const secondRate = sql`(l.taxes -> 1 ->> 'rate')::numeric`

export const taxChecks: Check[] = [
  {
    code: 'tax.sum',
    rule: 6,
    severity: 'error',
    what: 'The heads of a line add up to its tax',
    find: (scope) => sql`
      select l.document, l.tenant_id, ${amount(sql`x.tax`, sql`l.currency`)} as expected, ${amount(sql`l.tax_minor`, sql`l.currency`)} as found
      from (
        select i.number || ' line ' || l.position as document, i.tenant_id, i.currency, i.issue_date, l.tax_minor, l.taxes
        from public.invoice_lines l join public.invoices i on i.id = l.invoice_id where i.number is not null
        union all
        select c.number || ' line ' || l.position, c.tenant_id, c.currency, c.issue_date, l.tax_minor, l.taxes
        from public.credit_note_lines l join public.credit_notes c on c.id = l.credit_note_id
      ) l
      cross join lateral (select coalesce(sum((e ->> 'amount_minor')::bigint), 0) as tax from jsonb_array_elements(l.taxes) e) x
      where l.tax_minor <> x.tax and ${within(sql`l.issue_date`, scope)}`,
  },
  {
    code: 'tax.amount',
    rule: 6,
    severity: 'error',
    what: 'Each head is its rate of the net line, rounded half up',
    find: (scope) => sql`
      select ${line} || ' ' || x.head as document, i.tenant_id, ${amount(sql`round(l.taxable_minor * x.rate / 100)`, sql`i.currency`)} || ' at ' || x.rate || ' %' as expected,
             ${amount(sql`x.amount_minor`, sql`i.currency`)} as found
      from public.invoice_lines l
      join public.invoices i on i.id = l.invoice_id
      cross join lateral jsonb_to_recordset(l.taxes) as x (head text, rate numeric, amount_minor bigint)
      where i.number is not null and x.amount_minor <> round(l.taxable_minor * x.rate / 100) and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'tax.credit',
    rule: 8,
    severity: 'error',
    what: 'What is credited of a line gives back the tax it charged on as much, rounded half up, and all of it with the last',
    find: (scope) => sql`
      select i.number || ' line ' || l.position || ' ' || x.head as document, i.tenant_id,
             ${amount(sql`w.tax`, sql`i.currency`)} || ' on ' || ${amount(sql`n.net`, sql`i.currency`)} as expected, ${amount(sql`n.tax`, sql`i.currency`)} as found
      from (
        select c.invoice_line_id, h.head, sum(c.taxable_minor) as net, sum(coalesce(h.amount_minor, 0)) as tax, max(d.issue_date) as last
        from public.credit_note_lines c
        join public.credit_notes d on d.id = c.credit_note_id and d.taxed
        cross join lateral jsonb_to_recordset(c.taxes) as h (head text, amount_minor bigint)
        group by c.invoice_line_id, h.head
      ) n
      join public.invoice_lines l on l.id = n.invoice_line_id
      join public.invoices i on i.id = l.invoice_id
      left join lateral jsonb_to_recordset(l.taxes) as x (head text, rate numeric, amount_minor bigint) on x.head = n.head
      cross join lateral (select case when n.net = l.taxable_minor then x.amount_minor else round(n.net * x.rate / 100) end as tax) w
      where n.tax is distinct from w.tax and ${within(sql`n.last`, scope)}`,
  },
  {
    code: 'tax.rate',
    rule: 21,
    severity: 'warning',
    what: 'A line is taxed at the rate on file for its code and country on the day of issue',
    // A rate that was corrected afterwards does not make the document wrong by itself.
    find: (scope) => sql`
      select ${line} as document, i.tenant_id, coalesce(trim_scale(r.rate) || ' %', 'a rate on file') as expected,
             trim_scale(${firstRate} + coalesce(${secondRate}, 0)) || ' %' as found
      from public.invoice_lines l
      join public.invoices i on i.id = l.invoice_id
      left join public.tax_rates r on r.validity @> i.issue_date
        and r.country_code = case i.supply when 'customer_country' then replace(i.recipient ->> 'country', 'MC', 'FR') else i.supplier ->> 'country' end
        and r.code = case when i.tax_regime = 'in_gst' then coalesce(l.sac, 'none') when i.tax_regime = 'other' and i.supply = 'export' then 'export' else 'standard' end
      where i.number is not null and jsonb_array_length(l.taxes) > 0 and i.lut is null
        and (r.rate is null or ${firstRate} + coalesce(${secondRate}, 0) <> r.rate or ${secondRate} <> ${firstRate})
        and ${within(sql`i.issue_date`, scope)}`,
  },
]
