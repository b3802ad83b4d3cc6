/** What a person reads after `plan list`, `plan show` and `plan set`. */
import { formatMoney } from '../kernel/money.js'
import { formatFacts } from './format.js'
import { limitsOf } from './tier-text.js'
import { formatTable } from './table.js'
import { symbolsOf } from './symbols.js'
import type { ChangedTier, TierSettings } from '../subscriptions/tiers.js'
import type { Cycle, Tier } from '../subscriptions/catalogue.js'
import type { PriceJson } from '../views/modules.js'
import type { PlanList, PlanListItem, ShownPlan } from '../views/plans.js'
import type { Terminal } from './terminal.js'

/** @param cycle whose fees are shown; JSON has all of them */
export function formatPlans({ items }: PlanList, cycle: Cycle, { width, out }: Terminal): string {
  const currencies = [...new Set(items.flatMap(({ fees }) => fees.map(({ price }) => price.currency)))]
  return formatTable<PlanListItem>(
    items,
    [
      { title: 'Tier', value: (plan) => plan.code },
      ...currencies.map((currency) => ({
        title: `${currency}/${cycle === 'monthly' ? 'month' : 'year'}`,
        align: 'right' as const,
        value: ({ fees }: PlanListItem) => fee(fees, currency, cycle),
      })),
      {
        title: 'Modules',
        value: (plan) => plan.max_paid_modules?.toLocaleString('en-US') ?? any,
        align: 'right',
      },
      { title: 'Users', value: (plan) => plan.max_users?.toLocaleString('en-US') ?? any, align: 'right' },
      { title: 'GB', value: (plan) => plan.max_storage_gb?.toLocaleString('en-US') ?? any, align: 'right' },
      { title: 'Calls', value: (plan) => compact(plan.max_api_calls_per_month), align: 'right' },
      { title: 'Trial', value: (plan) => (plan.trial_days ? `${plan.trial_days} d` : null), align: 'right' },
      { title: 'Tenants', value: (plan) => plan.tenants, align: 'right' },
    ],
    width,
    out.bold,
  )
}

export function formatPlan({ plan }: { plan: ShownPlan }, { width, out }: Terminal): string {
  const { above, scheduled, tenants_by_status } = plan
  const statuses = Object.entries(tenants_by_status).map(([status, count]) => `${count} ${status}`)
  const facts = formatFacts(
    [
      ['Limits', limitsOf(tierOf(plan))],
      ['Trial', plan.trial_days > 0 ? `${plan.trial_days} days` : 'none'],
      ['Fees', plan.fees.map(inWords).join(', ') || 'none on file'],
      ['Tenants', plan.tenants === 0 ? 'none' : `${plan.tenants}: ${statuses.join(', ')}`],
      ['Above limits', aboveInWords(above)],
      ['Arriving', scheduled.arriving > 0 ? `${scheduled.arriving} at the end of their period` : null],
      ['Leaving', scheduled.leaving > 0 ? `${scheduled.leaving} at the end of their period` : null],
    ],
    width,
  )
  return `${out.bold(plan.code)}: ${plan.name}\n\n${facts}`
}

export function formatChangedPlan(result: ChangedTier, terminal: Terminal): string {
  const { plan, before, changed, dry_run } = result
  const { code, ...after } = plan
  if (!changed) return `${code} is like that already.`
  const sign = dry_run ? '' : `${terminal.out.green(symbolsOf(terminal).tick)} `
  const changes = Object.entries(after)
    .filter(([key, value]) => before[key as keyof TierSettings] !== value)
    .map(([key, value]): [string, string] => [
      key.replaceAll('_', ' '),
      `${shown(before[key as keyof TierSettings])} to ${shown(value)}`,
    ])
  const heading = `${sign}${terminal.out.bold(code)} ${dry_run ? 'would be changed; nothing was written' : 'is changed'}.`
  return `${heading}\n\n${formatFacts(changes, terminal.width)}`
}

function aboveInWords({ paid_modules, users, storage_gb, api_calls }: ShownPlan['above']): string | null {
  const more = [
    [paid_modules, 'modules'],
    [users, 'users'],
    [storage_gb, 'storage'],
    [api_calls, 'API calls'],
  ] as const
  const words = more.filter(([count]) => count > 0).map(([count, what]) => `${count} with more ${what}`)
  return words.join(', ') || null
}

function tierOf(plan: PlanListItem): Tier {
  const calls = plan.max_api_calls_per_month
  return { ...plan, max_api_calls_per_month: calls === null ? null : BigInt(calls) }
}

function inWords({ price, cycle }: PriceJson): string {
  const amount = formatMoney({ amountMinor: BigInt(price.amount_minor), currency: price.currency })
  return `${amount} a ${cycle === 'monthly' ? 'month' : 'year'}`
}

/** Without the currency, which stands in the column's title. */
function fee(fees: readonly PriceJson[], currency: string, cycle: Cycle): string | null {
  const found = fees.find((one) => one.cycle === cycle && one.price.currency === currency)
  if (!found) return null
  const amountMinor = BigInt(found.price.amount_minor)
  return formatMoney({ amountMinor, currency }).replace(` ${currency}`, '')
}

/** Where there is no limit. */
const any = 'any'

/** `10k`, `1M`: what is not round is written out. */
function compact(most: number | null): string {
  if (most === null) return any
  if (most % 1_000_000 === 0) return `${most / 1_000_000}M`
  return most % 1000 === 0 ? `${most / 1000}k` : most.toLocaleString('en-US')
}

function limit(most: number | null): string {
  return most === null ? 'no limit' : most.toLocaleString('en-US')
}

function shown(value: string | number | null): string {
  return typeof value === 'string' ? value : limit(value)
}
