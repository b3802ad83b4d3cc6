/** What a person reads of refunds: after `payment refund`, and in `payment show`. */
import { nothingWritten, standingText } from './correction-report.js'
import { formatFacts, formatTime } from './format.js'
import { moneyText } from './money-text.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { MoneyJson } from '../kernel/money.js'
import type { DisputeJson } from '../payments/read-disputes.js'
import type { RefundJson } from '../payments/refunds/read-refund.js'
import type { Refunded } from '../payments/refunds/refund-payment.js'
import type { Terminal } from './terminal.js'

export function formatRefunded(result: Refunded, terminal: Terminal): string {
  const { refund, credit_note: note, payment, invoice, changed, dry_run, credit_balance } = result
  const some = (money: MoneyJson): string | null => (money.amount_minor === 0 ? null : moneyText(money))
  const { amount, charged, reopened } = refund
  const overpaid = {
    ...amount,
    amount_minor: amount.amount_minor - charged.amount_minor - reopened.amount_minor,
  }
  const facts = formatFacts(
    [
      ['Given back', `${moneyText(amount)} of ${moneyText(payment.amount)}`],
      ['Of', `${payment.invoice ?? 'no invoice'}, ${payment.tenant}, by ${payment.provider}`],
      ['Status', dry_run ? null : paintState(refund.status, terminal.out)],
      [
        'Credit note',
        note && `${note.number ?? '(next)'}, ${moneyText(note.total)}${note.taxed ? '' : ' without tax'}`,
      ],
      ['Of earlier credits', note ? null : some(charged)],
      ['Overpaid', some(overpaid)],
      ['Open again', some(reopened)],
      ['Invoice', invoice && standingText(invoice, terminal)],
      ['Balance now', some(credit_balance)],
      ['Reason', refund.reason],
      ['Next', nextOf(result)],
      ['Id', dry_run ? null : refund.id],
    ],
    terminal.width,
  )
  if (dry_run) return `${facts}\n${nothingWritten}`
  return changed ? facts : `${facts}\nIt was given back before; nothing was done.`
}

function nextOf({ refund, payment, dry_run }: Refunded): string | null {
  if (payment.provider === 'manual') return 'this is a record alone: pay it back to the customer by hand'
  if (dry_run || refund.status !== 'pending') return null
  return `${payment.provider} is at it; erpmax payment reconcile asks how it ended`
}

/** Of an instant, in UTC: an hour would only suggest that there is time until then. */
function dayOf(at: string | null): string | null {
  return at && formatTime(at).slice(0, 10)
}

/** Oldest first. */
export function formatDisputes(disputes: readonly DisputeJson[], { width, out }: Terminal): string {
  return formatTable(
    disputes,
    [
      { title: 'Opened', value: (one) => one.opened_on },
      { title: 'Status', value: (one) => paintState(one.status, out) },
      { title: 'Its id', value: (one) => one.provider_dispute_id },
      { title: 'Reason', value: (one) => one.reason?.replaceAll('_', ' ') ?? null, flexible: true },
      {
        title: 'Answer by',
        value: (one) => (one.status === 'open' ? dayOf(one.respond_by) : null),
      },
      { title: 'Amount', value: (one) => moneyText(one.amount), align: 'right' },
    ],
    width,
    out.dim,
  )
}

/** Oldest first. */
export function formatRefunds(refunds: readonly RefundJson[], { width, out }: Terminal): string {
  return formatTable(
    refunds,
    [
      { title: 'Day', value: (one) => one.refunded_on },
      { title: 'Status', value: (one) => paintState(one.status, out) },
      { title: 'Credit note', value: (one) => one.credit_note },
      { title: 'Reason', value: (one) => one.reason, flexible: true },
      { title: 'Amount', value: (one) => moneyText(one.amount), align: 'right' },
    ],
    width,
    out.dim,
  )
}
