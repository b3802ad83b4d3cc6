/** `module price set`: a new version of a price, from a day on. */
import { Args, Flags } from '@oclif/core'
import { plainDate } from '../../../kernel/dates.js'
import { ErpmaxError } from '../../../kernel/errors.js'
import { currencyCode, parseMoney } from '../../../kernel/money.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatSetPrice } from '../../../terminal/price-report.js'
import { setPrice, type SetPrice } from '../../../subscriptions/prices.js'

export default class ModulePriceSet extends BaseCommand {
  static override summary = "Set the price of a module, or of a tier's platform fee, from a day on."
  static override description =
    'The price before is closed on that day and stays what it was; charges take the price in force on their first day. A price that has not begun gives way only with --replace.'
  static override examples = [
    '<%= config.bin %> module price set finance 549.00 --currency USD --cycle monthly --from 2030-01-01',
    '<%= config.bin %> module price set --tier STARTER 59.00 --currency USD --cycle monthly --from 2030-01-01 --dry-run',
    '<%= config.bin %> module price set crm 29900 --currency JPY --cycle monthly --from 2030-01-01 --json',
  ]
  static override args = {
    product: Args.string({ description: 'code of the module; with --tier the amount', required: true }),
    amount: Args.string({ description: 'price of a whole period: 549.00' }),
  }
  static override flags = {
    tier: Flags.string({ description: 'the platform fee of this tier instead' }),
    currency: Flags.string({ description: 'ISO 4217: INR, USD', required: true }),
    cycle: Flags.option({
      description: 'which period it is the price of',
      options: ['monthly', 'annual'] as const,
      required: true,
    })(),
    from: Flags.string({ description: 'first day of the new price, YYYY-MM-DD', required: true }),
    replace: Flags.boolean({ description: 'in place of prices that have not begun', default: false }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check and show it, write nothing', default: false }),
  }

  async run(): Promise<SetPrice & { dry_run: boolean }> {
    const { args, flags } = await this.parse(ModulePriceSet)
    const { tier, cycle, replace } = flags
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'price.set', kind: 'price', subject: tier ?? args.product })
    const amount = tier === undefined ? args.amount : args.product
    if (amount === undefined || (tier !== undefined && args.amount !== undefined)) {
      throw new ErpmaxError('usage', 'usage', 'Name a module and an amount, or --tier and an amount', {
        hint: 'erpmax module price set --help',
      })
    }
    const money = parseMoney(amount, currencyCode(flags.currency))
    const product = tier === undefined ? { module: args.product } : { tier }
    const input = { product, cycle, money, from: plainDate(flags.from), replace, dryRun: flags['dry-run'] }
    return this.report(await setPrice(await this.open('use'), input), formatSetPrice)
  }
}
