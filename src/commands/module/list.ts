/** `module list`: the catalogue with today's prices. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { pageFlags } from '../../terminal/lists.js'
import { formatModules } from '../../terminal/module-report.js'
import { listModules, type ModuleList as List } from '../../views/modules.js'

export default class ModuleList extends BaseCommand {
  static override summary = 'List the modules and tiers with their prices, requirements and limits.'
  static override description =
    'In text the monthly prices are shown unless --cycle asks for the annual ones; JSON carries both.'
  static override examples = [
    '<%= config.bin %> module list',
    '<%= config.bin %> module list --currency INR --cycle annual',
    '<%= config.bin %> module list --json',
  ]
  static override flags = {
    currency: Flags.string({ description: 'prices in this currency only' }),
    cycle: Flags.option({
      description: 'prices of this cycle only',
      options: ['monthly', 'annual'] as const,
    })(),
    ...pageFlags,
  }

  async run(): Promise<List> {
    const { flags } = await this.parse(ModuleList)
    const filters = { currency: flags.currency ?? null, cycle: flags.cycle ?? null }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listModules(await this.open('use'), filters, page)
    const remark = flags.cycle ? null : 'Annual prices: erpmax module list --cycle annual'
    return this.reportList(
      list,
      (shown, terminal) => formatModules(shown, flags.cycle ?? 'monthly', terminal),
      remark,
    )
  }
}
