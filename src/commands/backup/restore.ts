/** `backup restore`: the data of a backup in the place of a tenant's, or as a new tenant. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatRestored } from '../../terminal/backup-report.js'
import { confirmByName } from '../../terminal/confirm.js'
import { planRestore } from '../../workflows/plan-restore.js'
import {
  rehearseRestore,
  restoreTenant,
  type PlannedRestore,
  type RestoredTenant,
} from '../../workflows/restore-tenant.js'

export default class BackupRestore extends BaseCommand {
  static override summary = "Put a backup in the place of its tenant's data, or make a new tenant of it."
  static override description =
    'Reads the whole file first: a damaged one changes nothing. Then all of the data, profile, settings, flags and roles are replaced in one transaction and compared with the backup before it commits. Members have the roles of then again, who was removed since is invited; in a new tenant (--as) everybody is, and it begins without a subscription. Interrupted, the same command goes on.'
  static override examples = [
    '<%= config.bin %> backup restore /srv/backups/acme.erpmax-backup --confirm acme',
    '<%= config.bin %> backup restore /srv/backups/acme.erpmax-backup --as acme-copy',
    '<%= config.bin %> backup restore /srv/backups/acme.erpmax-backup --dry-run --json',
  ]
  static override args = { file: Args.string({ description: 'the backup', required: true }) }
  static override flags = {
    as: Flags.string({ description: 'make a new tenant with this subdomain' }),
    confirm: Flags.string({
      description: 'the name of the tenant whose data is replaced: without it the command asks',
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'check the file and the tenant, write nothing',
      default: false,
    }),
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
  }

  async run(): Promise<RestoredTenant | PlannedRestore> {
    const { args, flags } = await this.parse(BackupRestore)
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'backup.restore', kind: 'tenant', subject: flags.as ?? args.file })
    const ctx = await this.open('use')
    const plan = await planRestore(ctx, args.file, flags.as ?? null)
    if (flags['dry-run']) return this.report(await this.follow(rehearseRestore(ctx, plan)), formatRestored)
    if (plan.replaces) {
      const what = `Replacing all of ${plan.subdomain} by its data of ${plan.head.created_at}`
      await confirmByName(what, plan.subdomain, flags.confirm, this.terminal)
    }
    return this.report(await this.follow(restoreTenant(ctx, plan)), formatRestored)
  }
}
