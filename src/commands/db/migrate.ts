/** `db migrate`: the control plane at this program's version. */
import { Flags } from '@oclif/core'
import { migrate, type Migrated } from '../../operations/migrate.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { withSpinner } from '../../terminal/spinner.js'

export default class DbMigrate extends BaseCommand {
  static override summary = 'Apply the pending migrations of the control plane.'
  static override description =
    'On the embedded server this happens by itself; on a Postgres of yours only here, or where --migrate is given.'
  static override examples = ['<%= config.bin %> db migrate --dry-run', '<%= config.bin %> db migrate --json']
  static override flags = {
    'dry-run': Flags.boolean({ char: 'n', description: 'say what is pending, apply nothing' }),
  }

  async run(): Promise<{ migrations: Migrated }> {
    const { flags } = await this.parse(DbMigrate)
    const ctx = await this.open(flags['dry-run'] ? 'bare' : 'migrate')
    const migrations = await withSpinner('Migrating', this.terminal, () => migrate(ctx, flags['dry-run']))
    return this.report(
      { migrations },
      ({ migrations: { applied, pending } }) =>
        [...applied.map((name) => `applied  ${name}`), ...pending.map((name) => `pending  ${name}`)].join(
          '\n',
        ) || 'The control plane is up to date.',
    )
  }
}
