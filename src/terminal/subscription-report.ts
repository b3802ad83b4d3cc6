/** What a person reads after `subscription show` and `subscription history`. */
import { formatMoney, type MoneyJson } from '../kernel/money.js'
import { formatFacts, formatTime } from './format.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { OverviewItem, ScheduledChangeJson, SubscriptionOverview } from '../billing/overview.js'
import type { SubscriptionHistory, SubscriptionHistoryItem } from '../views/subscription.js'
import type { Terminal } from './terminal.js'

export function formatSubscription(
  { subscription }: { subscription: SubscriptionOverview },
  terminal: Terminal,
): string {
  const { out, width } = terminal
  const { tenant, status, tier, cycle, items, scheduled_changes, pending_adjustments } = subscription
  const title = (text: string, body: string): string => `${out.bold(text)}\n${body}`
  const sections = [
    `${out.bold(tenant)}: ${tier}, ${cycle}, ${paintState(status, out)}`,
    formatFacts(factsOf(subscription), width),
    items.length > 0 ? title('Items', formatItems(subscription, terminal)) : null,
    scheduled_changes.length > 0 ? title('Scheduled', formatScheduled(subscription, terminal)) : null,
    pending_adjustments.length > 0
      ? title('Given up, to be credited where it was charged', formatAdjustments(subscription, terminal))
      : null,
    status === 'cancelled' ? `Begin anew: ${out.cyan(`erpmax subscription start ${tenant}`)}` : null,
  ]
  return sections.filter((section) => section !== null).join('\n\n')
}

/** A short form for results of commands that changed something. */
export function factsOf(subscription: SubscriptionOverview): [string, string | null][] {
  const { status, cancel_on, current_period, trial_ends_on, anchor_date, started_on } = subscription
  const over = status === 'cancelled'
  return [
    ['Trial', status === 'trialing' ? `until ${trial_ends_on}, the first day that is charged` : null],
    ['Period', current_period && `${current_period.from} to ${current_period.to}`],
    ['Next bill', nextBillOf(subscription)],
    ['Each period', over ? null : money(subscription.per_period)],
    ['Ends', cancel_on && !over ? `on ${cancel_on}: held until the day before` : null],
    ['Ended', over ? cancel_on : null],
    ['Since', `${started_on}, billing dates counted from ${anchor_date}`],
    ['Id', subscription.id],
  ]
}

function nextBillOf(subscription: SubscriptionOverview): string | null {
  const { next_billing_on, next_amount, cancel_on, current_period } = subscription
  if (next_billing_on === null || (cancel_on !== null && cancel_on <= next_billing_on))
    return 'none, nothing is left to be billed'
  if (next_amount === null) return `${next_billing_on}, a price is not on file`
  const due = current_period !== null && next_billing_on < current_period.to ? 'due since ' : ''
  return `${due}${next_billing_on}, ${next_amount.amount_minor === 0 ? 'nothing to pay' : `${money(next_amount)} before tax`}`
}

/** A price that is another one from the next period on stands beside the one of today. */
function formatItems(
  { items, current_period, anchor_date }: SubscriptionOverview,
  { width, out }: Terminal,
): string {
  const moves = items.some(
    ({ price, next_price }) => next_price && next_price.amount_minor !== price.amount_minor,
  )
  return formatTable(
    items,
    [
      { title: 'Item', value: (item) => item.code },
      { title: 'Name', value: (item) => item.name, flexible: true },
      { title: 'Price', value: (item) => money(item.price), align: 'right' },
      ...(moves
        ? [
            {
              title: `From ${current_period?.to ?? anchor_date}`,
              value: ({ next_price }: OverviewItem) => next_price && money(next_price),
              align: 'right' as const,
            },
          ]
        : []),
      { title: 'From', value: (item) => item.from },
      ...(items.some((item) => item.to)
        ? [{ title: 'To', value: (item: (typeof items)[number]) => item.to }]
        : []),
    ],
    width,
    out.dim,
  )
}

function formatScheduled({ scheduled_changes }: SubscriptionOverview, { width, out }: Terminal): string {
  return formatTable<ScheduledChangeJson>(
    scheduled_changes,
    [
      { title: 'Id', value: (change) => change.id.slice(0, 8) },
      { title: 'On', value: (change) => change.effective_on },
      { title: 'Change', value: (change) => changeInWords(change), flexible: true },
      ...(scheduled_changes.some((change) => change.reason)
        ? [{ title: 'Reason', value: (change: ScheduledChangeJson) => change.reason, flexible: true }]
        : []),
    ],
    width,
    out.dim,
  )
}

function formatAdjustments({ pending_adjustments }: SubscriptionOverview, { width, out }: Terminal): string {
  return formatTable(
    pending_adjustments,
    [
      { title: 'Item', value: (one) => one.code },
      { title: 'From', value: (one) => one.from },
      { title: 'To', value: (one) => one.to },
      { title: 'Credit', value: (one) => one.credit && money(one.credit), align: 'right' },
    ],
    width,
    out.dim,
  )
}

/** Below this width reasons are left to `--json`. */
const roomForReasons = 100

export function formatHistory({ items }: SubscriptionHistory, { width, out }: Terminal): string {
  if (items.length === 0) return 'Nothing has happened to a subscription of this tenant.'
  return formatTable<SubscriptionHistoryItem>(
    items,
    [
      { title: 'At', value: (item) => formatTime(item.at).slice(0, 16) },
      { title: 'Change', value: (item) => changeInWords(item), flexible: true },
      { title: 'From', value: (item) => item.effective_on },
      { title: 'Status', value: (item) => paintState(item.status, out) },
      { title: 'By', value: (item) => item.operator },
      ...(width >= roomForReasons && items.some((item) => item.reason)
        ? [{ title: 'Reason', value: (item: SubscriptionHistoryItem) => item.reason, flexible: true }]
        : []),
    ],
    width,
    out.bold,
  )
}

/** `PROFESSIONAL to STARTER`, `crm removed`. */
export function changeInWords({
  kind,
  module,
  before,
  after,
}: {
  kind: string
  module: string | null
  before: Record<string, unknown>
  after: Record<string, unknown>
}): string {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '?')
  switch (kind) {
    case 'start':
      return `begun: ${text(after.tier)}, ${text(after.cycle)}`
    case 'tier':
    case 'cycle':
      return `${text(before[kind])} to ${text(after[kind])}`
    case 'add_module':
      return `${module} added`
    case 'remove_module':
      return `${module} removed`
    case 'cancel':
      return 'cancelled'
    case 'resume':
      return 'cancellation withdrawn'
    case 'extend_trial':
      return `trial until ${text(after.trial_ends_on)}`
    case 'end_trial':
      return 'trial ended'
    default:
      return kind
  }
}

export function money({ amount_minor, currency }: MoneyJson): string {
  return formatMoney({ amountMinor: BigInt(amount_minor), currency })
}
