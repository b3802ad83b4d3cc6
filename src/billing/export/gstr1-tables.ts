/** The sections of GSTR-1 as tables: one row for each document and rate, or for each sum the form asks for. */
import { sql, verbatim, type Sql } from '../../database/sql.js'
import { gstDocuments, gstLines } from './gst-supplies.js'
import type { BookPeriod } from './period.js'
import type { BookTable, ColumnKind } from './table.js'

export type Gstr1Section = 'b2b' | 'b2cl' | 'b2cs' | 'exp' | 'cdnr' | 'cdnur' | 'hsn' | 'docs'

export interface Gstr1Table extends BookTable {
  section: Gstr1Section
}

const amounts: Record<string, ColumnKind> = {
  ...{ rate: 'text', taxable: 'rupees', igst: 'rupees', cgst: 'rupees', sgst_utgst: 'rupees' },
}
const document: Record<string, ColumnKind> = { number: 'text', date: 'text', value: 'rupees' }

const sums = verbatim(
  `trim_scale(l.rate)::text as rate, sum(l.txval)::bigint as taxable, sum(l.iamt)::bigint as igst, sum(l.camt)::bigint as cgst, sum(l.samt)::bigint as sgst_utgst`,
)
const signed =
  verbatim(`trim_scale(l.rate)::text as rate, sum(l.sign * l.txval)::bigint as taxable, sum(l.sign * l.iamt)::bigint as igst,
  sum(l.sign * l.camt)::bigint as cgst, sum(l.sign * l.samt)::bigint as sgst_utgst`)

/** Of the offline tool: SEWP and SEWOP for supplies to a SEZ with and without tax. */
const type = verbatim(
  `case when l.supply = 'sez' then case when l.lut is null then 'SEWP' else 'SEWOP' end else 'R' end`,
)
const exported = (withTax: string, without: string): Sql =>
  verbatim(`case when l.lut is null then '${withTax}' else '${without}' end`)

/** The numbers of a series in the order of their counters. */
const inOrder = verbatim('length(l.number), l.number')

export function gstr1Tables(period: BookPeriod): Gstr1Table[] {
  const base = sql`with ${gstDocuments(period)}, ${gstLines}`
  const perDocument = verbatim(
    'l.id, l.number, l.day, l.val, l.ctin, l.pos, l.reverse_charge, l.supply, l.lut, l.rate',
  )
  const table = (section: Gstr1Section, columns: Record<string, ColumnKind>, query: Sql): Gstr1Table => ({
    ...{ section, name: `gstr1-${section}`, columns, query },
  })
  return [
    table(
      'b2b',
      {
        gstin: 'text',
        ...document,
        place_of_supply: 'text',
        reverse_charge: 'text',
        type: 'text',
        ...amounts,
      },
      sql`${base} select coalesce(l.ctin, '') as gstin, l.number, l.day as date, l.val as value, l.pos as place_of_supply, l.reverse_charge, ${type} as type, ${sums}
          from lines l where l.section = 'b2b' group by ${perDocument} order by 1, ${inOrder}, l.rate`,
    ),
    table(
      'b2cl',
      { place_of_supply: 'text', ...document, ...amounts },
      sql`${base} select l.pos as place_of_supply, l.number, l.day as date, l.val as value, ${sums}
          from lines l where l.section = 'b2cl' group by ${perDocument} order by l.pos, ${inOrder}, l.rate`,
    ),
    table(
      'b2cs',
      { supply: 'text', place_of_supply: 'text', ...amounts },
      sql`${base} select case l.supply when 'intra_state' then 'INTRA' else 'INTER' end as supply, l.pos as place_of_supply, ${signed}
          from lines l where l.section = 'b2cs' group by 1, l.pos, l.rate order by l.pos, 1, l.rate`,
    ),
    table(
      'exp',
      { type: 'text', ...document, ...amounts },
      sql`${base} select ${exported('WPAY', 'WOPAY')} as type, l.number, l.day as date, l.val as value, ${sums}
          from lines l where l.section = 'exp' group by ${perDocument} order by 1, ${inOrder}, l.rate`,
    ),
    table(
      'cdnr',
      {
        gstin: 'text',
        ...document,
        place_of_supply: 'text',
        reverse_charge: 'text',
        type: 'text',
        ...amounts,
      },
      sql`${base} select coalesce(l.ctin, '') as gstin, l.number, l.day as date, l.val as value, l.pos as place_of_supply, l.reverse_charge, ${type} as type, ${sums}
          from lines l where l.section = 'cdnr' group by ${perDocument} order by 1, ${inOrder}, l.rate`,
    ),
    table(
      'cdnur',
      { type: 'text', place_of_supply: 'text', ...document, ...amounts },
      sql`${base} select case l.supply when 'export' then ${exported('EXPWP', 'EXPWOP')} else 'B2CL' end as type,
                 case l.supply when 'export' then null else l.pos end as place_of_supply, l.number, l.day as date, l.val as value, ${sums}
          from lines l where l.section = 'cdnur' group by ${perDocument} order by ${inOrder}, l.rate`,
    ),
    table(
      'hsn',
      { supplies: 'text', sac: 'text', ...amounts },
      // Net of credit notes; exports have no GSTIN and count with the consumers.
      sql`${base} select case when l.supply <> 'export' and (l.supply = 'sez' or l.ctin is not null) then 'B2B' else 'B2C' end as supplies,
                 coalesce(l.sac, '') as sac, ${signed}
          from lines l group by 1, coalesce(l.sac, ''), l.rate order by 1, 2, l.rate`,
    ),
    table(
      'docs',
      { kind: 'text', from: 'text', to: 'text', total: 'number', cancelled: 'number', net: 'number' },
      issued(period),
    ),
  ]
}

/** Every number that was given in the period, those of void invoices too (table 13). */
function issued({ from, to }: BookPeriod): Sql {
  return sql`
    select kind, (array_agg(number order by length(number), number))[1] as from, (array_agg(number order by length(number) desc, number desc))[1] as to,
           count(*)::int as total, count(*) filter (where void)::int as cancelled, count(*) filter (where not void)::int as net
    from (
      select 'invoice' as kind, i.number, i.status = 'void' as void from public.invoices i
      where i.number is not null and i.tax_regime = 'in_gst' and i.issue_date between ${from}::date and ${to}::date
      union all
      select 'credit_note', c.number, false from public.credit_notes c join public.invoices i on i.id = c.invoice_id
      where i.tax_regime = 'in_gst' and c.issue_date between ${from}::date and ${to}::date
    ) d
    group by kind, left(number, -length(split_part(number, '/', -1)))
    order by kind desc, 2`
}
