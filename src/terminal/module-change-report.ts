/** What a person reads after `module subscribe`, `unsubscribe` and `quote`: what changed, the lines, what a period costs. */
import { formatMoney, type MoneyJson } from '../kernel/money.js'
import { wrapText } from './format.js'
import { formatTable } from './table.js'
import type { Quote, QuoteLine } from '../billing/quote.js'
import type { SubscribedModules } from '../workflows/subscribe-modules.js'
import type { QuotedModules } from '../workflows/quote-modules.js'
import type { UnsubscribedModules } from '../workflows/unsubscribe-modules.js'
import type { Terminal } from './terminal.js'

export function formatSubscribed(result: SubscribedModules, terminal: Terminal): string {
  const { tenant, modules, dry_run, changed, subscription, quote } = result
  const would = dry_run ? 'would ' : ''
  const has = dry_run ? 'would have' : 'has'
  const lines = modules.map(({ name, outcome, from, to }) => {
    if (outcome === 'added') return `${tenant.subdomain} ${has} ${name} from ${from} on.`
    if (outcome === 'kept')
      return `${name} ${would}${dry_run ? 'stay' : 'stays'}: it is not removed any more.`
    return `${tenant.subdomain} has ${name} already${to ? `, until ${to}` : ''}.`
  })
  const trial = subscription?.trial_ends_on ?? null
  const first = result.modules.find(({ outcome }) => outcome === 'added')?.from ?? null
  const inTrial = trial !== null && first !== null && first < trial
  const cycle = subscription?.cycle ?? 'monthly'
  return [
    ...lines.flatMap((line) => wrapText(line, terminal.width)),
    ...(changed
      ? costs(
          quote,
          cycle,
          terminal,
          inTrial ? `Nothing is charged before ${trial}, when the trial ends` : null,
        )
      : []),
    ...nothingWritten(dry_run),
  ].join('\n')
}

export function formatUnsubscribed(result: UnsubscribedModules, terminal: Terminal): string {
  const { tenant, modules, dry_run, subscription, quote, on } = result
  const removed = modules.filter(({ outcome }) => outcome === 'removed')
  const ends = (name: string, to: string | null): string =>
    `${name} ${dry_run ? 'would end' : 'ends'}: ${to} is the first day without it.`
  const lines = modules.map(({ name, outcome, to }) => {
    if (outcome === 'removed') return ends(name, to)
    return to === null
      ? `${tenant.subdomain} does not have ${name}.`
      : `${name} ends already: ${to} is the first day without it.`
  })
  const again = ['erpmax module subscribe', tenant.subdomain, ...removed.map(({ code }) => code)].join(' ')
  return [
    ...lines.flatMap((line) => wrapText(line, terminal.width)),
    ...(removed.length > 0 ? costs(quote, subscription?.cycle ?? 'monthly', terminal, null) : []),
    ...(result.scheduled && !dry_run ? [`Until ${on} it can be taken back: ${again}`] : []),
    ...nothingWritten(dry_run),
  ].join('\n')
}

export function formatQuoted(result: QuotedModules, terminal: Terminal): string {
  const { tenant, added, removed, unchanged, add_on, remove_on, period, cycle, quote } = result
  const what = [
    ...(added.length > 0 ? [`with ${added.join(', ')} from ${add_on} on`] : []),
    ...(removed.length > 0 ? [`without ${removed.join(', ')} from ${remove_on} on`] : []),
  ]
  const lines = [
    ...(what.length > 0 ? [`${tenant.subdomain} ${what.join(', ')}.`] : []),
    ...(unchanged.length > 0 ? [`So already: ${unchanged.join(', ')}.`] : []),
  ]
  return [
    ...lines.flatMap((line) => wrapText(line, terminal.width)),
    ...costs(quote, cycle, terminal, period ? null : 'Nothing is charged inside the trial'),
  ].join('\n')
}

/** @param noneReason why there is no line, where that needs saying */
function costs(quote: Quote, cycle: string, terminal: Terminal, noneReason: string | null): string[] {
  const { lines, now, per_period } = quote
  const each = `${money(per_period)} ${cycle === 'annual' ? 'a year' : 'a month'} from the next period on, before tax.`
  if (lines.length === 0)
    return ['', `${noneReason ?? 'Nothing is charged now'}. ${each}`].flatMap((line) =>
      wrapText(line, terminal.width),
    )
  const table = formatTable<QuoteLine | null>(
    [...lines, null],
    [
      { title: 'Line', value: (line) => line?.description ?? 'Now, before tax', flexible: true },
      { title: 'From', value: (line) => line?.from ?? '' },
      { title: 'To', value: (line) => line?.to ?? '' },
      {
        title: now.currency,
        align: 'right',
        value: (line) => amount(line ? line.amount_minor : BigInt(now.amount_minor), now.currency),
      },
    ],
    terminal.width,
    terminal.out.dim,
  )
  return ['', table, '', ...wrapText(each, terminal.width)]
}

function nothingWritten(dryRun: boolean): string[] {
  return dryRun ? ['', 'Nothing was written.'] : []
}

function money({ amount_minor, currency }: MoneyJson): string {
  return formatMoney({ amountMinor: BigInt(amount_minor), currency })
}

/** Without the currency, which stands in the column's title. */
function amount(amountMinor: bigint, currency: string): string {
  return formatMoney({ amountMinor, currency }).replace(` ${currency}`, '')
}
