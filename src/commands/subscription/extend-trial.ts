/** `subscription extend-trial`: the first charge comes later. */
import { Args, Flags } from '@oclif/core'
import { plainDate } from '../../kernel/dates.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatExtended } from '../../terminal/subscription-change-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { extendTrial, type ExtendedTrial } from '../../workflows/extend-trial.js'

export default class SubscriptionExtendTrial extends BaseCommand {
  static override summary = 'Make the trial of a tenant longer, to 365 days in all at most.'
  static override description = 'Only while the trial lasts. The first billing date moves with its end.'
  static override examples = [
    '<%= config.bin %> subscription extend-trial acme --days 7',
    '<%= config.bin %> subscription extend-trial acme --until 2027-01-31',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    days: Flags.integer({
      description: 'so many days longer',
      min: 1,
      max: 365,
      exactlyOne: ['days', 'until'],
    }),
    until: Flags.string({ description: 'until this day, the first that is charged', helpValue: '<date>' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ExtendedTrial> {
    const { args, flags } = await this.parse(SubscriptionExtendTrial)
    const dryRun = flags['dry-run']
    if (!dryRun)
      this.auditFailuresAs({ action: 'subscription.extend_trial', kind: 'tenant', subject: args.tenant })
    const extension =
      flags.until === undefined ? { days: flags.days ?? 0 } : { until: plainDate(flags.until) }
    const ctx = await this.open('use')
    return this.report(await extendTrial(ctx, args.tenant, extension, dryRun), formatExtended)
  }
}
