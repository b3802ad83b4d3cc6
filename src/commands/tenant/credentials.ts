/** `tenant credentials`: the database login of a tenant's ERP. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatCredentials } from '../../terminal/credentials-report.js'
import { tenantCredentials, type CredentialsJson } from '../../workflows/tenant-credentials.js'

export default class TenantCredentials extends BaseCommand {
  static override summary = "Make the database login of a tenant's ERP, or give it a new password."
  static override description =
    'The role reads and writes the tables of its own schema and reads public.my_entitlements; it reaches no other tenant and nothing else of the control plane. The password is shown once and kept nowhere. Open sessions go on when it is rotated; suspending the tenant ends them.'
  static override examples = [
    '<%= config.bin %> tenant credentials acme',
    '<%= config.bin %> tenant credentials acme --rotate',
    'psql "$(<%= config.bin %> tenant credentials acme --rotate --json | jq -r .data.credentials.url)"',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    rotate: Flags.boolean({ description: 'a new password; the old one ends at once', default: false }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, change nothing', default: false }),
  }

  async run(): Promise<CredentialsJson> {
    const { args, flags } = await this.parse(TenantCredentials)
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'tenant.credentials', kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const options = { rotate: flags.rotate, dryRun: flags['dry-run'] }
    return this.report(await tenantCredentials(ctx, args.tenant, options), formatCredentials)
  }
}
