/** `billing runs show`: one run with its steps, what it parked and what it issued. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatShownRun } from '../../../terminal/billing-runs-report.js'
import { nextPage, pageFlags } from '../../../terminal/lists.js'
import { showBillingRun, type ShownRun } from '../../../views/billing-runs.js'

export default class BillingRunsShow extends BaseCommand {
  static override summary =
    'Show a run: its steps, its sums, who started it, what it parked and why, and the documents it issued.'
  static override description =
    'Without an id: the last run. The beginning of an id is enough where only one run begins with it.'
  static override examples = [
    '<%= config.bin %> billing runs show',
    '<%= config.bin %> billing runs show 1f6b2c9e --limit 200 --json',
  ]
  static override args = {
    run: Args.string({ description: 'id, or at least four characters of its beginning' }),
  }
  static override flags = pageFlags

  async run(): Promise<ShownRun> {
    const { args, flags } = await this.parse(BillingRunsShow)
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const shown = await showBillingRun(await this.open('use'), args.run ?? null, page)
    const { next_cursor: cursor } = shown.documents
    const more =
      cursor === null ? null : nextPage(this.id, args.run ? this.argv : [shown.run.id, ...this.argv], cursor)
    return this.report(shown, (run, terminal) => formatShownRun(run, more, terminal))
  }
}
