/** `db stop`: the embedded server. */
import { stopEmbedded, type ServerJson } from '../../database/manage.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatServer } from '../../terminal/server-report.js'
import { withSpinner } from '../../terminal/spinner.js'

export default class DbStop extends BaseCommand {
  static override summary =
    'Stop the embedded Postgres; what is open is rolled back. Stopping a stopped one is fine.'
  static override examples = ['<%= config.bin %> db stop', '<%= config.bin %> db stop --json']

  async run(): Promise<{ server: ServerJson & { stopped: boolean } }> {
    await this.parse(DbStop)
    const server = await withSpinner('Stopping Postgres', this.terminal, () => stopEmbedded(this.settings))
    return this.report({ server }, formatServer)
  }
}
