/** `invoice audit`: does the whole book hold? */
import { Flags } from '@oclif/core'
import { auditBook, type AuditedBook } from '../../billing/audit/audit-book.js'
import { formatAudit, formatAuditProgress } from '../../terminal/audit-book-report.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { dayFlag } from '../../terminal/day-flag.js'
import { followRun } from '../../terminal/run-progress.js'

export default class InvoiceAudit extends BaseCommand {
  static override summary =
    'Prove the whole book: numbers, amounts, tax, what came in, what was credited, and that every day is charged once.'
  static override description =
    'Changes nothing. Everything is looked at as it is at one moment. Exits 0 where the book is sound, 3 where something does not hold: each finding names the document, what was expected and what was found. With --from and --to only what was issued then is judged; the series, the credit balances and their sources always as a whole.'
  static override examples = [
    '<%= config.bin %> invoice audit',
    '<%= config.bin %> invoice audit --from 2026-04-01 --to 2026-04-30',
    '<%= config.bin %> invoice audit --json',
  ]
  static override flags = {
    from: dayFlag('only what was issued on this day or later'),
    to: dayFlag('only what was issued up to and with this day'),
    ndjson: Flags.boolean({ description: 'each check as a line when it is done, the result last' }),
  }

  async run(): Promise<AuditedBook> {
    const { flags } = await this.parse(InvoiceAudit)
    const ctx = await this.open('use')
    const audited = await followRun(
      auditBook(ctx, { from: flags.from ?? null, to: flags.to ?? null }),
      this.progressMode === 'lines' ? 'silent' : this.progressMode,
      formatAuditProgress,
      'Looking at the book',
    )
    if (!audited.audit.sound) this.endAs('partial')
    return this.report(audited, formatAudit)
  }
}
