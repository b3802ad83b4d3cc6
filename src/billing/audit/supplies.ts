/** Which law a document was issued under: the supply, its place, the heads of tax, the letter of undertaking (rule 21). */
import { sql } from '../../database/sql.js'
import { outOfScopeWords, reverseChargeWords } from '../tax/europe.js'
import { onPayment, unionTerritories, withoutPayment } from '../tax/india.js'
import { memberStates } from '../tax/member-states.js'
import { within, type Check } from './check.js'

const home = sql`(i.supplier ->> 'country')`
/** Article 7 of Directive 2006/112/EC: Monaco counts as France. */
const there = sql`(case when i.tax_regime = 'eu_vat' then replace(i.recipient ->> 'country', 'MC', 'FR') else i.recipient ->> 'country' end)`
const homeState = sql`coalesce(i.supplier -> 'state' ->> 'gst_code', left(i.supplier ->> 'gstin', 2))`

/** Where a service is supplied to a customer in India: the state of the GSTIN, else of the address, else the supplier's. */
const state = sql`coalesce(left(i.recipient ->> 'gstin', 2), i.recipient -> 'state' ->> 'gst_code', ${homeState})`

const supply = sql`(case i.tax_regime
  when 'in_gst' then case when ${there} <> 'IN' then 'export' when i.recipient ->> 'gst_treatment' = 'sez' then 'sez'
                          when ${state} = ${homeState} then 'intra_state' else 'inter_state' end
  when 'eu_vat' then case when ${there} = ${home} then 'domestic'
                          when ${there} <> all(${memberStates}::text[]) then 'out_of_scope'
                          when starts_with(i.recipient ->> 'vat_id', replace(${there}, 'GR', 'EL')) then 'reverse_charge'
                          else 'customer_country' end
  else case when ${there} = ${home} then 'domestic' else 'export' end end)`

const regime = sql`(case when ${home} = 'IN' then 'in_gst' when ${home} = any(${memberStates}::text[]) then 'eu_vat' else 'other' end)`

/** Zero-rated by section 16 of the IGST Act, with a letter of undertaking or with tax. */
const zeroRated = sql`(i.tax_regime = 'in_gst' and i.supply in ('export', 'sez'))`

export const supplyChecks: Check[] = [
  {
    code: 'tax.supply',
    rule: 21,
    severity: 'error',
    what: 'Regime, supply, place and reverse charge follow from the two sides on the document',
    find: (scope) => sql`
      select i.number as document, i.tenant_id, concat_ws(' ', w.regime, w.supply, w.place) as expected,
             concat_ws(' ', i.tax_regime, i.supply, i.place_of_supply ->> 'code', case when i.reverse_charge then 'reverse charge' end) as found
      from public.invoices i
      cross join lateral (select ${regime} as regime, ${supply} as supply,
        case when i.tax_regime = 'in_gst' then case when ${there} <> 'IN' then '96' else ${state} end end as place) w
      where i.number is not null and ${within(sql`i.issue_date`, scope)}
        and (i.tax_regime <> w.regime or i.supply <> w.supply or i.place_of_supply ->> 'code' is distinct from w.place
             or i.reverse_charge <> (i.supply = 'reverse_charge'))`,
  },
  {
    code: 'tax.heads',
    rule: 21,
    severity: 'error',
    what: 'The heads fit the supply: CGST with SGST or UTGST inside the state, IGST to others, exports and SEZ, VAT or none elsewhere',
    find: (scope) => sql`
      select i.number || ' line ' || l.position as document, i.tenant_id, w.heads::text as expected, h.heads::text as found
      from public.invoice_lines l
      join public.invoices i on i.id = l.invoice_id
      cross join lateral (select jsonb_path_query_array(l.taxes, '$[*].head') as heads) h
      cross join lateral (select case
        when i.supply = 'intra_state' and i.place_of_supply ->> 'code' = any(${unionTerritories}::text[]) then '["CGST", "UTGST"]'::jsonb
        when i.supply = 'intra_state' then '["CGST", "SGST"]' when i.tax_regime = 'in_gst' then '["IGST"]'
        when i.supply in ('reverse_charge', 'out_of_scope') then '[]' else '["VAT"]' end as heads) w
      where i.number is not null and h.heads <> w.heads and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'tax.zero_rated',
    rule: 21,
    severity: 'error',
    what: 'An export or a supply to a SEZ is taxed unless a letter of undertaking stands on it, and then it is not',
    find: (scope) => sql`
      select i.number || ' line ' || l.position as document, i.tenant_id,
             case when i.lut is null then 'IGST: no letter of undertaking' else '0 %: letter ' || i.lut end as expected,
             coalesce(l.taxes -> 0 ->> 'rate', 'no') || ' %' as found
      from public.invoice_lines l join public.invoices i on i.id = l.invoice_id
      where i.number is not null and ${zeroRated} and (i.lut is null) <> ((l.taxes -> 0 ->> 'rate')::numeric > 0) and ${within(sql`i.issue_date`, scope)}`,
  },
  {
    code: 'tax.lut',
    rule: 21,
    severity: 'error',
    what: 'The letter of undertaking on a document is on file for its day, and only zero-rated supplies have one',
    find: (scope) => sql`
      select i.number as document, i.tenant_id, case when ${zeroRated} then 'a letter in force on ' || i.issue_date else 'no letter' end as expected,
             i.lut || coalesce(': ' || (select string_agg(f.validity::text, ', ') from public.billing_luts f where f.number = i.lut), ': not on file') as found
      from public.invoices i
      where i.number is not null and i.lut is not null and ${within(sql`i.issue_date`, scope)}
        and (not ${zeroRated} or not exists (select 1 from public.billing_luts f
          where f.gstin = i.supplier ->> 'gstin' and f.number = i.lut and f.validity @> i.issue_date))`,
  },
  {
    code: 'tax.endorsement',
    rule: 21,
    severity: 'error',
    what: 'The words the law asks for stand on zero-rated and reverse-charged supplies, and on no others',
    find: (scope) => sql`
      select i.number as document, i.tenant_id, coalesce(w.words, 'none') as expected, coalesce(i.endorsement, 'none') as found
      from public.invoices i
      cross join lateral (select case when ${zeroRated} and i.lut is not null then ${withoutPayment}::text when ${zeroRated} then ${onPayment}::text
        when i.supply = 'reverse_charge' then ${reverseChargeWords}::text when i.supply = 'out_of_scope' then ${outOfScopeWords}::text end as words) w
      where i.number is not null and i.endorsement is distinct from w.words and ${within(sql`i.issue_date`, scope)}`,
  },
]
