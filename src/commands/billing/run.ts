/** `billing run`: what cron starts once a day. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { followDaily } from '../../terminal/daily-progress.js'
import { formatDaily } from '../../terminal/daily-report.js'
import { dayFlag } from '../../terminal/day-flag.js'
import { commaList } from '../../terminal/lists.js'
import { runDaily, worstOf, type DailyResult } from '../../workflows/daily-billing/run.js'
import { stepCodes, type StepCode } from '../../workflows/daily-billing/step.js'

export default class BillingRun extends BaseCommand {
  static override summary =
    'Do the work of the day: apply changes, bill what is due, remind, put mails in the queue and send them.'
  static override description =
    'For cron. Safe to start twice and after any interruption: each step finds what is left of its work. What one step cannot do keeps no other from its own; the exit code is that of the worst. 3: accounts were parked, or changes or mails failed; 7: another run goes on. docs/cron.md has a crontab line and units for systemd.'
  static override examples = [
    '<%= config.bin %> billing run',
    '<%= config.bin %> billing run --dry-run',
    '<%= config.bin %> billing run --wait --ndjson',
    '<%= config.bin %> billing run --skip mails --json',
    '<%= config.bin %> billing run --as-of 2026-12-31 --dry-run --json',
  ]
  static override flags = {
    'as-of': dayFlag('do what is due up to and with this day; later than today only with --dry-run'),
    'dry-run': Flags.boolean({ char: 'n', description: 'show everything, write nothing', default: false }),
    wait: Flags.boolean({ description: 'wait while another run goes on, instead of exiting 7' }),
    'max-catch-up': Flags.integer({ description: 'periods of one subscription at most', min: 1, max: 600 }),
    skip: commaList('steps to leave out, by comma', stepCodes),
    ndjson: Flags.boolean({ description: 'an event a line as it happens, the result last' }),
  }

  async run(): Promise<DailyResult> {
    const { flags } = await this.parse(BillingRun)
    this.auditFailuresAs({ action: 'billing.run', kind: 'daily_run', subject: 'today' })
    const ctx = await this.open('use')
    const events = runDaily(ctx, {
      asOf: flags['as-of'] ?? null,
      dryRun: flags['dry-run'],
      wait: flags.wait ?? false,
      catchUp: flags['max-catch-up'] ?? null,
      skip: (flags.skip ?? []) as StepCode[],
    })
    const result = await followDaily(events, this.progressMode, this.terminal)
    const worst = worstOf(result)
    if (worst) this.endAs(worst)
    return this.report(result, formatDaily)
  }
}
