/** `subscription show`: what a tenant has, pays and has decided. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatSubscription } from '../../terminal/subscription-report.js'
import { showSubscription } from '../../views/subscription.js'
import type { SubscriptionOverview } from '../../billing/overview.js'

export default class SubscriptionShow extends BaseCommand {
  static override summary =
    "Show a tenant's subscription: items and prices, period, next bill, trial, what is scheduled or to be credited."
  static override description =
    'Amounts are before tax. A subscription that has ended is shown as it was at its end.'
  static override examples = [
    '<%= config.bin %> subscription show acme',
    '<%= config.bin %> subscription show acme --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }

  async run(): Promise<{ subscription: SubscriptionOverview }> {
    const { args } = await this.parse(SubscriptionShow)
    const subscription = await showSubscription(await this.open('use'), args.tenant)
    return this.report({ subscription }, formatSubscription)
  }
}
