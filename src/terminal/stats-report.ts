/** What a person reads from `tenant stats`. */
import { formatMoney, type MoneyJson } from '../kernel/money.js'
import { formatTable, type Column } from './table.js'
import type { Flow } from '../views/stats/flows.js'
import type { CurrencyRevenue, Recurring } from '../views/stats/revenue.js'
import type { Stats } from '../views/stats/read.js'
import type { Terminal } from './terminal.js'

export function formatStats({ stats }: { stats: Stats }, terminal: Terminal): string {
  const { tenants, as_of, revenue, modules, churn } = stats
  const { out } = terminal
  if (tenants.total + tenants.deleted === 0) return `There is no tenant on ${as_of}.`
  const states = [listed(tenants.by_status), listed({ deleted: tenants.deleted })].filter(Boolean)
  const heading = `${out.bold(counted(tenants.total, 'tenant'))} on ${as_of}: ${states.join('; ')}`
  const sections = [
    ['Tiers', tiersTable(tenants.by_tier, terminal)],
    ['Recurring revenue', revenue.length > 0 ? revenueTable(revenue, terminal) : 'none'],
    ['Modules', modulesTable(modules, terminal)],
    ['Customers', churnTable(churn, terminal)],
  ] as const
  return [heading, ...sections.map(([title, body]) => `${out.bold(title)}\n${body}`)].join('\n\n')
}

function tiersTable(tiers: Stats['tenants']['by_tier'], { width, out }: Terminal): string {
  return formatTable(
    tiers,
    [
      { title: 'Tier', value: ({ tier }) => tier ?? 'none' },
      { title: 'Tenants', value: ({ total }) => total, align: 'right' },
      { title: 'States', value: ({ by_status }) => listed(by_status) || null, flexible: true },
    ],
    width,
    out.dim,
  )
}

function revenueTable(revenue: readonly CurrencyRevenue[], { width, out }: Terminal): string {
  const lines = revenue.flatMap((one) => [
    { part: one.currency, ...sumsOf(one) },
    ...(one.trials.tenants > 0 ? [{ part: 'if trials stay', ...sumsOf(one.trials) }] : []),
    ...(one.paused.tenants > 0 ? [{ part: 'paused', ...sumsOf(one.paused) }] : []),
  ])
  return formatTable(
    lines,
    [
      { title: 'Currency', value: ({ part }) => part },
      { title: 'Tenants', value: ({ tenants }) => tenants, align: 'right' },
      { title: 'MRR', value: ({ mrr }) => money(mrr), align: 'right' },
      { title: 'ARR', value: ({ arr }) => money(arr), align: 'right' },
    ],
    width,
    out.dim,
  )
}

function sumsOf({ tenants, mrr, arr }: Recurring): Recurring {
  return { tenants, mrr, arr }
}

function modulesTable(modules: Stats['modules'], { width, out }: Terminal): string {
  return formatTable(
    modules,
    [
      { title: 'Module', value: ({ module }) => module },
      { title: 'Name', value: ({ name }) => name, flexible: true },
      { title: 'Tenants', value: ({ tenants }) => tenants, align: 'right' },
      { title: 'Share', value: ({ share_percent }) => percent(share_percent), align: 'right' },
      { title: 'In trial', value: ({ trialing }) => trialing, align: 'right' },
    ],
    width,
    out.dim,
  )
}

function churnTable({ by_month, last_30_days, last_90_days }: Stats['churn'], terminal: Terminal): string {
  const count = (title: string, value: (flow: Flow) => number): Column<Flow & { name: string }> => ({
    title,
    value,
    align: 'right',
  })
  const flows = [
    ...by_month.map((flow) => ({ name: flow.month, ...flow })),
    { name: 'last 30 days', ...last_30_days },
    { name: 'last 90 days', ...last_90_days },
  ]
  const table = formatTable(
    flows,
    [
      { title: 'Period', value: ({ name }) => name },
      count('At start', (flow) => flow.at_start),
      count('New', (flow) => flow.new),
      count('Back', (flow) => flow.returned),
      count('Lost', (flow) => flow.lost),
      count('At end', (flow) => flow.at_end),
      { title: 'Churn', value: ({ churn_percent }) => percent(churn_percent), align: 'right' },
    ],
    terminal.width,
    terminal.out.dim,
  )
  if (last_90_days.lost === 0) return table
  const { returned, ...gone } = last_90_days.lost_by
  const became = listed({ ...gone, ...(returned > 0 ? { 'back again': returned } : {}) })
  return `${table}\nOf the ${last_90_days.lost} lost in the last 90 days: ${became}.`
}

/** `10 active, 2 suspended` */
function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function percent(value: number | null): string | null {
  return value === null ? null : `${value.toFixed(1)} %`
}

function money({ amount_minor, currency }: MoneyJson): string {
  return formatMoney({ amountMinor: BigInt(amount_minor), currency })
}
