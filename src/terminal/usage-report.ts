/** What a person reads after `usage record`, `show` and `check`. */
import { formatBytes } from './format.js'
import { symbolsOf } from './symbols.js'
import { formatTable } from './table.js'
import type { UsageRecorded } from '../subscriptions/record-usage.js'
import type { Metric } from '../subscriptions/usage-lines.js'
import type { MetricUsage, Usage, UsageCheck } from '../views/usage.js'
import type { Terminal } from './terminal.js'
import type { UsageTally } from './usage-arguments.js'

const shownFailures = 20
const names: Readonly<Record<Metric, string>> = {
  users: 'People',
  storage_bytes: 'Storage',
  api_calls: 'API calls',
}

export function formatRecorded({ record }: { record: UsageRecorded }): string {
  const { tenant, metric, quantity, key, at, recorded, dry_run } = record
  if (!recorded) return `${key} is recorded already, at ${at}: nothing changes.`
  return `${tenant}: ${quantity} ${metric} ${dry_run ? 'would be' : 'are'} recorded as ${key}, at ${at}.`
}

export function formatTallied(
  { items, recorded, already_recorded, failed, dry_run }: UsageTally,
  terminal: Terminal,
): string {
  if (items.length === 0) return 'There is nothing in it to record.'
  const { cross } = symbolsOf(terminal)
  const failures = items.filter(({ outcome }) => outcome === 'failed')
  const lines = failures
    .slice(0, shownFailures)
    .map(({ line, error }) => `${terminal.out.red(cross)} line ${line}: ${error?.message}`)
  if (failures.length > shownFailures)
    lines.push(`  and ${failures.length - shownFailures} more; --json lists every line`)
  const total = items.length === 1 ? '1 line' : `${items.length} lines`
  const parts = [
    `${recorded} ${dry_run ? 'would be recorded' : 'recorded'}`,
    already_recorded > 0 ? `${already_recorded} recorded before` : null,
    failed > 0 ? `${failed} refused` : null,
  ].filter((part) => part !== null)
  return [...lines, `${total}: ${parts.join(', ')}`].join('\n')
}

export function formatUsage({ usage }: { usage: Usage }, terminal: Terminal): string {
  const { out } = terminal
  const plan = usage.tier === null ? 'no subscription' : usage.tier
  return `${out.bold(usage.tenant)}, ${usage.month} (${usage.time_zone}), ${plan}\n\n${table(usage.metrics, terminal)}`
}

export function formatUsageCheck({ check }: { check: UsageCheck }, terminal: Terminal): string {
  const { out } = terminal
  const { tick, cross } = symbolsOf(terminal)
  const sign = check.allowed ? out.green(tick) : out.red(cross)
  return `${sign} ${check.tenant} ${words(check)}\n\n${table(check.metrics, terminal)}`
}

function words({ reason, add, metrics }: UsageCheck): string {
  if (reason === 'no_subscription') return 'has no running subscription'
  if (reason.startsWith('tenant_')) return `is ${reason.slice('tenant_'.length)}`
  const over = metrics
    .filter(({ allowed }) => !allowed)
    .map(({ metric }) => names[metric].replace(/^[PS]/, (c) => c.toLowerCase()))
  const more = add > 0n ? ` with ${grouped(add)} more` : ''
  return over.length === 0
    ? `is within its limits${more}`
    : `is over its limit of ${over.join(' and ')}${more}`
}

function table(metrics: readonly MetricUsage[], { width, out }: Terminal): string {
  const amount = (metric: Metric, value: bigint | null): string | null =>
    value === null ? null : metric === 'storage_bytes' ? formatBytes(Number(value)) : grouped(value)
  return formatTable(
    metrics,
    [
      { title: 'What', value: (one) => names[one.metric] },
      { title: 'Used', value: (one) => amount(one.metric, one.used) ?? 'unknown', align: 'right' },
      { title: 'Limit', value: (one) => amount(one.metric, one.limit) ?? 'none', align: 'right' },
      { title: '%', value: (one) => percent(one, out), align: 'right' },
      { title: 'Source', value: (one) => one.source },
    ],
    width,
    out.bold,
  )
}

function percent({ percent, used, limit }: MetricUsage, out: Terminal['out']): string | null {
  if (percent === null || used === null || limit === null) return null
  const text = percent.toFixed(1)
  return used > limit ? out.red(text) : percent >= 80 ? out.yellow(text) : text
}

/** `1,000,000`. */
function grouped(value: bigint): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}
