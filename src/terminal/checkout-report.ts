/** What a person reads of checkouts: after `payment checkout`, and in `invoice show` and `payment show`. */
import { nothingWritten } from './correction-report.js'
import { formatFacts, formatTime } from './format.js'
import { moneyText } from './money-text.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { CheckoutJson } from '../payments/checkout/read-checkout.js'
import type { OpenedCheckout } from '../payments/checkout/open-checkout.js'
import type { Terminal } from './terminal.js'

/** The link is the first line and stands alone, so that it can be copied. */
export function formatOpenedCheckout(
  { checkout, created, dry_run, replaced }: OpenedCheckout,
  { width }: Terminal,
): string {
  const { invoice, tenant, provider, amount, url, expires_at, live, attempt, reference } = checkout
  const facts = formatFacts(
    [
      ['For', `${invoice} of ${tenant}, ${moneyText(amount)}`],
      ['At', `${provider}${live ? '' : ', test mode: no money moves'}`],
      ['Until', expires_at && formatTime(expires_at)],
      [
        'Link',
        dry_run ? (created ? 'would be made' : 'is open already') : created ? 'made now' : 'was open already',
      ],
      [
        'Closed',
        replaced === null ? null : dry_run ? 'the one that is open would be' : 'the one that was open',
      ],
      ['Reference', `${reference} (attempt ${attempt})`],
    ],
    width,
  )
  if (dry_run) return `${facts}\n${nothingWritten}`
  return `${url ?? ''}\n\n${facts}`
}

/** Oldest first, the link of the open one under the table. */
export function formatCheckouts(checkouts: readonly CheckoutJson[], { width, out }: Terminal): string {
  const table = formatTable(
    checkouts,
    [
      { title: 'Made', value: (one) => formatTime(one.created_at) },
      { title: 'Provider', value: (one) => (one.live ? one.provider : `${one.provider} (test)`) },
      { title: 'Status', value: (one) => paintState(one.status, out) },
      { title: 'Until', value: (one) => (one.status === 'open' ? formatTime(one.expires_at) : null) },
      { title: 'Amount', value: (one) => moneyText(one.amount), align: 'right' },
    ],
    width,
    out.dim,
  )
  const link = checkouts.find(({ url }) => url !== null)?.url
  return link ? `${table}\n${link}` : table
}
