/** `billing runs list`: what has been run. */
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatRuns } from '../../../terminal/billing-runs-report.js'
import { commaList, pageFlags } from '../../../terminal/lists.js'
import { listBillingRuns, runKinds, runStates, type BillingRunItem } from '../../../views/billing-runs.js'
import type { Page } from '../../../database/keyset.js'

export default class BillingRunsList extends BaseCommand {
  static override summary =
    'List the runs of billing, newest first: who, when, how long, what was billed and parked.'
  static override examples = [
    '<%= config.bin %> billing runs list',
    '<%= config.bin %> billing runs list --kind daily --status failed,partial --json',
  ]
  static override flags = {
    kind: commaList('daily (billing run) or invoices (invoice generate, parked retry), by comma', runKinds),
    status: commaList('states, by comma', runStates),
    ...pageFlags,
  }

  async run(): Promise<Page<BillingRunItem>> {
    const { flags } = await this.parse(BillingRunsList)
    const filters = { kind: flags.kind ?? [], status: flags.status ?? [] }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listBillingRuns(await this.open('use'), filters, page)
    const filtered = filters.kind.length + filters.status.length > 0
    return this.reportList(list, (shown, terminal) => formatRuns(shown, filtered, terminal))
  }
}
