/** What a person reads after a command that changed a subscription, or would. */
import { formatMoney } from '../kernel/money.js'
import { formatFacts } from './format.js'
import { changeInWords, factsOf, money } from './subscription-report.js'
import { symbolsOf } from './symbols.js'
import { formatTable } from './table.js'
import type { SubscriptionOverview } from '../billing/overview.js'
import type { Quote } from '../billing/quote.js'
import type { AppliedToTenant } from '../workflows/apply-subscriptions.js'
import type { CancelledSubscription, ResumedSubscription } from '../workflows/cancel-subscription.js'
import type { ChangedSubscription, SubscriptionChangeJson } from '../workflows/change-subscription.js'
import type { ExtendedTrial } from '../workflows/extend-trial.js'
import type { StartedSubscription } from '../workflows/start-subscription.js'
import type { WithdrawnChange } from '../workflows/withdraw-change.js'
import type { Terminal } from './terminal.js'

export function formatChange(result: ChangedSubscription, terminal: Terminal): string {
  const { changes, quote, subscription, dry_run } = result
  const lines = changes.map((change) => sentenceOf(change, dry_run))
  return report(lines, result, terminal, quote, subscription)
}

function sentenceOf(change: SubscriptionChangeJson, dryRun: boolean): string {
  const { kind, module, outcome, from, to, effective_on } = change
  if (kind === 'remove_module') return `${module} ${dryRun ? 'would end' : 'ends'} today, with the period`
  const what = kind === 'tier' ? 'Tier' : 'Cycle'
  switch (outcome) {
    case 'applied':
      return `${what}: ${to} instead of ${from}, from ${effective_on} on`
    case 'scheduled':
      return `${what}: ${to} instead of ${from} at the end of the period, on ${effective_on}`
    case 'withdrawn':
      return `${what}: ${from} stays, the scheduled change is withdrawn`
    case 'unchanged':
      return effective_on === null
        ? `${what}: it is ${from} already`
        : `${what}: ${to} on ${effective_on} is scheduled already`
  }
}

export function formatCancellation(result: CancelledSubscription, terminal: Terminal): string {
  const { changed, dry_run, ends_on, quote, subscription } = result
  const { tenant, status } = subscription
  const ended = status === 'cancelled'
  const verb = ended ? (dry_run ? 'would end' : 'ended') : dry_run ? 'would end' : 'ends'
  const sentence = changed
    ? `The subscription of ${tenant} ${verb} on ${ends_on}${ended ? '' : ', and is held until then'}`
    : `The subscription of ${tenant} ${ended ? 'ended' : 'ends'} on ${ends_on} already`
  return report([sentence], result, terminal, quote, subscription)
}

export function formatResumed(result: ResumedSubscription, terminal: Terminal): string {
  const { subscription, dry_run } = result
  const sentence = `The subscription of ${subscription.tenant} ${dry_run ? 'would go on' : 'goes on'}`
  return report([sentence], { ...result, changed: true }, terminal, null, subscription)
}

export function formatWithdrawn(result: WithdrawnChange, terminal: Terminal): string {
  const { change, changed, dry_run, subscription } = result
  const what = `${changeInWords(change)} on ${change.effective_on}`
  const verb = changed ? (dry_run ? 'would be withdrawn' : 'is withdrawn') : 'was withdrawn already'
  return report([`${what}: ${verb}`], result, terminal, null, subscription)
}

export function formatExtended(result: ExtendedTrial, terminal: Terminal): string {
  const { changed, dry_run, subscription } = result
  const { tenant, trial_ends_on } = subscription
  const verb = changed ? (dry_run ? 'would last' : 'lasts') : 'lasts already'
  return report(
    [`The trial of ${tenant} ${verb} until ${trial_ends_on}`],
    result,
    terminal,
    null,
    subscription,
  )
}

export function formatStarted(result: StartedSubscription, terminal: Terminal): string {
  const { dry_run, subscription } = result
  const { tenant, tier, cycle, items } = subscription
  const modules = items.filter((item) => item.kind === 'module').map((item) => item.code)
  const sentence = `${tenant} ${dry_run ? 'would have' : 'has'} a subscription: ${tier}, ${cycle}: ${modules.join(', ')}`
  return report([sentence], { ...result, changed: true }, terminal, null, subscription)
}

/** What happened to one tenant of many, in a line. */
export function formatApplied({ changes }: AppliedToTenant): string {
  if (changes.length === 0) return 'nothing is due'
  return changes.map((change) => `${changeInWords(change)} on ${change.effective_on}`).join('; ')
}

function report(
  sentences: readonly string[],
  { changed, dry_run }: { changed: boolean; dry_run: boolean },
  terminal: Terminal,
  quote: Quote | null,
  subscription: SubscriptionOverview,
): string {
  const { out, width } = terminal
  const sign = changed && !dry_run ? `${out.green(symbolsOf(terminal).tick)} ` : ''
  const facts = factsOf(subscription).filter(([name]) => name !== 'Id' && name !== 'Since')
  return [
    sentences.map((sentence) => `${sign}${sentence}.`).join('\n'),
    quote && quote.lines.length > 0 ? formatQuote(quote, terminal) : null,
    formatFacts(
      [
        ['Now', quote && quote.lines.length > 0 ? `${money(quote.now)} before tax` : null],
        ...facts.map(([name, value]): [string, string | null] =>
          name === 'Each period' ? [name, perPeriodOf(quote, subscription)] : [name, value],
        ),
      ],
      width,
    ),
    dry_run ? 'Nothing was written.' : null,
  ]
    .filter((part) => part !== null && part !== '')
    .join('\n\n')
}

/** After what was decided; nothing to say of what is to end. */
function perPeriodOf(quote: Quote | null, { cancel_on, per_period }: SubscriptionOverview): string | null {
  return cancel_on === null ? money(quote?.per_period ?? per_period) : null
}

function formatQuote({ lines, now }: Quote, { width, out }: Terminal): string {
  return formatTable(
    lines,
    [
      { title: 'Line', value: (line) => line.description, flexible: true },
      { title: 'From', value: (line) => line.from },
      { title: 'To', value: (line) => line.to },
      {
        title: 'Amount',
        value: (line) => formatMoney({ amountMinor: line.amount_minor, currency: now.currency }),
        align: 'right',
      },
    ],
    width,
    out.dim,
  )
}
