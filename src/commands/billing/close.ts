/** `billing close`: severe. */
import { Flags } from '@oclif/core'
import {
  closeMonth,
  readMonths,
  type ClosedMonth,
  type ClosedMonthResult,
} from '../../billing/book/close-month.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmByName } from '../../terminal/confirm.js'
import { formatClosed, formatMonths } from '../../terminal/correction-report.js'

export default class BillingClose extends BaseCommand {
  static override summary =
    'Close a month of the book for good: nothing is issued, voided or credited into it any more.'
  static override description =
    'Only a month that is over where the supplier is. There is no way back: what was wrong in it is corrected by credit notes of later months. Payments are recorded whenever they come.'
  static override examples = [
    '<%= config.bin %> billing close --month 2026-03 --dry-run',
    '<%= config.bin %> billing close --month 2026-03 --confirm 2026-03',
    '<%= config.bin %> billing close --list',
  ]
  static override flags = {
    month: Flags.string({ description: 'the month, 2026-03', exactlyOne: ['month', 'list'] }),
    list: Flags.boolean({
      description: 'show the months that are closed',
      exclusive: ['confirm', 'dry-run'],
    }),
    confirm: Flags.string({ description: 'the month once more: without it the command asks' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, close nothing' }),
  }

  async run(): Promise<ClosedMonthResult | { items: ClosedMonth[]; next_cursor: null }> {
    const { flags } = await this.parse(BillingClose)
    const { month } = flags
    if (month === undefined)
      return this.report({ items: await readMonths(await this.open('use')), next_cursor: null }, formatMonths)
    const dryRun = flags['dry-run'] ?? false
    if (!dryRun) this.auditFailuresAs({ action: 'billing.close', kind: 'month', subject: month })
    const ctx = await this.open('use')
    const rehearsed = await closeMonth(ctx, month, true)
    if (dryRun || !rehearsed.changed) return this.report({ ...rehearsed, dry_run: dryRun }, formatClosed)
    const { month: name } = rehearsed.closed_month
    await confirmByName(`Closing ${name}`, name, flags.confirm, this.terminal)
    return this.report(await closeMonth(ctx, month, false), formatClosed)
  }
}
