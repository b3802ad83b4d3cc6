/** `backup verify`: is the file as it was written? */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatVerdictOfBackup } from '../../terminal/backup-report.js'
import { verifyBackup, type BackupVerdict } from '../../workflows/verify-backup.js'

export default class BackupVerify extends BaseCommand {
  static override summary = 'Read a backup to its end and say whether every byte is as it was written.'
  static override description =
    'Checks each block, the hash and the number of rows of each table, and that nothing is missing or added; says where what is wrong lies. Needs no database. Exits 0 when it is whole, 1 when it is not.'
  static override examples = [
    '<%= config.bin %> backup verify /srv/backups/acme.erpmax-backup',
    '<%= config.bin %> backup verify /srv/backups/acme.erpmax-backup --json',
  ]
  static override args = { file: Args.string({ description: 'the backup', required: true }) }
  static override flags = {
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
  }

  async run(): Promise<{ backup: BackupVerdict }> {
    const { args } = await this.parse(BackupVerify)
    const backup = await this.follow(verifyBackup({ signal: this.interruption() }, args.file))
    if (!backup.ok) this.endAs('failure')
    return this.report({ backup }, formatVerdictOfBackup)
  }
}
