/** `billing tax-rate list`: rates of tax on file. */
import { Flags } from '@oclif/core'
import { plainDate } from '../../../kernel/dates.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { pageFlags } from '../../../terminal/lists.js'
import { formatTaxRates } from '../../../terminal/rate-report.js'
import { listTaxRates, type TaxRateList } from '../../../views/tax-rates.js'

export default class BillingTaxRateList extends BaseCommand {
  static override summary = 'List rates of tax with the days they are in force, and the codes of modules.'
  static override examples = [
    '<%= config.bin %> billing tax-rate list --country IN',
    '<%= config.bin %> billing tax-rate list --on 2026-11-21',
    '<%= config.bin %> billing tax-rate list --json',
  ]
  static override flags = {
    country: Flags.string({ description: 'ISO 3166 code: rates of this country only' }),
    on: Flags.string({ description: 'only what is in force on this day, 2026-11-21' }),
    ...pageFlags,
  }

  async run(): Promise<TaxRateList> {
    const { flags } = await this.parse(BillingTaxRateList)
    const filters = {
      country: flags.country ?? null,
      on: flags.on === undefined ? null : plainDate(flags.on),
    }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    return this.reportList(await listTaxRates(await this.open('use'), filters, page), formatTaxRates)
  }
}
