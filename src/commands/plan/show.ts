/** `plan show`: one tier. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatPlan } from '../../terminal/plan-report.js'
import { showPlan, type ShownPlan } from '../../views/plans.js'

export default class PlanShow extends BaseCommand {
  static override summary =
    'Show a tier: limits, trial, fees, the tenants on it, above its limits, arriving and leaving.'
  static override examples = [
    '<%= config.bin %> plan show STARTER',
    '<%= config.bin %> plan show professional --json',
  ]
  static override args = { tier: Args.string({ description: 'code of the tier', required: true }) }

  async run(): Promise<{ plan: ShownPlan }> {
    const { args } = await this.parse(PlanShow)
    return this.report({ plan: await showPlan(await this.open('use'), args.tier) }, formatPlan)
  }
}
