/** `billing tax-rate set`: a rate of tax from a day on. */
import { Args, Flags } from '@oclif/core'
import { setTaxRate, type SetTaxRate } from '../../../billing/tax/set-rate.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatSetTaxRate } from '../../../terminal/rate-report.js'

export default class BillingTaxRateSet extends BaseCommand {
  static override summary = 'Put a rate of tax on file from a day on; the one before it ends there.'
  static override description =
    'Documents keep the rate they were issued with. A supplier outside India and the EU needs the rate of its own country, and one with --code export for customers abroad, 0 where there is none.'
  static override examples = [
    '<%= config.bin %> billing tax-rate set DE 20 --from 2027-01-01 --source "Bundesgesetzblatt"',
    '<%= config.bin %> billing tax-rate set IN 18 --code 998314 --module crm --from 2026-12-01',
    '<%= config.bin %> billing tax-rate set US 0 --code export --from 2026-01-01 --dry-run',
  ]
  static override args = {
    country: Args.string({ description: 'ISO 3166 code', required: true }),
    rate: Args.string({ description: 'per cent, with at most four decimals', required: true }),
  }
  static override flags = {
    from: Flags.string({ description: 'first day, 2027-01-01; today where it is left out' }),
    code: Flags.string({
      description: 'in India the services accounting code; elsewhere standard, or export',
    }),
    module: Flags.string({
      char: 'm',
      description: 'billed under --code from that day on; repeatable',
      multiple: true,
      multipleNonGreedy: true,
    }),
    source: Flags.string({ description: 'where the rate is laid down' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing' }),
  }

  async run(): Promise<SetTaxRate> {
    const { args, flags } = await this.parse(BillingTaxRateSet)
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'billing.tax_rate.set', kind: 'tax_rate', subject: args.country })
    const ctx = await this.open('use')
    const { from, code, source, module: modules } = flags
    return this.report(
      await setTaxRate(ctx, { ...args, from, code, source, modules }, flags['dry-run']),
      formatSetTaxRate,
    )
  }
}
