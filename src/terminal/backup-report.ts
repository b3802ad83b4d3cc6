/** What people read of backups: one that was made, the list, what a file holds and what is wrong with it. */
import { formatBytes, formatFacts, formatTime } from './format.js'
import type { Terminal } from './terminal.js'
import type { BackupJson } from '../schemas/backup/record.js'

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
