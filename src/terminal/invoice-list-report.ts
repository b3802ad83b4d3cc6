/** What a person reads after `invoice list`. */
import { formatColumns, type Fields } from './lists.js'
import { formatTime } from './format.js'
import { counted, daysText, moneyText } from './money-text.js'
import { paintState } from './states.js'
import type { InvoiceList, InvoiceListItem } from '../views/invoices.js'
import type { Terminal } from './terminal.js'

/** Each column reads the field of its own name alone: with `--fields` the others are not there. */
export const invoiceFields: Fields<InvoiceListItem> = {
  number: { title: 'Number', value: (invoice) => invoice.number, whole: true },
  tenant: { title: 'Tenant', value: (invoice) => invoice.tenant, flexible: true },
  kind: { title: 'Kind', value: (invoice) => invoice.kind },
  period: { title: 'Days', value: (invoice) => invoice.period && daysText(invoice.period) },
  status: { title: 'Status', value: (invoice) => invoice.status },
  issue_date: { title: 'Issued', value: (invoice) => invoice.issue_date },
  due_date: { title: 'Due', value: (invoice) => invoice.due_date },
  days_overdue: { title: 'Late', value: (invoice) => invoice.days_overdue, align: 'right' },
  total: { title: 'Total', value: (invoice) => moneyText(invoice.total), align: 'right' },
  open: { title: 'Open', value: (invoice) => moneyText(invoice.open), align: 'right' },
  sent_at: { title: 'Sent', value: (invoice) => formatTime(invoice.sent_at) },
  id: { title: 'Id', value: (invoice) => invoice.id },
}

const usual = ['number', 'tenant', 'status', 'due_date', 'total', 'open']
const roomy = [
  'number',
  'tenant',
  'period',
  'status',
  'issue_date',
  'due_date',
  'days_overdue',
  'total',
  'open',
]
const roomyWidth = 120

export function formatInvoices(
  { items }: InvoiceList,
  { fields, filtered }: { fields: readonly string[] | undefined; filtered: boolean },
  terminal: Terminal,
): string {
  if (items.length === 0)
    return filtered
      ? 'No invoice matches.'
      : 'There is no invoice yet. See what is due: erpmax invoice generate --all -n'
  const { out } = terminal
  const painted = items.map((invoice) => ({
    ...invoice,
    ...(invoice.status ? { status: paintState(invoice.status, out) } : {}),
    ...(invoice.due_date && invoice.days_overdue ? { due_date: out.red(invoice.due_date) } : {}),
  }))
  return formatColumns(
    painted,
    invoiceFields,
    fields ?? (terminal.width < roomyWidth ? usual : roomy),
    terminal,
  )
}

/** `12 invoices, 5,88,000.00 INR, open 1,20,000.00 INR, overdue 20,000.00 INR`; a line for each currency. */
export function sumsOf({ sums }: InvoiceList): string | null {
  if (sums.length === 0) return null
  return sums
    .map(({ invoices, total, open, overdue }) => {
      const parts = [counted(invoices, 'invoice'), moneyText(total), `open ${moneyText(open)}`]
      if (overdue.amount_minor > 0) parts.push(`overdue ${moneyText(overdue)}`)
      return parts.join(', ')
    })
    .join('\n')
}
