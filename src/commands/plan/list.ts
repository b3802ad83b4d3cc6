/** `plan list`: the tiers. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatPlans } from '../../terminal/plan-report.js'
import { listPlans, type PlanList as List } from '../../views/plans.js'

export default class PlanList extends BaseCommand {
  static override summary =
    'List the tiers with their limits, their platform fees and how many tenants are on each.'
  static override description =
    'In text the monthly fees are shown unless --cycle asks for the annual ones; JSON carries both.'
  static override examples = [
    '<%= config.bin %> plan list',
    '<%= config.bin %> plan list --currency INR --cycle annual',
    '<%= config.bin %> plan list --json',
  ]
  static override flags = {
    currency: Flags.string({ description: 'fees in this currency only' }),
    cycle: Flags.option({
      description: 'fees of this cycle only',
      options: ['monthly', 'annual'] as const,
    })(),
  }

  async run(): Promise<List> {
    const { flags } = await this.parse(PlanList)
    const filters = { currency: flags.currency ?? null, cycle: flags.cycle ?? null }
    const list = await listPlans(await this.open('use'), filters)
    return this.reportList(list, (shown, terminal) => formatPlans(shown, flags.cycle ?? 'monthly', terminal))
  }
}
