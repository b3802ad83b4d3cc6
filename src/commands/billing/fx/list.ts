/** `billing fx list`: rates of exchange on file. */
import { Flags } from '@oclif/core'
import { plainDate } from '../../../kernel/dates.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { pageFlags } from '../../../terminal/lists.js'
import { formatExchangeRates } from '../../../terminal/rate-report.js'
import { listExchangeRates, type ExchangeRateList } from '../../../views/exchange-rates.js'

export default class BillingFxList extends BaseCommand {
  static override summary = 'List rates of exchange, the newest day first.'
  static override examples = [
    '<%= config.bin %> billing fx list',
    '<%= config.bin %> billing fx list --currency USD --since 2026-04-01 --json',
  ]
  static override flags = {
    currency: Flags.string({ description: 'rates of this currency only' }),
    since: Flags.string({ description: 'first day, 2026-04-01' }),
    until: Flags.string({ description: 'last day, 2027-03-31' }),
    ...pageFlags,
  }

  async run(): Promise<ExchangeRateList> {
    const { flags } = await this.parse(BillingFxList)
    const filters = {
      currency: flags.currency ?? null,
      since: flags.since === undefined ? null : plainDate(flags.since),
      until: flags.until === undefined ? null : plainDate(flags.until),
    }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    return this.reportList(
      await listExchangeRates(await this.open('use'), filters, page),
      formatExchangeRates,
    )
  }
}
