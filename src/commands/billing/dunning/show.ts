/** `billing dunning show`: what follows an unpaid invoice, and when. */
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatSchedule } from '../../../terminal/dunning-report.js'
import { showSchedule, type ScheduleJson } from '../../../views/dunning.js'

export default class BillingDunningShow extends BaseCommand {
  static override summary = 'Show what follows an unpaid invoice, day by day, and how many tenants are where.'
  static override description =
    "Counted in the tenant's days, from the due date of its earliest unpaid invoice; billing run does it. What comes next for one invoice: erpmax invoice show."
  static override examples = [
    '<%= config.bin %> billing dunning show',
    '<%= config.bin %> billing dunning show --json',
  ]

  async run(): Promise<{ schedule: ScheduleJson }> {
    await this.parse(BillingDunningShow)
    return this.report(await showSchedule(await this.open('use')), formatSchedule)
  }
}
