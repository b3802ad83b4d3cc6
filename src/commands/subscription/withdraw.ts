/** `subscription withdraw`: a scheduled change does not happen. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatWithdrawn } from '../../terminal/subscription-change-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { withdrawChange, type WithdrawnChange } from '../../workflows/withdraw-change.js'

export default class SubscriptionWithdraw extends BaseCommand {
  static override summary =
    'Withdraw a scheduled change of a subscription: a tier, a cycle, a removal, a cancellation.'
  static override description =
    'subscription show lists what is scheduled with its ids; the beginning of an id is enough where only one change begins with it.'
  static override examples = [
    '<%= config.bin %> subscription withdraw acme 1f6b2c9e',
    '<%= config.bin %> subscription withdraw acme "$(<%= config.bin %> subscription show acme --json | jq -r .data.subscription.scheduled_changes[0].id)"',
  ]
  static override args = {
    tenant: Args.string({ description: 'subdomain or id', required: true }),
    change: Args.string({ description: 'id, or at least four characters of its beginning', required: true }),
  }
  static override flags = { 'dry-run': dryRunFlag }

  async run(): Promise<WithdrawnChange> {
    const { args, flags } = await this.parse(SubscriptionWithdraw)
    const dryRun = flags['dry-run']
    if (!dryRun)
      this.auditFailuresAs({ action: 'subscription.withdraw', kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    return this.report(await withdrawChange(ctx, args.tenant, args.change, dryRun), formatWithdrawn)
  }
}
