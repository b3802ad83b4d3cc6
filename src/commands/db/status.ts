/** `db status`: which database, and whether the embedded server runs. */
import { serverStatus, type ServerJson } from '../../database/manage.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatServer } from '../../terminal/server-report.js'

export default class DbStatus extends BaseCommand {
  static override summary = 'Say which database erpmax runs on and whether the embedded server is up.'
  static override description =
    'Starts nothing and connects to nothing; for reach, versions and limits use doctor.'
  static override examples = ['<%= config.bin %> db status', '<%= config.bin %> db status --json']

  async run(): Promise<{ server: ServerJson }> {
    await this.parse(DbStatus)
    return this.report({ server: serverStatus(this.settings) }, formatServer)
  }
}
