/** `module quote`: the exact lines of adding or removing modules; writes nothing. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatQuoted } from '../../terminal/module-change-report.js'
import { quoteModules, type QuotedModules } from '../../workflows/quote-modules.js'

const codes = { multiple: true, delimiter: ',' } as const

export default class ModuleQuote extends BaseCommand {
  static override summary = 'Show what adding and removing modules would cost, line for line before tax.'
  static override description =
    'Checks what `module subscribe` and `module unsubscribe` check, and writes nothing. What is removed ends today with a credit, as with `module unsubscribe --now`, unless --at-period-end is given.'
  static override examples = [
    '<%= config.bin %> module quote acme --add hr',
    '<%= config.bin %> module quote acme --add finance --remove crm',
    '<%= config.bin %> module quote acme --remove crm --at-period-end --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    add: Flags.string({ description: 'modules to add, by comma', ...codes }),
    remove: Flags.string({ description: 'modules to remove, by comma', ...codes }),
    'at-period-end': Flags.boolean({
      description: 'what is removed ends with the period, without a credit',
      default: false,
    }),
    'with-required': Flags.boolean({ description: 'take along what the added ones need', default: false }),
  }

  async run(): Promise<QuotedModules> {
    const { args, flags } = await this.parse(ModuleQuote)
    const input = {
      tenant: args.tenant,
      add: flags.add ?? [],
      remove: flags.remove ?? [],
      withRequired: flags['with-required'],
      atPeriodEnd: flags['at-period-end'],
    }
    return this.report(await quoteModules(await this.open('use'), input), formatQuoted)
  }
}
