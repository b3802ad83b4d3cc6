/** `subscription history`: every change of a tenant's subscriptions. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { pageFlags } from '../../terminal/lists.js'
import { formatHistory } from '../../terminal/subscription-report.js'
import { subscriptionHistory, type SubscriptionHistory as List } from '../../views/subscription.js'

export default class SubscriptionHistory extends BaseCommand {
  static override summary =
    "List every change of a tenant's subscriptions, newest first: what, who, when, old and new, and what became of it."
  static override examples = [
    '<%= config.bin %> subscription history acme',
    '<%= config.bin %> subscription history acme --limit 5 --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = pageFlags

  async run(): Promise<List> {
    const { args, flags } = await this.parse(SubscriptionHistory)
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await subscriptionHistory(await this.open('use'), args.tenant, page)
    return this.reportList(list, formatHistory)
  }
}
