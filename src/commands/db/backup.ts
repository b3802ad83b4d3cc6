/** `db backup`: the whole installation in one file. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatBackup } from '../../terminal/backup-report.js'
import { backUpInstallation } from '../../workflows/back-up-installation.js'
import type { BackupJson } from '../../schemas/backup/record.js'

export default class DbBackup extends BaseCommand {
  static override summary = 'Write the control plane and every tenant into one file, without pg_dump.'
  static override description =
    'All of it is of one moment; nobody has to stop working. The file holds the hashes of passwords and tokens, invoices and payments: it is readable by you alone, and should stay so. The key that signs access tokens (keys/jwt.pem in ERPMAX_HOME) and the logins of the database server are not in it.'
  static override examples = [
    '<%= config.bin %> db backup',
    '<%= config.bin %> db backup --output /srv/backups/ --json',
  ]
  static override flags = {
    output: Flags.string({ char: 'o', description: 'the file, or a folder that is there' }),
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
  }

  async run(): Promise<{ backup: BackupJson }> {
    const { flags } = await this.parse(DbBackup)
    this.auditFailuresAs({ action: 'db.backup', kind: 'installation', subject: 'installation' })
    const ctx = await this.open('use')
    const backup = await this.follow(backUpInstallation(ctx, flags.output))
    return this.report({ backup }, formatBackup)
  }
}
