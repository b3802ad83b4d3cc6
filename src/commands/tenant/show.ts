/** `tenant show`: one tenant at a glance. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatTenant } from '../../terminal/tenant-report.js'
import { showTenant, type ShownTenant } from '../../views/tenant.js'

export default class TenantShow extends BaseCommand {
  static override summary = 'Show a tenant: state, company, schema, subscription, people and last jobs.'
  static override description =
    'The schema is looked at as it is now: whole, different from what this program builds, or absent.'
  static override examples = [
    '<%= config.bin %> tenant show acme',
    '<%= config.bin %> tenant show acme --json',
  ]
  static override args = {
    tenant: Args.string({ description: 'subdomain or id', required: true }),
  }

  async run(): Promise<ShownTenant> {
    const { args } = await this.parse(TenantShow)
    const ctx = await this.open('use')
    return this.report(await showTenant(ctx, args.tenant), formatTenant)
  }
}
