/** `billing parked list`: accounts that wait for a person. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../../terminal/base-command.js'
import { pageFlags } from '../../../terminal/lists.js'
import { formatParked } from '../../../terminal/parked-report.js'
import { listParked, type ParkedItem } from '../../../views/parked.js'
import type { Page } from '../../../database/keyset.js'

export default class BillingParkedList extends BaseCommand {
  static override summary = 'List the accounts that are not billed until somebody has looked, and why.'
  static override examples = [
    '<%= config.bin %> billing parked list',
    '<%= config.bin %> billing parked list --code tax.rule_missing --json',
    '<%= config.bin %> billing parked list --released',
  ]
  static override flags = {
    code: Flags.string({ description: 'parked for this reason, such as fx.rate_missing' }),
    run: Flags.string({ description: 'parked by the invoice run with this id' }),
    released: Flags.boolean({ description: 'released ones too', default: false }),
    ...pageFlags,
  }

  async run(): Promise<Page<ParkedItem>> {
    const { flags } = await this.parse(BillingParkedList)
    const filters = { released: flags.released, code: flags.code ?? null, runId: flags.run ?? null }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listParked(await this.open('use'), filters, page)
    const filtered = flags.code !== undefined || flags.run !== undefined
    return this.reportList(list, (shown, terminal) => formatParked(shown, filtered, terminal))
  }
}
