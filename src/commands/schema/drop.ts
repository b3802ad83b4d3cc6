/** `schema drop`: severe. */
import { Args, Flags } from '@oclif/core'
import { isSchemaName } from '../../kernel/ids.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmByName } from '../../terminal/confirm.js'
import { dropTenantSchema, type DroppedTenantSchema } from '../../workflows/drop-schema.js'

export default class SchemaDrop extends BaseCommand {
  static override summary = "Drop a tenant's schema with everything in it, or one that belongs to no tenant."
  static override description =
    'Only while the tenant is failed, archived or deleting. Drops some 20 tables a transaction, so that it fits the lock table of any server; interrupted, the same command goes on.'
  static override examples = [
    '<%= config.bin %> schema drop acme --dry-run',
    '<%= config.bin %> schema drop acme --confirm acme',
    '<%= config.bin %> schema drop tenant_ghost --confirm tenant_ghost',
  ]
  static override args = {
    tenant: Args.string({
      description: 'subdomain or id; or the name of a schema that belongs to nobody',
      required: true,
    }),
  }
  static override flags = {
    confirm: Flags.string({ description: 'the same name once more: without it the command asks' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'say what would be dropped, drop nothing' }),
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
  }

  async run(): Promise<DroppedTenantSchema> {
    const { args, flags } = await this.parse(SchemaDrop)
    if (!flags['dry-run'])
      this.auditFailuresAs({
        action: 'schema.drop',
        kind: isSchemaName(args.tenant) ? 'schema' : 'tenant',
        subject: args.tenant,
      })
    const ctx = await this.open('use')
    if (!flags['dry-run'])
      await confirmByName(
        `Dropping ${isSchemaName(args.tenant) ? '' : 'the schema of '}${args.tenant}`,
        args.tenant,
        flags.confirm,
        this.terminal,
      )
    return this.report(
      await this.follow(dropTenantSchema(ctx, args.tenant, flags['dry-run'])),
      ({ schema, dry_run }) =>
        dry_run
          ? `${schema.name}: ${schema.dropped_tables} tables would be dropped.`
          : `${schema.name} is gone: ${schema.dropped_tables} tables in ${schema.duration_ms} ms.`,
    )
  }
}
