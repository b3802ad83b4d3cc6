/** What a person reads before `tenant create` does anything: every answer, what it costs and from when. */
import { formatMoney } from '../kernel/money.js'
import { findIndianState } from '../tenants/indian-states.js'
import { period } from './module-picker.js'
import type { MoneyJson } from '../kernel/money.js'
import type { PlannedTenant } from '../workflows/create-tenant.js'
import type { FileAnswers } from './create-tenant-input.js'
import type { Looks } from './prompter.js'

/** Flags in the order in which a person would type them; the subdomain comes before them all. */
const flagOrder = [
  ...['name', 'legal-name', 'industry', 'size', 'country', 'state', 'gstin', 'gst-treatment', 'vat-id'],
  ...['billing-email', 'address-line1', 'address-line2', 'city', 'postal-code', 'time-zone', 'language'],
  ...['admin-email', 'admin-name', 'currency', 'cycle', 'modules', 'tier', 'trial-days'],
]

export function formatReview(plan: PlannedTenant, hasPassword: boolean, { paint, width }: Looks): string {
  const { tenant, schema, subscription, admin } = plan
  const invited = admin.membership_status === 'invited'
  const way = invited ? 'invited, has an account' : hasPassword ? 'with a password' : 'by invitation link'
  const facts: [string, string][] = [
    ['Company', tenant.name],
    ['Subdomain', tenant.subdomain],
    ['Schema', `${schema.name}, ${schema.table_count} tables`],
    ['Country', [tenant.country, stateName(tenant.country, tenant.state)].filter(Boolean).join(', ')],
    ...(tenant.gstin ? ([['GSTIN', tenant.gstin]] as [string, string][]) : []),
    ...(tenant.vat_id ? ([['VAT id', tenant.vat_id]] as [string, string][]) : []),
    ['Time zone', tenant.time_zone],
    ['Owner', `${admin.full_name} <${admin.email}>, ${way}`],
    ['Plan', `${subscription.tier}, ${subscription.cycle}, ${subscription.currency}`],
  ]
  const lines = facts.map(([name, value]) => `  ${name.padEnd(nameWidth)}${value}`)
  return [
    '',
    paint.bold('Review'),
    ...lines,
    ...costOf(subscription, width()),
    ...(subscription.trial_ends_on ? [`  ${'Trial'.padEnd(nameWidth)}to ${subscription.trial_ends_on}`] : []),
    `  ${'First charge'.padEnd(nameWidth)}${firstCharge(subscription)}`,
    '',
  ].join('\n')
}

const nameWidth = 14

/** One line for each thing that is paid for, amounts in one column, the sum below them. */
function costOf({ items, per_period, cycle }: PlannedTenant['subscription'], width: number): string[] {
  const amounts = [...items.map((item) => money(item.price)), money(per_period)]
  const amountWidth = Math.max(...amounts.map((amount) => amount.length))
  const label = Math.min(
    Math.max(...items.map((item) => item.name.length)),
    width - nameWidth - amountWidth - 4,
  )
  const line = (name: string, what: string, amount: string): string =>
    `  ${name.padEnd(nameWidth)}${what.padEnd(label)}  ${amount.padStart(amountWidth)}`
  return [
    ...items.map((item, index) => line(index === 0 ? 'Subscribed' : '', item.name, money(item.price))),
    line('Total', `${cycle === 'monthly' ? 'monthly' : 'annual'}, before tax`, money(per_period)),
  ]
}

function firstCharge({
  per_period,
  trial_ends_on,
  next_billing_on,
  cycle,
}: PlannedTenant['subscription']): string {
  if (per_period.amount_minor === 0) return 'none: it costs nothing'
  const when = trial_ends_on ? trial_ends_on : `${next_billing_on}, at once`
  return `${money(per_period)} ${period(cycle === 'annual' ? 'annual' : 'monthly')} on ${when}`
}

function money({ amount_minor, currency }: MoneyJson): string {
  return formatMoney({ amountMinor: BigInt(amount_minor), currency })
}

function stateName(country: string, state: string | null): string | null {
  return country === 'IN' && state ? (findIndianState(state)?.name ?? state) : state
}

/** The command that answers everything by itself, on one line: for the next time, or to continue an interrupted run. */
export function commandFor(answers: FileAnswers, hasPassword: boolean): string {
  const flags = flagOrder
    .filter((flag) => answers[flag] !== undefined && answers[flag] !== '')
    .map((flag) => `--${flag} ${quoted(String(answers[flag]))}`)
  const command = ['erpmax tenant create', quoted(String(answers.subdomain)), ...flags].join(' ')
  return hasPassword ? `echo "$PASSWORD" | ${command} --password-stdin` : command
}

/** As a POSIX shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
