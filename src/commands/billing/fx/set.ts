/** `billing fx set`: what one unit of a currency is worth on a day. */
import { Args, Flags } from '@oclif/core'
import { setExchangeRate, type SetExchangeRate } from '../../../billing/exchange.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatSetExchangeRate } from '../../../terminal/rate-report.js'

export default class BillingFxSet extends BaseCommand {
  static override summary = "Put a rate of exchange to the supplier's currency on file."
  static override description =
    'An invoice in another currency takes the latest rate of its day or before, and keeps it with its date and source.'
  static override examples = [
    '<%= config.bin %> billing fx set USD 83.245 --source RBI',
    '<%= config.bin %> billing fx set USD 83.245 --date 2026-11-20 --source RBI --dry-run',
  ]
  static override args = {
    currency: Args.string({ description: 'ISO 4217 code', required: true }),
    rate: Args.string({ description: 'what one unit of it is worth', required: true }),
  }
  static override flags = {
    date: Flags.string({ description: 'day of the rate, 2026-11-20; today where it is left out' }),
    source: Flags.string({ description: 'who published it, such as RBI', default: 'manual' }),
    to: Flags.string({ description: "another currency than the supplier's" }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing' }),
  }

  async run(): Promise<SetExchangeRate> {
    const { args, flags } = await this.parse(BillingFxSet)
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'billing.fx.set', kind: 'fx_rate', subject: args.currency })
    const ctx = await this.open('use')
    const input = { ...args, date: flags.date, source: flags.source, to: flags.to }
    return this.report(await setExchangeRate(ctx, input, flags['dry-run']), formatSetExchangeRate)
  }
}
