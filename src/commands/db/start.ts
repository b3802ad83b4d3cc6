/** `db start`: the embedded server, made where it is missing. */
import { startServer, type ServerJson } from '../../database/manage.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatServer } from '../../terminal/server-report.js'
import { withSpinner } from '../../terminal/spinner.js'

export default class DbStart extends BaseCommand {
  static override summary =
    'Start the embedded Postgres, making it and the control plane where they are missing.'
  static override description =
    'It stops by itself when nobody has used it for ten minutes (ERPMAX_PG_IDLE, in seconds; 0 never).'
  static override examples = [
    '<%= config.bin %> db start',
    'ERPMAX_HOME=/srv/erpmax <%= config.bin %> db start --json',
  ]

  async run(): Promise<{ server: ServerJson }> {
    await this.parse(DbStart)
    const server = await withSpinner('Starting Postgres', this.terminal, () => startServer(this.settings))
    return this.report({ server }, formatServer)
  }
}
