/** `schema provision`: builds what is missing of a tenant's schema. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { provisionSchema, type ProvisionedSchema } from '../../workflows/provision-schema.js'

export default class SchemaProvision extends BaseCommand {
  static override summary = 'Build the schema of a tenant that has none, or finish one that was interrupted.'
  static override description =
    'A whole schema stays as it is. The rest of an unfinished tenant is finished by running its tenant create again.'
  static override examples = [
    '<%= config.bin %> schema provision acme',
    '<%= config.bin %> schema provision acme --ndjson',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
  }

  async run(): Promise<ProvisionedSchema> {
    const { args } = await this.parse(SchemaProvision)
    this.auditFailuresAs({ action: 'schema.provision', kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    return this.report(await this.follow(provisionSchema(ctx, args.tenant)), ({ tenant, schema }) =>
      schema.built
        ? `${schema.name}: ${schema.table_count} tables built in ${schema.duration_ms} ms.${tenant.status === 'active' ? '' : `\n${tenant.subdomain} is ${tenant.status}: run its tenant create again to finish it.`}`
        : `${schema.name} is whole already: ${schema.table_count} tables.`,
    )
  }
}
