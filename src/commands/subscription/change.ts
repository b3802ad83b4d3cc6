/** `subscription change`: another tier or cycle. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatChange } from '../../terminal/subscription-change-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { changeSubscription, type ChangedSubscription } from '../../workflows/change-subscription.js'

export default class SubscriptionChange extends BaseCommand {
  static override summary = 'Change the tier or the billing cycle of a tenant.'
  static override description =
    'A larger tier is there at once, charged for the rest of the period; a smaller one, and another cycle, at the end of the period. From monthly to annual may begin at once with --now, and what is left of the month is credited; from annual to monthly only when the year is over. Inside a trial everything is at once and free. What is scheduled is withdrawn by changing back to what there is.'
  static override examples = [
    '<%= config.bin %> subscription change acme --tier PROFESSIONAL --dry-run',
    '<%= config.bin %> subscription change acme --tier STARTER',
    '<%= config.bin %> subscription change acme --cycle annual --now',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    tier: Flags.string({ description: 'FREE, STARTER, PROFESSIONAL or ENTERPRISE' }),
    cycle: Flags.option({ description: 'billing cycle', options: ['monthly', 'annual'] as const })(),
    now: Flags.boolean({
      description: 'from today on, what is given up is credited',
      exclusive: ['at-period-end'],
    }),
    'at-period-end': Flags.boolean({ description: 'when the period that is running ends' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ChangedSubscription> {
    const { args, flags } = await this.parse(SubscriptionChange)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'subscription.change', kind: 'tenant', subject: args.tenant })
    const wish = {
      tier: flags.tier ?? null,
      cycle: flags.cycle ?? null,
      when: flags.now ? ('now' as const) : flags['at-period-end'] ? ('period_end' as const) : null,
    }
    const ctx = await this.open('use')
    return this.report(await changeSubscription(ctx, args.tenant, wish, dryRun), formatChange)
  }
}
