/** `backup list`: what was backed up, newest first. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { backupFields, formatBackups } from '../../terminal/backup-list-report.js'
import { fieldsFlag, pageFlags, withFields } from '../../terminal/lists.js'
import { listBackups, type ListedBackup } from '../../views/backups.js'
import type { Page } from '../../database/keyset.js'

export default class BackupList extends BaseCommand {
  static override summary = 'List backups, newest first, and say which files are missing.'
  static override description =
    'Those of every tenant and of the whole installation; a file that lies on another machine counts as missing here. Whether a file is as it was written only backup verify tells.'
  static override examples = [
    '<%= config.bin %> backup list',
    '<%= config.bin %> backup list acme --limit 5 --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id; without it all of them' }) }
  static override flags = { fields: fieldsFlag(backupFields), ...pageFlags }

  async run(): Promise<Page<ListedBackup>> {
    const { args, flags } = await this.parse(BackupList)
    const ctx = await this.open('use')
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = withFields(await listBackups(ctx, args.tenant ?? null, page), flags.fields)
    return this.reportList(list, (shown, terminal) =>
      formatBackups(shown, { fields: flags.fields, tenant: args.tenant ?? null }, terminal),
    )
  }
}
