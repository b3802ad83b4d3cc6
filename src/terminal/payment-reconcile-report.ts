/** What a person reads from `payment reconcile`: each item as it comes, and what it came to. */
import { hanging } from './format.js'
import { counted, moneyText } from './money-text.js'
import { symbolsOf } from './symbols.js'
import type { ReconciledItem } from '../payments/reconcile/item.js'
import type { ReconciledPayments } from '../payments/reconcile/reconcile.js'
import type { Terminal } from './terminal.js'

/** Of those that say less than a person needs. */
const words: Readonly<Record<string, string>> = {
  'checkout.open': 'there is a link after all',
  'checkout.failed': 'was never made',
  'checkout.absent': 'is not known there any more',
  'checkout.closed': 'its amount is not what is open: closed',
  'checkout.asked_again': 'is to be asked for again',
  'checkout.payment_pending': 'is paid, and the bank takes its time',
  'checkout.other_mode': 'is of the other mode, test or live, than the keys',
  'payment.absent': 'is here and not there',
  'payment.booked': 'was there and not here: booked',
  'payment.overpaid': 'was there and not here: booked, a part to the credit balance',
  'payment.to_balance': 'was there and not here: booked to the credit balance',
  'payment.amount_differs': 'is of another amount there',
  'payment.status_differs': 'came in here, and not there',
  'payment.refunded_differs': 'was given back there by another sum than here',
  'payment.wrong_amount': 'is there, of an amount nobody was asked for: not booked',
  'payment.wrong_currency': 'is there, in another currency than its invoice: not booked',
  'payment.outcome_unknown': 'is still unknown: the provider failed at it',
  'invoice.unknown': 'is there, and belongs to no invoice here',
  'refund.absent': 'is here and not there',
  'refund.asked_again': 'is to be asked for again',
  'refund.booked': 'was made at the provider: booked',
  'refund.wrong_amount': 'is of another amount there than was ordered here',
  'refund.exceeds_payment': 'is more than is left of its payment here',
  'refund.credit_used': 'was overpaid, and has paid other invoices since: not booked',
  'refund.reopened_invoice': 'was made at the provider without a credit note: its invoice is open again',
}

export function formatReconciledItem(item: ReconciledItem, terminal: Terminal): string {
  const { out, width } = terminal
  const { tick, cross } = symbolsOf(terminal)
  const { provider, kind, amount, invoice, tenant, provider_id, id, outcome, settled, detail } = item
  const what = [`${kind} ${provider_id ?? id ?? ''} at ${provider}`, amount && moneyText(amount)]
  const whose = invoice ? `for ${invoice}${tenant ? ` of ${tenant}` : ''}` : tenant
  const heading = [...what, whose].filter(Boolean).join(', ')
  const said = words[outcome] ?? outcome.split('.').slice(1).join(' ').replaceAll('_', ' ')
  const more = [said, detail && `(${detail})`].filter(Boolean).join(' ')
  return [
    `${settled ? out.green(tick) : out.red(cross)} ${hanging(heading, 2, width)}`,
    `  ${hanging(`${more}; ${outcome}`, 2, width)}`,
  ].join('\n')
}

export function formatReconciledPayments(
  result: ReconciledPayments,
  { out, err: _, ...terminal }: Terminal,
): string {
  const { checked, settled, left, providers, dry_run } = result
  const asked = providers.map(({ provider, live, error }) =>
    error ? `${provider}: ${error.message}` : live ? provider : `${provider} (test mode)`,
  )
  const looked = [
    counted(checked.checkouts, 'checkout'),
    counted(checked.payments + checked.provider_payments, 'payment'),
    counted(checked.refunds + checked.provider_refunds, 'refund'),
  ]
  const lines = [`Asked: ${asked.join('; ')}`, `Looked at, in both books: ${looked.join(', ')}`]
  const none = settled + left === 0
  const verdict = none
    ? out.green('Both books agree.')
    : `${settled} ${dry_run ? 'would be settled' : 'settled'}, ${left === 0 ? 'nothing left' : out.red(`${left} left for a person`)}.`
  return [...lines.map((line) => hanging(line, 2, terminal.width)), verdict].join('\n')
}
