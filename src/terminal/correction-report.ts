/** What a person reads after `invoice void`, `invoice credit` and `billing close`. */
import { formatFacts, formatTime } from './format.js'
import { counted, daysText, moneyText } from './money-text.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { ClosedMonth, ClosedMonthResult } from '../billing/book/close-month.js'
import type { CreditedInvoice, CreditNoteJson } from '../billing/book/credit-invoice.js'
import type { VoidedInvoice } from '../billing/book/void-invoice.js'
import type { InvoiceStanding } from '../billing/book/standing.js'
import type { Terminal } from './terminal.js'

export const nothingWritten = 'dry run: nothing was written'

export function formatVoided(result: VoidedInvoice, { out, width }: Terminal): string {
  const { invoice, changed, dry_run, released, reason } = result
  const heading = !changed ? 'is void already' : dry_run ? 'would be void' : 'is void'
  const facts = formatFacts(
    [
      ['Tenant', invoice.tenant],
      ['Reason', reason],
      ['Total', moneyText(invoice.total)],
      ['Back in balance', released.amount_minor > 0 ? moneyText(released) : null],
      ['Suspension', result.suspension_lifted ? lifted(dry_run) : null],
      [
        'Next',
        changed ? `the next run bills its days anew: erpmax invoice generate ${invoice.tenant}` : null,
      ],
    ],
    width,
  )
  return `${out.bold(invoice.number)} ${heading}.\n${facts}`
}

export function formatCredited(result: CreditedInvoice, terminal: Terminal): string {
  const { credit_note: note, invoice, dry_run } = result
  const facts = formatFacts(
    [
      ['Credit note', dry_run ? `(next), ${nothingWritten}` : note.number],
      ['Of', `${note.invoice} to ${note.tenant}`],
      ['Issued on', note.issue_date],
      ['Reason', note.reason],
      ['Tax', note.taxed ? moneyText(note.tax) : 'stays as it was invoiced: a commercial credit'],
      ['Total', moneyText(note.total)],
      ['Lowers the invoice', note.applied.amount_minor > 0 ? moneyText(note.applied) : null],
      ['To credit balance', note.to_balance.amount_minor > 0 ? moneyText(note.to_balance) : null],
      ['Invoice', standingText(invoice, terminal)],
      ['Suspension', result.suspension_lifted ? lifted(dry_run) : null],
    ],
    terminal.width,
  )
  return `${facts}\n\n${lineTable(note, terminal)}`
}

/** `open, 1,180.00 INR to come in`. */
export function standingText({ status, open }: InvoiceStanding, { out }: Terminal): string {
  return open.amount_minor > 0
    ? `${paintState(status, out)}, ${moneyText(open)} to come in`
    : paintState(status, out)
}

export function lifted(dryRun: boolean): string {
  return dryRun ? 'would be lifted: nothing is overdue any more' : 'lifted: nothing is overdue any more'
}

function lineTable({ lines }: CreditNoteJson, { width, out }: Terminal): string {
  return formatTable(
    lines,
    [
      { title: 'Line', value: ({ description }) => description, flexible: true },
      { title: 'Days', value: ({ from, to }) => from && to && daysText({ from, to }) },
      { title: 'Net', value: ({ amount }) => moneyText(amount), align: 'right' },
    ],
    width,
    out.bold,
  )
}

export function formatClosed(
  { closed_month: { month, ...counts }, changed, dry_run }: ClosedMonthResult,
  { out }: Terminal,
): string {
  const heading = !changed ? 'is closed already' : dry_run ? 'would be closed' : 'is closed'
  const content = `${counted(counts.invoices, 'invoice')}, ${counted(counts.credit_notes, 'credit note')}`
  return `${out.bold(month)} ${heading}: ${content}.`
}

export function formatMonths({ items }: { items: readonly ClosedMonth[] }, { width, out }: Terminal): string {
  if (items.length === 0) return 'No month is closed.'
  return formatTable<ClosedMonth>(
    items,
    [
      { title: 'Month', value: ({ month }) => month },
      { title: 'Closed', value: ({ closed_at }) => formatTime(closed_at) },
      { title: 'By', value: ({ operator }) => operator, flexible: true },
      { title: 'Invoices', value: ({ invoices }) => invoices, align: 'right' },
      { title: 'Credit notes', value: ({ credit_notes }) => credit_notes, align: 'right' },
    ],
    width,
    out.bold,
  )
}
