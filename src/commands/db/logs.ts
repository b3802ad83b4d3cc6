/** `db logs`: the end of the embedded server's log. */
import { Flags } from '@oclif/core'
import { serverLog } from '../../database/manage.js'
import { BaseCommand } from '../../terminal/base-command.js'

export default class DbLogs extends BaseCommand {
  static override summary = "Print the end of the embedded Postgres's log."
  static override examples = ['<%= config.bin %> db logs', '<%= config.bin %> db logs --lines 200']
  static override flags = {
    lines: Flags.integer({ char: 'l', description: 'how many lines', default: 50, min: 1, max: 10_000 }),
  }

  async run(): Promise<{ lines: string[] }> {
    const { flags } = await this.parse(DbLogs)
    return this.report(
      { lines: await serverLog(this.settings, flags.lines) },
      ({ lines }) => lines.join('\n') || 'The log is empty.',
    )
  }
}
