/** What a book comes to, by currency, and what GSTR-1 has to come to: computed from the documents, not from the rows that are written. */
import { oneRow, rows, sql, type Sql } from '../../database/sql.js'
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import { inRupees, totalInRupees } from '../rupees.js'
import { givenBack } from '../book/given-back.js'
import { minor, type BookRow, type BookTable } from './table.js'
import type { Context } from '../../kernel/context.js'
import type { BookPeriod } from './period.js'

/** Void invoices are counted apart and are in no sum. */
export interface BookTotals {
  currency: string
  invoices: number
  void: number
  taxable: MoneyJson
  tax: MoneyJson
  total: MoneyJson
  credit_notes: number
  credited_taxable: MoneyJson
  credited_tax: MoneyJson
  credited: MoneyJson
  payments: number
  received: MoneyJson
  /** Given back: refunds, those on their way too, and disputes that were lost. */
  refunds: number
  refunded: MoneyJson
  settlements: number
  settled: MoneyJson
}

export async function readTotals(ctx: Pick<Context, 'db'>, period: BookPeriod): Promise<BookTotals[]> {
  const found = await rows<BookRow>(ctx.db, totalsOf(period))
  return found.map((row) => {
    const money = (name: string): MoneyJson =>
      moneyJson({ amountMinor: minor(row[name]), currency: String(row.currency) })
    return {
      ...{ currency: String(row.currency), invoices: Number(row.invoices), void: Number(row.void) },
      ...{ taxable: money('taxable'), tax: money('tax'), total: money('total') },
      credit_notes: Number(row.credit_notes),
      ...{ credited_taxable: money('credited_taxable'), credited_tax: money('credited_tax') },
      credited: money('credited'),
      ...{ payments: Number(row.payments), received: money('received') },
      ...{ refunds: Number(row.refunds), refunded: money('refunded') },
      ...{ settlements: Number(row.settlements), settled: money('settled') },
    }
  })
}

/** The same as a table of the book. */
export function totalsTable(period: BookPeriod): BookTable {
  const money = { taxable: 'money', tax: 'money', total: 'money' } as const
  return {
    name: 'totals',
    columns: {
      ...{ currency: 'text', invoices: 'number', void: 'number', ...money, credit_notes: 'number' },
      ...{ credited_taxable: 'money', credited_tax: 'money', credited: 'money' },
      ...{ payments: 'number', received: 'money', refunds: 'number', refunded: 'money' },
      ...{ settlements: 'number', settled: 'money' },
    },
    query: totalsOf(period),
  }
}

function totalsOf({ from, to }: BookPeriod): Sql {
  return sql`select currency, sum(invoices)::int as invoices, sum(void)::int as void, sum(taxable)::text as taxable, sum(tax)::text as tax, sum(total)::text as total,
               sum(notes)::int as credit_notes, sum(credited_taxable)::text as credited_taxable, sum(credited_tax)::text as credited_tax, sum(credited)::text as credited,
               sum(payments)::int as payments, sum(received)::text as received, sum(refunds)::int as refunds, sum(refunded)::text as refunded, sum(settlements)::int as settlements, sum(settled)::text as settled
        from (
          select currency, (status <> 'void')::int as invoices, (status = 'void')::int as void, case when status <> 'void' then taxable_minor else 0 end as taxable,
                 case when status <> 'void' then tax_minor else 0 end as tax, case when status <> 'void' then total_minor else 0 end as total,
                 0 as notes, 0 as credited_taxable, 0 as credited_tax, 0 as credited, 0 as payments, 0 as received, 0 as refunds, 0 as refunded, 0 as settlements, 0 as settled
          from public.invoices where number is not null and issue_date between ${from}::date and ${to}::date
          union all
          select currency, 0, 0, 0, 0, 0, 1, taxable_minor, tax_minor, total_minor, 0, 0, 0, 0, 0, 0 from public.credit_notes where issue_date between ${from}::date and ${to}::date
          union all
          select currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, amount_minor, 0, 0, 0, 0 from public.payments where status = 'succeeded' and received_on between ${from}::date and ${to}::date
          union all
          select currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, amount_minor, 0, 0 from ${givenBack} b where day between ${from}::date and ${to}::date
          union all
          select i.currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, l.amount_minor
          from public.settlement_lines l join public.invoices i on i.id = l.invoice_id
          where l.settled_on between ${from}::date and ${to}::date
        ) d group by currency order by currency`
}

/** What GSTR-1 has to come to, in rupees: documents under India's GST, void ones and credits without tax apart. */
export async function readGstTotals(
  ctx: Pick<Context, 'db'>,
  { from, to }: BookPeriod,
): Promise<{ taxable: bigint; tax: bigint; value: bigint }> {
  return oneRow(
    ctx.db,
    sql`select coalesce(sum(taxable), 0)::bigint as taxable, coalesce(sum(tax), 0)::bigint as tax, coalesce(sum(value), 0)::bigint as value
        from (
          select ${inRupees(sql`l.taxable_minor`, sql`i`)} as taxable,
                 (select coalesce(sum(${inRupees(sql`(h ->> 'amount_minor')::bigint`, sql`i`)}), 0) from jsonb_array_elements(l.taxes) h) as tax,
                 case when l.position = 1 then ${totalInRupees(sql`i`)} end as value
          from public.invoices i join public.invoice_lines l on l.invoice_id = i.id
          where i.number is not null and i.status <> 'void' and i.tax_regime = 'in_gst' and i.issue_date between ${from}::date and ${to}::date
          union all
          select -${inRupees(sql`l.taxable_minor`, sql`i`)},
                 -(select coalesce(sum(${inRupees(sql`(h ->> 'amount_minor')::bigint`, sql`i`)}), 0) from jsonb_array_elements(l.taxes) h),
                 case when l.position = 1 then -${inRupees(sql`c.total_minor`, sql`i`)} end
          from public.credit_notes c join public.invoices i on i.id = c.invoice_id join public.credit_note_lines l on l.credit_note_id = c.id
          where c.taxed and i.tax_regime = 'in_gst' and c.issue_date between ${from}::date and ${to}::date
        ) d`,
  )
}
