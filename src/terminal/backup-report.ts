/** What people read of backups: one that was made, the list, what a file holds and what is wrong with it. */
import { formatBytes, formatFacts, formatTime, hanging } from './format.js'
import type { Terminal } from './terminal.js'
import type { BackupJson } from '../schemas/backup/record.js'
import type { Problem } from '../schemas/backup/walk.js'
import type { BackupVerdict } from '../workflows/verify-backup.js'
import type { RestoredInstallation } from '../workflows/restore-installation.js'
import type { PlannedRestore, RestoredTenant } from '../workflows/restore-tenant.js'

export function formatBackup({ backup }: { backup: BackupJson }, { width }: Terminal): string {
  return formatFacts(
    [
      ['File', backup.file],
      ['Size', formatBytes(backup.bytes)],
      ['Holds', `${counted(backup.rows, 'row')} in ${counted(backup.tables, 'table')}`],
      ['Schema', backup.schema_version],
      ['Made', formatTime(backup.created_at)],
      ['SHA-256', backup.sha256],
    ],
    width,
  )
}

/** For a line of many. */
export function formatBackupLine({ file, bytes, rows }: BackupJson): string {
  return `${counted(rows, 'row')}, ${formatBytes(bytes)}, ${file}`
}

/** `1 row`, `600,000 rows`. */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}

const tenantsShown = 20
const problemsShown = 10

export function formatVerdictOfBackup({ backup }: { backup: BackupVerdict }, terminal: Terminal): string {
  const { out, width } = terminal
  const isNone = backup.problems[0]?.problem === 'mark'
  const headline = backup.ok
    ? `${out.green('whole')}  ${backup.file}`
    : `${out.red(isNone ? 'no backup' : 'damaged')}  ${backup.file}: ${counted(backup.problems.length, 'problem')}`
  const facts = formatFacts(
    [
      ['Of', whose(backup)],
      ['Made', backup.created_at && formatTime(backup.created_at)],
      [
        'By',
        backup.program_version && `erpmax ${backup.program_version} on Postgres ${backup.server_version}`,
      ],
      ['Size', formatBytes(backup.bytes)],
      ['Holds', backup.scope && `${counted(backup.rows, 'row')} in ${counted(backup.tables, 'table')}`],
      ['SHA-256', backup.sha256],
    ],
    width,
  )
  return [headline, '', facts, ...formatProblems(backup.problems, terminal)].join('\n')
}

/** Each with its place: the section, and the byte. */
export function formatProblems(problems: readonly Problem[], { out, width }: Terminal): string[] {
  if (problems.length === 0) return []
  const shown = problems.slice(0, problemsShown).map(({ offset, section, message }) => {
    const place = `${out.red(`byte ${offset.toLocaleString('en-US')}`)}${section ? ` in ${section}` : ''}`
    return `  ${place}\n    ${hanging(message, 4, width)}`
  })
  const more = problems.length - shown.length
  return ['', ...shown, ...(more > 0 ? [`  and ${more} more; --json lists them`] : [])]
}

function whose({ scope, tenants }: BackupVerdict): string | null {
  if (scope === null) return null
  const names = tenants.map(({ subdomain }) => subdomain)
  if (scope === 'tenant') return names[0] ?? 'a tenant'
  const shown = names.slice(0, tenantsShown).join(', ')
  const more = names.length > tenantsShown ? ` and ${names.length - tenantsShown} more` : ''
  return `the whole installation: ${counted(names.length, 'tenant')}${names.length > 0 ? `, ${shown}${more}` : ''}`
}

export function formatRestored(
  { dry_run, created, tenant, backup, subscription, invitations, next }: RestoredTenant | PlannedRestore,
  { width }: Terminal,
): string {
  const what = created
    ? `${tenant.subdomain} ${dry_run ? 'would be made' : 'is made'} of ${backup.tenant}`
    : `${tenant.subdomain} ${dry_run ? 'would be' : 'is'} as it was`
  const facts = formatFacts(
    [
      ['Tenant', `${what}, ${formatTime(backup.created_at)}`],
      ['State', dry_run ? null : tenant.status],
      ['Schema', tenant.schema],
      ['Data', `${counted(backup.rows, 'row')} in ${counted(backup.tables, 'table')}`],
      ['Had', subscription && created ? [subscription.tier, ...subscription.modules].join(', ') : null],
      ...invitations.map(({ email, invitation_url }) => [`Invite`, `${email} ${invitation_url}`] as const),
    ],
    width,
  )
  return dry_run ? facts : [facts, '', 'Next:', ...next.map((command) => `  ${command}`)].join('\n')
}

export function formatRestoredInstallation(
  { installation }: { installation: RestoredInstallation },
  { width }: Terminal,
): string {
  const { dry_run, backup, tenants, replaced, skipped, next } = installation
  const facts = formatFacts(
    [
      ['Installation', `${dry_run ? 'would be' : 'is'} as it was, ${formatTime(backup.created_at)}`],
      ['Tenants', counted(tenants, 'tenant')],
      ['Data', `${counted(backup.rows, 'row')} in ${counted(backup.tables, 'table')}`],
      ['Replaced', replaced > 0 ? counted(replaced, 'tenant') : null],
      ['Unfinished', skipped.join(', ')],
    ],
    width,
  )
  return dry_run ? facts : [facts, '', 'Next:', ...next.map((command) => `  ${command}`)].join('\n')
}
