/** What a person reads after `audit list`. */
import { formatTime } from './format.js'
import { formatColumns, type Fields } from './lists.js'
import { paintState } from './states.js'
import type { Page } from '../database/keyset.js'
import type { AuditListItem } from '../views/audit.js'
import type { Terminal } from './terminal.js'

/** Each column reads the field of its own name alone: with `--fields` the others are not there. */
export const auditFields: Fields<AuditListItem> = {
  at: { title: 'At', value: (entry) => formatTime(entry.at) },
  operator: { title: 'Operator', value: (entry) => entry.operator, flexible: true },
  os_user: { title: 'OS user', value: (entry) => entry.os_user },
  host: { title: 'Host', value: (entry) => entry.host, flexible: true },
  ci_job: { title: 'CI job', value: (entry) => entry.ci_job },
  action: { title: 'Action', value: (entry) => entry.action },
  subject_kind: { title: 'Of', value: (entry) => entry.subject_kind },
  subject: { title: 'Subject', value: (entry) => entry.subject, flexible: true },
  tenant_id: { title: 'Tenant id', value: (entry) => entry.tenant_id },
  outcome: { title: 'Outcome', value: (entry) => entry.outcome },
  error_code: { title: 'Error', value: (entry) => entry.error_code, flexible: true },
  before: { title: 'Before', value: (entry) => compact(entry.before), flexible: true },
  after: { title: 'After', value: (entry) => compact(entry.after), flexible: true },
  id: { title: 'Id', value: (entry) => entry.id },
}

const usual = ['at', 'operator', 'action', 'subject', 'outcome']

export function formatAudit(
  { items }: Page<AuditListItem>,
  fields: readonly string[] | undefined,
  terminal: Terminal,
): string {
  if (items.length === 0) return 'Nothing in the audit log matches.'
  const painted = items.map((entry) =>
    entry.outcome ? { ...entry, outcome: paintState(entry.outcome, terminal.out) } : entry,
  )
  return formatColumns(
    painted,
    auditFields,
    fields ?? (items.some((entry) => entry.error_code) ? [...usual, 'error_code'] : usual),
    terminal,
  )
}

function compact(record: Record<string, unknown> | null): string | null {
  return record && JSON.stringify(record)
}
