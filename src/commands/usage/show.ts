/** `usage show`: what a tenant uses of what its tier allows. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatUsage } from '../../terminal/usage-report.js'
import { showUsage, type Usage } from '../../views/usage.js'

export default class UsageShow extends BaseCommand {
  static override summary = "Show what a tenant uses, against its tier's limits: people, storage, API calls."
  static override description =
    "People are counted from memberships and storage is measured in the schema, unless the ERP recorded more in the month; API calls add up over a month of the tenant's own calendar. Of past months only what was recorded is known."
  static override examples = [
    '<%= config.bin %> usage show acme',
    '<%= config.bin %> usage show acme --month 2026-02 --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    month: Flags.string({ description: 'YYYY-MM where the tenant is; default: the present one' }),
  }

  async run(): Promise<{ usage: Usage }> {
    const { args, flags } = await this.parse(UsageShow)
    const usage = await showUsage(await this.open('use'), args.tenant, flags.month ?? null)
    return this.report({ usage }, formatUsage)
  }
}
