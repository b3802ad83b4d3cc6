/** `module price list`: what modules and tiers cost, then and now. */
import { Flags } from '@oclif/core'
import { currencyCode } from '../../../kernel/money.js'
import { plainDate } from '../../../kernel/dates.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { pageFlags } from '../../../terminal/lists.js'
import { formatPriceList } from '../../../terminal/price-report.js'
import { listPrices, type PriceList } from '../../../views/prices.js'

export default class ModulePriceList extends BaseCommand {
  static override summary = 'List the prices of modules and tiers in force today, on another day, or all.'
  static override examples = [
    '<%= config.bin %> module price list --currency INR --cycle monthly',
    '<%= config.bin %> module price list --module finance --all',
    '<%= config.bin %> module price list --tier STARTER --on 2027-01-01 --json',
  ]
  static override flags = {
    module: Flags.string({ description: 'of this module only', exclusive: ['tier'] }),
    tier: Flags.string({ description: "this tier's platform fee only" }),
    currency: Flags.string({ description: 'in this currency only' }),
    cycle: Flags.option({ description: 'of this cycle only', options: ['monthly', 'annual'] as const })(),
    on: Flags.string({ description: 'in force on this day, YYYY-MM-DD; else today' }),
    all: Flags.boolean({ description: 'past ones and those to come too', default: false }),
    ...pageFlags,
  }

  async run(): Promise<PriceList> {
    const { flags } = await this.parse(ModulePriceList)
    const filters = {
      module: flags.module ?? null,
      tier: flags.tier ?? null,
      currency: flags.currency === undefined ? null : currencyCode(flags.currency),
      cycle: flags.cycle ?? null,
      on: flags.on === undefined ? null : plainDate(flags.on),
      all: flags.all,
    }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    return this.reportList(await listPrices(await this.open('use'), filters, page), formatPriceList)
  }
}
