/** What a person reads after `tenant show` and `tenant check`. */
import { formatMoney } from '../kernel/money.js'
import { dunningFacts } from './dunning-report.js'
import { formatBytes, formatDuration, formatFacts, formatTime, unbreakable } from './format.js'
import { settingText } from './lifecycle-report.js'
import { counted } from './money-text.js'
import { paintJobState, paintState } from './states.js'
import { formatTable } from './table.js'
import type { MoneyJson } from '../kernel/money.js'
import type { SubscriptionJson } from '../subscriptions/read.js'
import type { DeletionJson } from '../tenants/read.js'
import type { SubdomainCheck } from '../tenants/subdomain.js'
import type { DunningJson } from '../views/dunning.js'
import type { JobListItem } from '../views/jobs.js'
import type { Person, ShownSchema, ShownTenant } from '../views/tenant.js'
import type { Terminal } from './terminal.js'

export function formatTenant(shown: ShownTenant, terminal: Terminal): string {
  const { tenant, schema, subscription, dunning, people, jobs } = shown
  const { out } = terminal
  const cause = tenant.suspension_cause ? ` by ${tenant.suspension_cause}` : ''
  const heading = `${out.bold(tenant.subdomain)} is ${paintState(tenant.status, out)}${cause}`
  return [
    heading,
    formatCompany(tenant, terminal),
    section('Schema', formatSchema(schema, terminal), terminal),
    section('Subscription', subscription ? formatSubscription(subscription, terminal) : 'none', terminal),
    ...(dunning ? [section('Unpaid', formatUnpaid(dunning, terminal), terminal)] : []),
    section('People', people.length > 0 ? formatPeople(people, terminal) : 'nobody', terminal),
    section('Last jobs', jobs.length > 0 ? formatLastJobs(jobs, terminal) : 'none', terminal),
  ].join('\n\n')
}

function section(title: string, body: string, { out }: Terminal): string {
  return `${out.bold(title)}\n${body}`
}

function formatCompany(tenant: ShownTenant['tenant'], { width }: Terminal): string {
  const address = [tenant.address_line1, tenant.address_line2, tenant.postal_code, tenant.city]
  const place = tenant.state ? `${tenant.country}-${tenant.state}` : tenant.country
  return formatFacts(
    [
      ['Name', tenant.name],
      ['Legal name', tenant.legal_name === tenant.name ? null : tenant.legal_name],
      ['Industry', tenant.industry],
      ['Size', tenant.company_size && `${tenant.company_size} people`],
      ['Address', address.filter((part) => part).join(', ')],
      ['Place', `${place}, ${tenant.time_zone}, ${tenant.currency}, ${tenant.language}`],
      ['GSTIN', tenant.gstin],
      ['GST', tenant.gst_treatment],
      ['VAT id', tenant.vat_id],
      ['Bills go to', tenant.status === 'deleted' ? null : tenant.billing_email],
      ['Suspended', suspension(tenant)],
      ['Archived', archived(tenant)],
      ['Deleted', tenant.deletion && deletion(tenant.deletion)],
      ['Last export', tenant.deletion?.export_sha256],
      ['Created', formatTime(tenant.created_at)],
      ['Activated', tenant.activated_at && formatTime(tenant.activated_at)],
      ['Id', tenant.id],
      ['Settings', settings(tenant.settings)],
    ],
    width,
  )
}

/** `chargeback, since 2026-02-10 09:00:00Z; invoices go on` */
function suspension(tenant: ShownTenant['tenant']): string | null {
  if (!tenant.suspended_at) return null
  const invoices = tenant.suspension_bills ? 'invoices go on' : 'no invoices'
  return `${tenant.suspension_reason ?? 'no reason given'}, since ${formatTime(tenant.suspended_at)}; ${invoices}`
}

function archived({ archived_at, deletable_on }: ShownTenant['tenant']): string | null {
  if (!archived_at) return null
  return `${formatTime(archived_at)}${deletable_on ? `; can be deleted from ${deletable_on} on` : ''}`
}

function deletion({ deleted_at, operator, tables_dropped }: DeletionJson): string {
  return `${formatTime(deleted_at)} by ${operator}, with ${tables_dropped} tables`
}

function settings(all: Record<string, unknown>): string {
  return Object.entries(all)
    .map(([key, value]) => `${key}=${settingText(value)}`)
    .join(', ')
}

function formatSchema(schema: ShownSchema, { out, width }: Terminal): string {
  const modules = schema.modules.map(({ code, tables, expected }) =>
    tables === expected
      ? `${code}${unbreakable}${tables}`
      : code === null
        ? `${tables} of no module`
        : `${code} ${tables} of ${expected}`,
  )
  const state = paintState(schema.state, out)
  if (schema.state === 'absent') return `${schema.name} is ${state}`
  return formatFacts(
    [
      ['Name', schema.name],
      ['State', schema.state === 'whole' ? state : `${state} from what this program builds`],
      ['Size', `${schema.table_count} tables, ${formatBytes(schema.size_bytes)}`],
      ['Version', schema.version],
      ['Fingerprint', schema.fingerprint],
      ['Tables', modules.join(', ')],
    ],
    width,
  )
}

function formatSubscription(subscription: SubscriptionJson, terminal: Terminal): string {
  const { tier, cycle, status, per_period, trial_ends_on, next_billing_on, items } = subscription
  const each = `${money(per_period)} ${cycle === 'monthly' ? 'a month' : 'a year'}`
  const facts = formatFacts([
    ['Plan', `${tier}, ${cycle}, ${paintState(status, terminal.out)}`],
    ['Trial', status === 'trialing' ? `until ${trial_ends_on}` : null],
    ['Charged', per_period.amount_minor === 0 ? 'nothing' : `${each}, next on ${next_billing_on}`],
  ])
  const table = formatTable(
    items,
    [
      { title: 'Item', value: (item) => item.code },
      { title: 'Name', value: (item) => item.name, flexible: true },
      { title: 'Price', value: (item) => money(item.price), align: 'right' },
      { title: 'From', value: (item) => item.from },
      ...(items.some((item) => item.to)
        ? [{ title: 'To', value: (item: (typeof items)[number]) => item.to }]
        : []),
    ],
    terminal.width,
    terminal.out.dim,
  )
  return `${facts}\n${table}`
}

function formatUnpaid(dunning: DunningJson, { width }: Terminal): string {
  const { invoice, counted_from, days } = dunning
  const late = days > 0 ? `${counted(days, 'day')} late, due ${counted_from}` : 'due today'
  return formatFacts([['Earliest', `${invoice}, ${late}`], ...dunningFacts(dunning)], width)
}

function money({ amount_minor, currency }: MoneyJson): string {
  return formatMoney({ amountMinor: BigInt(amount_minor), currency })
}

function formatPeople(people: readonly Person[], { width, out }: Terminal): string {
  return formatTable(
    people,
    [
      { title: 'E-mail', value: (person) => person.email, flexible: true },
      { title: 'Name', value: (person) => person.full_name, flexible: true },
      { title: 'Role', value: (person) => person.role },
      {
        title: 'Status',
        value: ({ status, user_status }) =>
          paintState(user_status === 'disabled' ? user_status : status, out),
      },
      { title: 'Since', value: (person) => person.since.slice(0, 10) },
    ],
    width,
    out.dim,
  )
}

function formatLastJobs(jobs: readonly JobListItem[], { width, out }: Terminal): string {
  return formatTable(
    jobs,
    [
      { title: 'Id', value: (job) => job.id.slice(0, 8) },
      { title: 'Kind', value: (job) => job.kind },
      { title: 'Status', value: (job) => paintJobState(job, out) },
      { title: 'Begun', value: (job) => formatTime(job.started_at ?? job.created_at) },
      {
        title: 'Took',
        value: (job) => (job.duration_ms === null ? null : formatDuration(job.duration_ms)),
        align: 'right',
      },
      ...(jobs.some((job) => job.error_code)
        ? [{ title: 'Error', value: (job: JobListItem) => job.error_code, flexible: true }]
        : []),
    ],
    width,
    out.dim,
  )
}

/** `tenant check`: yes or no, why, and what else one might take. */
export function formatCheck({ check }: { check: SubdomainCheck }, { out }: Terminal): string {
  if (check.available)
    return `${out.green('✔')} ${out.bold(check.subdomain)} is free\n  erpmax tenant create ${check.subdomain} --name <company> --admin-email <e-mail>`
  const why = check.reason === 'malformed' ? `"${check.subdomain}": ${check.message}` : check.message
  const lines = [`${out.red('✖')} ${why}`]
  if (check.alternatives.length > 0) lines.push(`  Free: ${check.alternatives.join(', ')}`)
  return lines.join('\n')
}
