/** `billing status`: how billing stands; `--check` for monitoring. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatBillingStatus } from '../../terminal/billing-status-report.js'
import {
  longestSilence,
  readBillingStatus,
  type BillingStatus as Status,
} from '../../views/billing-status.js'

export default class BillingStatus extends BaseCommand {
  static override summary =
    'Show how billing stands: the last runs, parked accounts, what is due, what is owed and since when.'
  static override description = `Says so when the last good run is over ${longestSilence} hours old: the dead man's switch of cron. With --check the exit code tells: 4 where that is so, 3 where accounts are parked or mails have failed.`
  static override examples = [
    '<%= config.bin %> billing status',
    '<%= config.bin %> billing status --check --json',
  ]
  static override flags = {
    check: Flags.boolean({
      description: 'exit 4 where no run has come, 3 where something waits for a person',
    }),
  }

  async run(): Promise<{ status: Status }> {
    const { flags } = await this.parse(BillingStatus)
    const status = await readBillingStatus(await this.open('use'))
    if (!status.on_time) {
      const message = status.last_good_run
        ? `The last good run is over ${longestSilence} hours old`
        : 'There has been no good run yet'
      this.note({ code: 'billing.run_overdue', message: `${message}: is cron at work? docs/cron.md` })
    }
    if (flags.check) {
      const { parked, mails, events } = status
      const waiting = parked.accounts + mails.failed + mails.unknown + events.parked + events.failed
      if (!status.on_time) this.endAs('permission')
      else if (waiting > 0) this.endAs('partial')
    }
    return this.report({ status }, formatBillingStatus)
  }
}
