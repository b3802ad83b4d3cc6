/** `tenant stats`: the fleet in numbers. */
import { Flags } from '@oclif/core'
import { plainDate } from '../../kernel/dates.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatStats } from '../../terminal/stats-report.js'
import { readStats, type Stats } from '../../views/stats/read.js'

export default class TenantStats extends BaseCommand {
  static override summary = 'The fleet in numbers: tenants, recurring revenue, modules, churn.'
  static override description =
    'MRR is what a month brings at the prices in force, annual subscriptions by twelve; each currency stands for itself. Trials are shown apart. Churn counts customers whose subscription ended or who were archived or deleted, against the number at the start. Days are those of UTC.'
  static override examples = [
    '<%= config.bin %> tenant stats',
    '<%= config.bin %> tenant stats --as-of 2026-10-31',
    '<%= config.bin %> tenant stats --json',
  ]
  static override flags = {
    'as-of': Flags.string({ description: 'at the end of this day, YYYY-MM-DD; today where it is left out' }),
  }

  async run(): Promise<{ stats: Stats }> {
    const { flags } = await this.parse(TenantStats)
    const asOf = flags['as-of'] === undefined ? null : plainDate(flags['as-of'])
    const ctx = await this.open('use')
    return this.report(await readStats(ctx, asOf), formatStats)
  }
}
