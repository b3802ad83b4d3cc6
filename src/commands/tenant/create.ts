/** `tenant create`: the whole story of a new tenant. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { createTenantAnswers, createTenantFlags } from '../../terminal/create-tenant-answers.js'
import { formatCreatedTenant } from '../../terminal/create-tenant-report.js'
import {
  createTenant,
  planTenant,
  type CreatedTenant,
  type PlannedTenant,
} from '../../workflows/create-tenant.js'

export default class TenantCreate extends BaseCommand {
  static override summary =
    'Create a tenant: its schema of 237 tables, its first administrator and its subscription.'
  static override description =
    'Asks for what is missing when a person is there; everywhere else every answer is a flag. Running the same command again finishes what an interrupted run left.'
  static override examples = [
    '<%= config.bin %> tenant create acme --name "Acme Industries" --admin-email admin@acme.test',
    '<%= config.bin %> tenant create globex --name Globex --admin-email a@globex.test --modules finance,crm,procurement --tier STARTER --cycle annual --json',
    'echo "$PASSWORD" | <%= config.bin %> tenant create initech --name Initech --admin-email a@initech.test --password-stdin',
    '<%= config.bin %> tenant create --from tenant.json --if-not-exists',
  ]
  static override args = {
    subdomain: Args.string({ description: 'name in the URL: 3 to 56 of a-z, 0-9 and inner hyphens' }),
  }
  static override flags = {
    ...createTenantFlags,
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing' }),
    migrate: Flags.boolean({ description: 'apply pending migrations of the control plane first' }),
  }

  async run(): Promise<CreatedTenant | PlannedTenant> {
    const { args, flags } = await this.parse(TenantCreate)
    if (!flags['dry-run'])
      this.auditFailuresAs({
        action: 'tenant.create',
        kind: 'tenant',
        subject: args.subdomain ?? flags.name ?? '',
      })
    const ctx = await this.open('create', { migrate: flags.migrate })
    const { input, command } = await createTenantAnswers(
      ctx,
      { subdomain: args.subdomain, ...flags },
      this.terminal,
      (planned) => planTenant(ctx, planned),
    )
    if (command !== null) this.continueWith(command)
    if (flags['dry-run']) return this.report(await planTenant(ctx, input), formatCreatedTenant)
    return this.report(await this.follow(createTenant(ctx, input)), formatCreatedTenant)
  }
}
