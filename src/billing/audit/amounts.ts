/** The amounts of documents: from the price to the net line, from the lines to the total, from there to the other currency. */
import { sql } from '../../database/sql.js'
import { unusualDigits } from '../rupees.js'
import { amount, within, type Check } from './check.js'

const line = sql`i.number || ' line ' || l.position`

export const amountChecks: Check[] = [
  {
    code: 'amount.net',
    rule: 4,
    severity: 'error',
    what: 'A line is its price x days / days of the full period, rounded half up once',
    find: (scope) => sql`
      select ${line} as document, i.tenant_id, ${amount(sql`n.net`, sql`i.currency`)} as expected, ${amount(sql`l.taxable_minor`, sql`i.currency`)} as found
      from public.invoice_lines l join public.invoices i on i.id = l.invoice_id
      cross join lateral (select round(l.unit_price_minor::numeric * (upper(l.period) - lower(l.period)) / (upper(l.full_period) - lower(l.full_period))) as net) n
      where l.item_id is not null and i.number is not null and l.taxable_minor is distinct from n.net and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'amount.invoice',
    rule: 6,
    severity: 'error',
    what: 'The lines of an invoice add up to its totals',
    find: (scope) => sql`
      select i.number as document, i.tenant_id,
             ${amount(sql`l.taxable`, sql`i.currency`)} || ' + ' || ${amount(sql`l.tax`, sql`i.currency`)} as expected,
             ${amount(sql`i.taxable_minor`, sql`i.currency`)} || ' + ' || ${amount(sql`i.tax_minor`, sql`i.currency`)} || ' = ' || ${amount(sql`i.total_minor`, sql`i.currency`)} as found
      from public.invoices i
      left join (select invoice_id, sum(taxable_minor) as taxable, sum(tax_minor) as tax from public.invoice_lines group by invoice_id) l on l.invoice_id = i.id
      where i.number is not null and ${within(sql`i.issue_date`, scope)}
        and (i.taxable_minor is distinct from l.taxable or i.tax_minor is distinct from l.tax or i.total_minor <> i.taxable_minor + i.tax_minor)`,
  },
  {
    code: 'amount.credit_note',
    rule: 6,
    severity: 'error',
    what: 'The lines of a credit note add up to its totals',
    find: (scope) => sql`
      select c.number as document, c.tenant_id,
             ${amount(sql`l.taxable`, sql`c.currency`)} || ' + ' || ${amount(sql`l.tax`, sql`c.currency`)} as expected,
             ${amount(sql`c.taxable_minor`, sql`c.currency`)} || ' + ' || ${amount(sql`c.tax_minor`, sql`c.currency`)} || ' = ' || ${amount(sql`c.total_minor`, sql`c.currency`)} as found
      from public.credit_notes c
      left join (select credit_note_id, sum(taxable_minor) as taxable, sum(tax_minor) as tax from public.credit_note_lines group by credit_note_id) l on l.credit_note_id = c.id
      where ${within(sql`c.issue_date`, scope)}
        and (c.taxable_minor is distinct from l.taxable or c.tax_minor is distinct from l.tax or c.total_minor <> c.taxable_minor + c.tax_minor)`,
  },
  {
    code: 'amount.exchange',
    rule: 9,
    severity: 'error',
    what: 'A foreign invoice of an Indian supplier carries a rate to rupees and its total at that rate, rounded half up',
    find: (scope) => sql`
      select i.number as document, i.tenant_id,
             case when i.exchange is null then 'a rate to INR' else ${amount(sql`e.total`, sql`(i.exchange ->> 'currency')`)} end as expected,
             case when i.exchange is null then 'none' else ${amount(sql`(i.exchange ->> 'total_minor')::numeric`, sql`(i.exchange ->> 'currency')`)} end as found
      from public.invoices i
      cross join lateral (
        select round(i.total_minor * (i.exchange ->> 'rate')::numeric
                     * power(10::numeric, coalesce((d.digits ->> (i.exchange ->> 'currency'))::int, 2) - coalesce((d.digits ->> i.currency)::int, 2))) as total
        from (select ${unusualDigits}::jsonb as digits) d) e
      where i.number is not null and ${within(sql`i.issue_date`, scope)} and i.supplier ->> 'country' = 'IN' and i.currency <> 'INR'
        and (e.total is distinct from (i.exchange ->> 'total_minor')::numeric or i.exchange ->> 'currency' <> 'INR')`,
  },
]
