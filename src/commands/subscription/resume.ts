/** `subscription resume`: takes back a cancellation. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatResumed } from '../../terminal/subscription-change-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { resumeSubscription, type ResumedSubscription } from '../../workflows/cancel-subscription.js'

export default class SubscriptionResume extends BaseCommand {
  static override summary = 'Take back a cancellation that is not in force yet.'
  static override description =
    'Exits 6 where nothing is cancelled, or the subscription has ended: then erpmax subscription start begins a new one.'
  static override examples = [
    '<%= config.bin %> subscription resume acme',
    '<%= config.bin %> subscription resume acme --dry-run --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = { 'dry-run': dryRunFlag }

  async run(): Promise<ResumedSubscription> {
    const { args, flags } = await this.parse(SubscriptionResume)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'subscription.resume', kind: 'tenant', subject: args.tenant })
    return this.report(await resumeSubscription(await this.open('use'), args.tenant, dryRun), formatResumed)
  }
}
