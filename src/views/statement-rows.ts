/** The rows of the book that make a tenant's statement, by currency, in the order of their days. */
import { rows, sql } from '../database/sql.js'
import { givenBack } from '../billing/book/given-back.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import type {
  BookEntry,
  BookInvoice,
  BookOfCurrency,
  CreditMovement,
  EntryKind,
} from '../billing/book/statement.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/** One document or receipt; of a day of its own, or of an instant in the tenant's zone. */
interface Row {
  currency: string
  kind: EntryKind
  day: PlainDate | null
  at: Date
  number: string | null
  note: string | null
  amount_minor: bigint
  /** Of an invoice itself: it. Of a receipt or a credit: the invoice it lowered, and by how much. */
  invoice_id: string | null
  lowers_minor: bigint
  due_date: PlainDate | null
}

interface MovementRow {
  currency: string
  kind: string
  day: PlainDate | null
  at: Date
  number: string | null
  amount_minor: bigint
}

export async function statementRows(
  ctx: Pick<Context, 'db'>,
  tenant: TenantId,
  timeZone: string,
): Promise<Map<string, BookOfCurrency>> {
  const dated = <One extends { day: PlainDate | null; at: Date }>(row: One): One & { date: PlainDate } => ({
    ...row,
    date: row.day ?? dayIn(timeZone, row.at),
  })
  const found = (await readEntries(ctx, tenant)).map(dated)
  const movements = (await readMovements(ctx, tenant)).map(dated)
  const currencies = [...new Set([...found, ...movements].map(({ currency }) => currency))].sort()
  return new Map(
    currencies.map((currency) => [
      currency,
      bookOf(
        found.filter((row) => row.currency === currency),
        movements.filter((row) => row.currency === currency),
      ),
    ]),
  )
}

/** Of one day documents come before what pays them. */
const order: readonly EntryKind[] = ['invoice', 'void', 'credit_note']

function bookOf(
  found: readonly (Row & { date: PlainDate })[],
  movements: readonly (MovementRow & { date: PlainDate })[],
): BookOfCurrency {
  const rank = ({ kind }: Row): number => (order.includes(kind) ? order.indexOf(kind) : order.length)
  const sorted = found.toSorted((a, b) => compare(a.date, b.date) || rank(a) - rank(b))
  const entries = sorted.map(({ date, kind, number, note, amount_minor }): BookEntry => {
    return { date, kind, number, note, amount: amount_minor }
  })
  const invoices = sorted
    .filter(({ kind }) => kind === 'invoice')
    .map(({ invoice_id, number, date, due_date, lowers_minor }): BookInvoice => ({
      number: number ?? '',
      issue_date: date,
      due_date,
      due: lowers_minor,
      less: sorted
        .filter((row) => row.kind !== 'invoice' && row.invoice_id === invoice_id && row.lowers_minor !== 0n)
        .map((row) => ({ date: row.date, amount: row.lowers_minor })),
    }))
  return {
    entries,
    invoices,
    movements: movements
      .toSorted((a, b) => compare(a.date, b.date))
      .map(({ date, kind, number, amount_minor }): CreditMovement => {
        return { date, kind, number, amount: amount_minor }
      }),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What is still open of an invoice at its issue is `lowers_minor` of its own row: the total less the credit balance. */
async function readEntries(ctx: Pick<Context, 'db'>, tenant: TenantId): Promise<Row[]> {
  return rows<Row>(
    ctx.db,
    sql`select i.currency, 'invoice' as kind, i.issue_date as day, i.created_at as at, i.number, null as note, i.total_minor as amount_minor,
               i.id as invoice_id, i.total_minor - i.credit_applied_minor as lowers_minor, i.due_date
          from public.invoices i where i.tenant_id = ${tenant} and i.number is not null and i.status <> 'void'
        union all
        select i.currency, 'void', i.issue_date, i.created_at, i.number, i.void_reason, 0, null, 0, null
          from public.invoices i where i.tenant_id = ${tenant} and i.status = 'void'
        union all
        select c.currency, 'credit_note', c.issue_date, c.created_at, c.number, c.reason, -c.total_minor, c.invoice_id, c.applied_minor, null
          from public.credit_notes c where c.tenant_id = ${tenant}
        union all
        select p.currency, 'payment', p.received_on, p.created_at, i.number, concat_ws(', ', replace(p.method, '_', ' '), p.reference), -p.amount_minor,
               p.invoice_id, p.applied_minor + coalesce((select sum(b.reopened_minor) from ${givenBack} b where b.payment_id = p.id), 0)::bigint, null
          from public.payments p left join public.invoices i on i.id = p.invoice_id where p.tenant_id = ${tenant} and p.status = 'succeeded'
        union all
        select b.currency, b.kind, b.day, b.created_at, i.number, concat_ws(', ', replace(b.reason, '_', ' '), p.reference), b.amount_minor, p.invoice_id, -b.reopened_minor, null
          from ${givenBack} b join public.payments p on p.id = b.payment_id left join public.invoices i on i.id = p.invoice_id
          where b.tenant_id = ${tenant}
        union all
        select i.currency, l.kind, l.settled_on, l.created_at, i.number, nullif(concat_ws(', ', l.section, l.certificate, l.note), ''),
               -l.amount_minor, l.invoice_id, l.amount_minor, null
          from public.settlement_lines l join public.invoices i on i.id = l.invoice_id where i.tenant_id = ${tenant}
        order by at, number`,
  )
}

/** A movement is of the day of the document or payment that caused it. */
async function readMovements(ctx: Pick<Context, 'db'>, tenant: TenantId): Promise<MovementRow[]> {
  return rows<MovementRow>(
    ctx.db,
    sql`select g.currency, g.kind, coalesce(g.moved_on, case g.kind when 'credit_note' then c.issue_date when 'applied' then i.issue_date
                                               when 'overpayment' then p.received_on end) as day,
               g.at, coalesce(c.number, i.number, p.reference) as number, g.amount_minor
        from public.credit_ledger g
        left join public.credit_notes c on c.id = g.credit_note_id
        left join public.invoices i on i.id = g.invoice_id
        left join public.payments p on p.id = g.payment_id
        where g.tenant_id = ${tenant} order by g.id`,
  )
}
