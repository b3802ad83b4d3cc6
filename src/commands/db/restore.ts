/** `db restore`: the whole installation from one file. Severe. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatRestoredInstallation } from '../../terminal/backup-report.js'
import { confirmByName } from '../../terminal/confirm.js'
import { planInstallationRestore, readInstallationHead } from '../../workflows/plan-installation-restore.js'
import { restoreInstallation, type RestoredInstallation } from '../../workflows/restore-installation.js'

export default class DbRestore extends BaseCommand {
  static override summary = 'Put a backup of a whole installation into this one, replacing all that is here.'
  static override description =
    'Reads the whole file first: a damaged one changes nothing. Into an empty installation it goes at once; where there are tenants or users already, the name of the database must be typed. Interrupted, the same command goes on. On the embedded server it makes the cluster too: the way to another machine, or to a new major version of Postgres.'
  static override examples = [
    '<%= config.bin %> db restore /srv/backups/installation.erpmax-backup',
    '<%= config.bin %> db restore /srv/backups/installation.erpmax-backup --confirm erpmax',
    '<%= config.bin %> db restore /srv/backups/installation.erpmax-backup --dry-run --json',
  ]
  static override args = { file: Args.string({ description: 'the backup', required: true }) }
  static override flags = {
    confirm: Flags.string({
      description: 'the name of the database whose content is replaced: without it the command asks',
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'check the file and the database, write nothing',
      default: false,
    }),
    migrate: Flags.boolean({ description: 'apply pending migrations of the control plane first' }),
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
  }

  async run(): Promise<{ installation: RestoredInstallation }> {
    const { args, flags } = await this.parse(DbRestore)
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'db.restore', kind: 'installation', subject: 'installation' })
    // Before a cluster is made for a file that is none.
    const head = await readInstallationHead(args.file)
    const ctx = await this.open(flags['dry-run'] ? 'use' : 'create', { migrate: flags.migrate })
    const plan = await planInstallationRestore(ctx, head)
    if (plan.confirm !== null && !flags['dry-run']) {
      const what = `Replacing everything in the database ${plan.confirm}, ${plan.replaces} tenants,`
      await confirmByName(what, plan.confirm, flags.confirm, this.terminal)
    }
    const installation = await this.follow(restoreInstallation(ctx, plan, flags['dry-run']))
    return this.report({ installation }, formatRestoredInstallation)
  }
}
