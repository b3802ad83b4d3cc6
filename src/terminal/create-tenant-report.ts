/** What a person reads after `tenant create`. */
import { formatMoney } from '../kernel/money.js'
import { formatFacts } from './format.js'
import { symbolsOf } from './symbols.js'
import type { CreatedTenant } from '../workflows/create-tenant.js'
import type { PlannedTenant } from '../workflows/create-tenant-result.js'
import type { SubscriptionJson } from '../subscriptions/read.js'
import type { Terminal } from './terminal.js'

export function formatCreatedTenant(result: CreatedTenant | PlannedTenant, terminal: Terminal): string {
  const { out } = terminal
  const { tenant, schema, subscription, admin } = result
  const heading =
    'dry_run' in result
      ? `${out.bold(tenant.subdomain)} would be created; nothing was written.`
      : result.created
        ? `${out.green(symbolsOf(terminal).tick)} Tenant ${out.bold(tenant.subdomain)} is ${tenant.status}.`
        : `Tenant ${out.bold(tenant.subdomain)} is there already, and ${tenant.status}.`
  const facts = formatFacts([
    ['Company', tenant.legal_name],
    [
      'Schema',
      `${schema.name}, ${schema.table_count} tables${schema.duration_ms === null ? '' : `, built in ${schema.duration_ms} ms`}`,
    ],
    ['Plan', subscription && planOf(subscription)],
    ['Charged', subscription && chargeOf(subscription)],
    ['Owner', admin && `${admin.email} (${admin.membership_status})`],
  ])
  const lines = [heading, '', facts]
  if ('access_token' in result && result.access_token)
    lines.push('', `Access token, 30 minutes, shown once:`, result.access_token)
  if ('invitation_url' in result && result.invitation_url) {
    const purpose = admin?.membership_status === 'invited' ? 'to accept' : 'to set a password'
    const mailed = result.invitation_mailed ? `, mailed to ${admin?.email}` : ''
    lines.push('', `Link ${purpose}, 7 days, shown once${mailed}:`, result.invitation_url)
  }
  lines.push('', 'Next:', ...result.next.map((command) => `  ${out.cyan(command)}`))
  return lines.join('\n')
}

function planOf({ tier, cycle, items }: Omit<SubscriptionJson, 'id'>): string {
  const modules = items.filter((item) => item.kind === 'module').map((item) => item.code)
  return `${tier}, ${cycle}: ${modules.join(', ')}`
}

function chargeOf({
  per_period,
  cycle,
  trial_ends_on,
  next_billing_on,
}: Omit<SubscriptionJson, 'id'>): string {
  const amount = formatMoney({ amountMinor: BigInt(per_period.amount_minor), currency: per_period.currency })
  const each = `${amount} ${cycle === 'monthly' ? 'a month' : 'a year'}`
  if (per_period.amount_minor === 0) return 'nothing'
  return trial_ends_on
    ? `${each}, from ${trial_ends_on} when the trial ends`
    : `${each}, due ${next_billing_on}`
}
