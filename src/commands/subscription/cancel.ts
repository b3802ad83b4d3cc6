/** `subscription cancel`: moderate. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { formatCancellation } from '../../terminal/subscription-change-report.js'
import { dryRunFlag, yesFlag } from '../../terminal/subscription-input.js'
import { cancelSubscription, type CancelledSubscription } from '../../workflows/cancel-subscription.js'

export default class SubscriptionCancel extends BaseCommand {
  static override summary = 'Cancel the subscription of a tenant, at the end of the period or at once.'
  static override description =
    'By default it is held to the end of the period that is running, inside a trial to the end of the trial, and can be resumed until then. With --now it ends today, and the days that are left are credited unless --no-credit is given.'
  static override examples = [
    '<%= config.bin %> subscription cancel acme --reason "moves elsewhere"',
    '<%= config.bin %> subscription cancel acme --now --dry-run',
    '<%= config.bin %> subscription cancel acme --now --no-credit --yes',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    now: Flags.boolean({ description: 'today instead of at the end of the period' }),
    'no-credit': Flags.boolean({ description: 'give nothing back for the days left', dependsOn: ['now'] }),
    reason: Flags.string({ description: 'why, for the history' }),
    yes: yesFlag,
    'dry-run': dryRunFlag,
  }

  async run(): Promise<CancelledSubscription> {
    const { args, flags } = await this.parse(SubscriptionCancel)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'subscription.cancel', kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const when = flags.now ? 'today' : 'at the end of the period'
    if (!dryRun)
      await confirmYes(`Cancel the subscription of ${args.tenant} ${when}`, flags.yes, this.terminal)
    const options = { now: flags.now, credit: !flags['no-credit'], reason: flags.reason ?? null, dryRun }
    return this.report(await cancelSubscription(ctx, args.tenant, options), formatCancellation)
  }
}
