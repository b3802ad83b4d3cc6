/** `usage check`: is a tenant within its limits? */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatUsageCheck } from '../../terminal/usage-report.js'
import { metrics } from '../../subscriptions/usage-lines.js'
import { checkUsage, type UsageCheck as Check } from '../../views/usage.js'

export default class UsageCheck extends BaseCommand {
  static override summary = "Check whether a tenant is within its tier's limits, for scripts and gates."
  static override description =
    'Exit code 0 for yes and 4 for no; the reason is printed either way. --add asks whether so much more would still be within them.'
  static override examples = [
    '<%= config.bin %> usage check acme',
    '<%= config.bin %> usage check acme --metric users --add 1',
    '<%= config.bin %> usage check acme --metric api_calls --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    metric: Flags.option({ description: 'only this one', options: metrics })(),
    add: Flags.integer({ description: 'so much more', min: 0, dependsOn: ['metric'] }),
  }

  async run(): Promise<{ check: Check }> {
    const { args, flags } = await this.parse(UsageCheck)
    const ctx = await this.open('use')
    const check = await checkUsage(ctx, args.tenant, flags.metric ?? null, BigInt(flags.add ?? 0))
    if (!check.allowed) this.endAs('permission')
    return this.report({ check }, formatUsageCheck)
  }
}
