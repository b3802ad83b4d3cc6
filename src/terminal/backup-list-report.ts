/** The list of backups as a table. */
import { stripVTControlCharacters } from 'node:util'
import { formatBytes, formatTime } from './format.js'
import { formatColumns, type Fields } from './lists.js'
import type { Terminal } from './terminal.js'
import type { ListedBackup } from '../views/backups.js'

export const backupFields: Fields<ListedBackup> = {
  id: { title: 'Id', value: ({ id }) => id },
  tenant: { title: 'Tenant', value: ({ tenant }) => tenant ?? '(installation)', flexible: true },
  tenant_id: { title: 'Tenant id', value: ({ tenant_id }) => tenant_id },
  created_at: { title: 'Made', value: ({ created_at }) => formatTime(created_at) },
  purpose: { title: 'For', value: ({ purpose }) => purpose },
  tables: { title: 'Tables', value: ({ tables }) => tables, align: 'right' },
  rows: { title: 'Rows', value: ({ rows }) => rows.toLocaleString('en-US'), align: 'right' },
  bytes: { title: 'Size', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
  schema_version: { title: 'Schema', value: ({ schema_version }) => schema_version },
  sha256: { title: 'SHA-256', value: ({ sha256 }) => sha256, flexible: true },
  file_state: { title: 'File', value: ({ file_state }) => file_state },
  file: { title: 'Path', value: ({ file }) => file, flexible: true },
}

const usual = ['tenant', 'created_at', 'purpose', 'rows', 'bytes', 'file_state']

/** @param fields those asked for; else the usual ones, and the path in a line of its own where a column has no room for it */
export function formatBackups(
  { items }: { items: ListedBackup[] },
  { fields, tenant }: { fields: readonly string[] | undefined; tenant: string | null },
  terminal: Terminal,
): string {
  if (items.length === 0) return `There are no backups yet. Try: erpmax backup create ${tenant ?? '<tenant>'}`
  if (fields) return formatColumns(items, backupFields, fields, terminal)
  const whole = formatColumns(items, backupFields, [...usual, 'file'], { ...terminal, width: Infinity })
  const widest = Math.max(
    ...stripVTControlCharacters(whole)
      .split('\n')
      .map((line) => line.length),
  )
  if (widest <= terminal.width) return whole
  const [title, ...lines] = formatColumns(items, backupFields, usual, terminal).split('\n')
  return [title, ...lines.flatMap((line, index) => [line, terminal.out.dim(`  ${items[index]?.file}`)])].join(
    '\n',
  )
}
