/** `db url`: the connection URL, password included. */
import { databaseUrl } from '../../database/manage.js'
import { BaseCommand } from '../../terminal/base-command.js'

export default class DbUrl extends BaseCommand {
  static override summary = 'Print the URL of the database, password included, for psql and other programs.'
  static override examples = [
    'psql "$(<%= config.bin %> db url)"',
    'DATABASE_URL=$(<%= config.bin %> db url) node my-script.js',
  ]

  async run(): Promise<{ url: string }> {
    await this.parse(DbUrl)
    return this.report({ url: await databaseUrl(this.settings) }, ({ url }) => url)
  }
}
