/** `tenant history`: every change of a tenant's state. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatHistory } from '../../terminal/lifecycle-report.js'
import { pageFlags } from '../../terminal/lists.js'
import { historyOrders, tenantHistory, type TenantHistory as History } from '../../views/tenant-history.js'

export default class TenantHistory extends BaseCommand {
  static override summary = "List every change of a tenant's state: when, from what to what, why and by whom."
  static override description = 'The history of a deleted tenant stays, under its id.'
  static override examples = [
    '<%= config.bin %> tenant history acme',
    '<%= config.bin %> tenant history acme --sort at --limit 10 --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    sort: Flags.string({
      description: 'order; - for newest first',
      options: [...historyOrders],
      default: '-at',
    }),
    ...pageFlags,
  }

  async run(): Promise<History> {
    const { args, flags } = await this.parse(TenantHistory)
    const page = { sort: flags.sort, limit: flags.limit, cursor: flags.cursor ?? null }
    return this.reportList(await tenantHistory(await this.open('use'), args.tenant, page), formatHistory)
  }
}
