/** `invoice list`: invoices page by page, what is open of them, and sums per currency over all pages. */
import { openAmount } from '../billing/book/find-invoice.js'
import { sentAt } from '../billing/book/invoice-mail.js'
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { join, rows, sql, verbatim } from '../database/sql.js'
import { dayOfTenant } from '../tenants/local-day.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import {
  filteredInvoices,
  invoiceConditions,
  numberOrder,
  overdueOn,
  type InvoiceFilter,
} from './invoice-filter.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export interface InvoiceListItem {
  id: string
  number: string
  /** The tenant's subdomain. */
  tenant: string
  kind: 'cycle' | 'change' | 'manual'
  status: string
  /** Of a `cycle` invoice, half-open. */
  period: { from: PlainDate; to: PlainDate } | null
  issue_date: PlainDate
  due_date: PlainDate | null
  /** Days since it was due, in the tenant's zone; null where it is not overdue. */
  days_overdue: number | null
  total: MoneyJson
  /** What is still to come in. */
  open: MoneyJson
  /** Null while its mail waits in the queue, too. */
  sent_at: string | null
}

/** Of what matches in one currency, on all pages; amounts without those of void invoices. */
export interface InvoiceSum {
  currency: string
  invoices: number
  total: MoneyJson
  open: MoneyJson
  overdue: MoneyJson
}

export interface InvoiceList extends Page<InvoiceListItem> {
  sums: InvoiceSum[]
}

const keys = {
  issued: { by: verbatim('i.issue_date'), type: 'date' },
  due: { by: verbatim(`coalesce(i.due_date, 'infinity')`), type: 'date' },
  number: { by: numberOrder('i.number'), type: 'text' },
  tenant: { by: verbatim('t.subdomain'), type: 'text' },
  total: { by: verbatim('i.total_minor'), type: 'bigint' },
  open: { by: sql`(${openAmount})`, type: 'bigint' },
} satisfies Record<string, SortKey>

/** Each order both ways. */
export const invoiceOrders = Object.keys(keys).flatMap((key) => [key, `-${key}`])

interface Row extends Omit<InvoiceListItem, 'total' | 'open' | 'sent_at'> {
  currency: string
  total_minor: bigint
  open_minor: bigint
  sent_at: Date | null
}

interface SumRow {
  currency: string
  invoices: number
  total_minor: bigint
  open_minor: bigint
  overdue_minor: bigint
}

/** @throws not_found `tenant.not_found`; usage `currency.invalid` */
export async function listInvoices(
  ctx: Pick<Context, 'db' | 'clock'>,
  filter: InvoiceFilter,
  page: PageRequest,
): Promise<InvoiceList> {
  const where = await invoiceConditions(ctx, filter)
  const today = await dayOfTenant(ctx)
  const overdue = overdueOn(today)
  const found = await readPage<Row>(
    ctx.db,
    {
      columns: sql`i.id, i.number, t.subdomain as tenant, i.kind, i.status, i.currency,
        case when i.period is not null then json_build_object('from', lower(i.period), 'to', upper(i.period)) end as period,
        i.issue_date, i.due_date, case when ${overdue} then ${today} - i.due_date end as days_overdue,
        i.total_minor, ${openAmount} as open_minor, ${sentAt} as sent_at`,
      from: filteredInvoices,
      where,
      keys,
      id: keys.number,
    },
    page,
  )
  const sums = await rows<SumRow>(
    ctx.db,
    sql`select i.currency, count(*)::int as invoices,
               coalesce(sum(i.total_minor) filter (where i.status <> 'void'), 0)::bigint as total_minor,
               sum(${openAmount})::bigint as open_minor,
               coalesce(sum(${openAmount}) filter (where ${overdue}), 0)::bigint as overdue_minor
        from ${filteredInvoices} where ${join(where, ' and ')} group by i.currency order by i.currency`,
  )
  return {
    items: found.items.map(itemOf),
    next_cursor: found.next_cursor,
    sums: sums.map(({ currency, invoices, total_minor, open_minor, overdue_minor }) => {
      const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency })
      return {
        ...{ currency, invoices },
        ...{ total: money(total_minor), open: money(open_minor), overdue: money(overdue_minor) },
      }
    }),
  }
}

function itemOf({ currency, total_minor, open_minor, sent_at, ...item }: Row): InvoiceListItem {
  return {
    ...item,
    total: moneyJson({ amountMinor: total_minor, currency }),
    open: moneyJson({ amountMinor: open_minor, currency }),
    sent_at: sent_at?.toISOString() ?? null,
  }
}
