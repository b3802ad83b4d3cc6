/** `subscription start`: begins anew after a cancellation. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatStarted } from '../../terminal/subscription-change-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { startAgain, type StartedSubscription } from '../../workflows/start-subscription.js'

export default class SubscriptionStart extends BaseCommand {
  static override summary = 'Begin a new subscription for a tenant whose last one has ended.'
  static override description =
    'The first period begins today: a second trial is given with --trial-days only. It is priced in the currency of the tenant.'
  static override examples = [
    '<%= config.bin %> subscription start acme --modules finance,crm --tier STARTER',
    '<%= config.bin %> subscription start acme --modules finance --cycle annual --dry-run',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    modules: Flags.string({ char: 'm', description: 'modules, by comma', multiple: true, delimiter: ',' }),
    tier: Flags.string({
      description: 'FREE, STARTER, PROFESSIONAL or ENTERPRISE; FREE without modules, else STARTER',
    }),
    cycle: Flags.option({
      description: 'billing cycle',
      options: ['monthly', 'annual'] as const,
      default: 'monthly',
    })(),
    'trial-days': Flags.integer({ description: 'days before the first charge' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<StartedSubscription> {
    const { args, flags } = await this.parse(SubscriptionStart)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'subscription.start', kind: 'tenant', subject: args.tenant })
    const { modules = [], tier = null, cycle } = flags
    const input = { modules, tier, cycle, trialDays: flags['trial-days'] ?? null, dryRun }
    return this.report(await startAgain(await this.open('use'), args.tenant, input), formatStarted)
  }
}
