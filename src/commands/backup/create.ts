/** `backup create`: the data of one tenant, or of many, each in a file of its own. */
import { Flags } from '@oclif/core'
import { formatBackup, formatBackupLine } from '../../terminal/backup-report.js'
import {
  selectorFlags,
  tenantArgument,
  TenantsCommand,
  type BulkResult,
} from '../../terminal/tenants-command.js'
import { findTenant } from '../../tenants/find.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { backUpTenant, backUpTenants, type BackupJson } from '../../workflows/back-up-tenant.js'

export default class BackupCreate extends TenantsCommand {
  static override summary = 'Write a file with the data of a tenant, its settings, roles and people.'
  static override description =
    'Everything in it is of one moment; nobody has to stop working. The file is readable by you alone, never holds passwords, tokens, invoices or payments, and appears under its name when it is whole. Without --output it goes to the folder backups of ERPMAX_HOME.'
  static override examples = [
    '<%= config.bin %> backup create acme',
    '<%= config.bin %> backup create acme --output /srv/backups/acme.erpmax-backup --json',
    '<%= config.bin %> backup create --all --exclude acme --output /srv/backups/ --yes',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    output: Flags.string({ char: 'o', description: 'the file, or a folder; of several tenants a folder' }),
    ...selectorFlags,
    yes: Flags.boolean({ char: 'y', description: 'do not ask about the number of tenants' }),
    confirm: Flags.string({ description: 'the number of tenants: without it the command asks' }),
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
  }

  async run(): Promise<{ backup: BackupJson } | BulkResult<BackupJson>> {
    const { args, flags } = await this.parse(BackupCreate)
    const selector = await this.selectorFrom(args.tenant, flags)
    const ctx = await this.open('use')
    const options = { purpose: 'manual' as const, ...(flags.output ? { output: flags.output } : {}) }
    if (selector === null) {
      const name = args.tenant ?? ''
      this.auditFailuresAs({ action: 'backup.create', kind: 'tenant', subject: name })
      const backup = await this.follow(backUpTenant(ctx, await findTenant(ctx, name), options))
      return this.report({ backup }, formatBackup)
    }
    const tenants = await selectTenants(ctx, selector)
    await this.confirmMany('This backs up', tenants, flags)
    return this.reportOutcomes(backUpTenants(ctx, tenants, options), formatBackupLine)
  }
}
