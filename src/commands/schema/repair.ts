/** `schema repair`: makes again what a schema has lost. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatRepair } from '../../terminal/schema-report.js'
import { repairTenantSchema, type RepairedSchema } from '../../workflows/repair-schema.js'

export default class SchemaRepair extends BaseCommand {
  static override summary = "Make again what a tenant's schema has lost: tables, columns, keys and indexes."
  static override description =
    'Rows that were lost are in a backup; only those that every tenant begins with (roles, currencies, accounts, its company) come back, into tables that are missing or empty. Nothing that is there is changed; columns and tables that should not be there stay. Exits 3 where differences are left.'
  static override examples = [
    '<%= config.bin %> schema repair acme --dry-run',
    '<%= config.bin %> schema repair acme',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'say what would be made, make nothing',
      default: false,
    }),
  }

  async run(): Promise<RepairedSchema> {
    const { args, flags } = await this.parse(SchemaRepair)
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'schema.repair', kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const repaired = await repairTenantSchema(ctx, args.tenant, flags['dry-run'])
    if (!repaired.schema.whole) this.endAs('partial')
    return this.report(repaired, formatRepair)
  }
}
