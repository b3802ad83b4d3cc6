/** What a person reads after a tenant was suspended, resumed, archived, unarchived, changed or deleted, and its history. */
import { formatFacts, formatTime } from './format.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { MovedTenant } from '../tenants/change-state.js'
import type { HistoryItem, TenantHistory } from '../views/tenant-history.js'
import type { ArchivedTenant } from '../workflows/archive-tenant.js'
import type { DeletedTenant } from '../workflows/delete-tenant.js'
import type { UpdatedTenant } from '../workflows/update-tenant.js'
import type { Terminal } from './terminal.js'

/** After the subdomain: `is suspended now`, `would be archived`, `is active already`. */
export function formatMoveLine({ changed, from, tenant: { status }, dry_run }: MovedTenant): string {
  if (!changed) return `is ${status} already`
  if (from === status)
    return dry_run ? `would stay ${status}, with this reason` : `is ${status} still, with this reason`
  return dry_run ? `would be ${status}` : `is ${status} now`
}

export function formatMove(moved: MovedTenant | ArchivedTenant, { out, width }: Terminal): string {
  const { tenant, changed, dry_run } = moved
  const backup = 'backup' in moved ? moved.backup : null
  const invoices = tenant.suspension_bills ? 'go on' : 'stop until it is resumed'
  const facts = formatFacts(
    [
      ['Reason', tenant.suspension_reason],
      ['Invoices', tenant.suspension_cause && invoices],
      ['Export', backup?.file],
      ['SHA-256', backup?.sha256],
      ['Deletion', tenant.deletable_on && `possible from ${tenant.deletable_on} on`],
      ['Back', changed && !dry_run ? wayBack(tenant) : null],
    ],
    width,
  )
  const heading = `${out.bold(tenant.subdomain)} ${formatMoveLine(moved)}.`
  return facts === '' ? heading : `${heading}\n${facts}`
}

function wayBack({ status, subdomain, suspension_cause }: MovedTenant['tenant']): string | null {
  if (status === 'archived') return `erpmax tenant unarchive ${subdomain}`
  return suspension_cause === 'operator' ? `erpmax tenant resume ${subdomain}` : null
}

export function formatUpdated(
  { tenant, changed, before, after, dry_run }: UpdatedTenant,
  { out, width }: Terminal,
): string {
  if (!changed) return `${out.bold(tenant.subdomain)} is so already: nothing to change.`
  const lines = Object.keys(after).flatMap((key) =>
    key === 'settings'
      ? settingLines(before.settings, after.settings)
      : [{ name: key.replaceAll('_', ' '), before: shown(before[key]), after: shown(after[key]) }],
  )
  const table = formatTable(
    lines,
    [
      { title: 'What', value: (line) => line.name },
      { title: 'Before', value: (line) => line.before, flexible: true },
      { title: 'After', value: (line) => line.after, flexible: true },
    ],
    width,
    out.bold,
  )
  return `${out.bold(tenant.subdomain)} ${dry_run ? 'would be' : 'is'} changed.\n${table}`
}

interface ChangedLine {
  name: string
  before: string | null
  after: string | null
}

/** Only the keys that differ. */
function settingLines(before: unknown, after: unknown): ChangedLine[] {
  const old = new Map(Object.entries(before as object))
  const now = new Map(Object.entries(after as object))
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((key) => ({
      name: `settings ${key}`,
      before: settingText(old.get(key)),
      after: settingText(now.get(key)),
    }))
    .filter((line) => line.before !== line.after)
}

/** A text is shown as it is unless it would be taken for something else: `5` and `"5"` are two things. */
export function settingText(value: unknown): string | null {
  if (value === undefined) return null
  return typeof value === 'string' && !/^[-\d"{[]|^(true|false|null)$/.test(value) && value !== ''
    ? value
    : JSON.stringify(value)
}

function shown(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}

/** After the subdomain. */
export function formatDeletedLine({ changed, dry_run, deletion }: DeletedTenant): string {
  if (!changed) return 'is deleted already'
  const people = (deletion?.users_deleted ?? 0) + (deletion?.users_anonymised ?? 0)
  const what = `${deletion?.tables_dropped ?? 0} tables, ${people === 1 ? '1 person' : `${people} people`}`
  return dry_run ? `would be deleted: ${what}` : `is deleted: ${what}`
}

export function formatDeleted(result: DeletedTenant, { out, width }: Terminal): string {
  const { tenant, deletion } = result
  const heading = `${out.bold(tenant.subdomain)} ${formatDeletedLine(result)}.`
  if (!deletion) return heading
  const others = deletion.memberships_removed - deletion.users_deleted - deletion.users_anonymised
  const facts = formatFacts(
    [
      ['Deleted', result.changed ? null : `${formatTime(deletion.deleted_at)} by ${deletion.operator}`],
      ['Schema', deletion.schema_name],
      ['Kept', others > 0 ? `${others} of its people, who belong to other tenants` : null],
      ['Last export', deletion.export_sha256 ?? 'none'],
      ['Id', tenant.id],
    ],
    width,
  )
  return `${heading}\n${facts}`
}

/** Who an operator was, the last column says. */
function reasonOf({ cause, reason }: HistoryItem): string | null {
  return cause === 'billing' ? `billing: ${reason ?? 'no reason given'}` : reason
}

export function formatHistory({ tenant, items }: TenantHistory, { out, width }: Terminal): string {
  if (items.length === 0) return `Nothing is on record of ${tenant.subdomain}.`
  return formatTable<HistoryItem>(
    items,
    [
      { title: 'At', value: (item) => formatTime(item.at) },
      { title: 'From', value: (item) => item.from },
      { title: 'To', value: (item) => paintState(item.to, out) },
      { title: 'Reason', value: (item) => reasonOf(item), flexible: true },
      { title: 'By', value: (item) => item.operator, flexible: true },
    ],
    width,
    out.bold,
  )
}
