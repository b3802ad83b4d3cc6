/** What an Indian supplier declares for a period: each line of an invoice or of a credit note with GST, in paise, with its section of GSTR-1. */
import { sql, verbatim, type Sql } from '../../database/sql.js'
import { inRupees, totalInRupees } from '../rupees.js'
import type { BookPeriod } from './period.js'

/**
 * Above it an inter-state invoice to somebody without a GSTIN is declared by itself (table 5). Rule 59(4) of the CGST
 * Rules: two and a half lakh, by Notification 12/2024 one lakh from 1 August 2024 on.
 */
const largeInvoice = sql`case when i.issue_date < '2024-08-01' then 25000000 else 10000000 end`

/** By supply and recipient; a credit note goes where its invoice went. */
const sectionOf = (invoice: string, registered: string, large: string, small: string): Sql => sql`
  case when i.supply = 'export' then ${invoice}::text when i.supply = 'sez' or i.recipient ->> 'gstin' is not null then ${registered}::text
       when i.supply = 'inter_state' and ${totalInRupees(sql`i`)} > ${largeInvoice} then ${large}::text else ${small}::text end`

const zero = (minor: Sql): Sql => sql`coalesce(${inRupees(minor, sql`i`)}, 0)`

/** Columns of the document a line is of; `i` is the invoice, also of a credit note. */
const common = verbatim(
  `i.recipient ->> 'gstin' as ctin, i.place_of_supply ->> 'code' as pos, i.supply, i.lut, i.reverse_charge, i.currency, i.exchange,
    i.supplier ->> 'gstin' as own`,
)

/** `documents`: what is declared, signed; void invoices and credits without GST are not. To stand behind `with`. */
export function gstDocuments({ from, to }: BookPeriod): Sql {
  return sql`documents as (
    select 'invoice' as kind, 1 as sign, i.id, i.number, i.issue_date as day, coalesce(${totalInRupees(sql`i`)}, 0) as val, ${common},
           ${sectionOf('exp', 'b2b', 'b2cl', 'b2cs')} as section
    from public.invoices i
    where i.number is not null and i.status <> 'void' and i.tax_regime = 'in_gst' and i.issue_date between ${from}::date and ${to}::date
    union all
    select 'credit_note', -1, c.id, c.number, c.issue_date, ${zero(sql`c.total_minor`)}, ${common}, ${sectionOf('cdnur', 'cdnr', 'cdnur', 'b2cs')}
    from public.credit_notes c join public.invoices i on i.id = c.invoice_id
    where c.taxed and i.tax_regime = 'in_gst' and c.issue_date between ${from}::date and ${to}::date
  )`
}

/** `lines` of `documents`: the rate of all heads together, and the amounts in paise. */
export const gstLines = sql`lines as (
  select i.*, l.sac, h.rate, ${zero(sql`l.taxable_minor`)} as txval, h.iamt, h.camt, h.samt
  from documents i
  join (
    select invoice_id as document_id, sac, taxable_minor, taxes from public.invoice_lines
    union all
    select credit_note_id, sac, taxable_minor, taxes from public.credit_note_lines
  ) l on l.document_id = i.id
  cross join lateral (
    select coalesce(sum(e.rate), 0) as rate,
           coalesce(sum(${inRupees(sql`e.amount_minor`, sql`i`)}) filter (where e.head = 'IGST'), 0)::bigint as iamt,
           coalesce(sum(${inRupees(sql`e.amount_minor`, sql`i`)}) filter (where e.head = 'CGST'), 0)::bigint as camt,
           coalesce(sum(${inRupees(sql`e.amount_minor`, sql`i`)}) filter (where e.head in ('SGST', 'UTGST')), 0)::bigint as samt
    from jsonb_to_recordset(l.taxes) as e (head text, rate numeric, amount_minor bigint)) h
)`
