/** `billing export`: the book of a period, for the accountant. */
import { Flags } from '@oclif/core'
import { exportBook, type ExportedBook } from '../../billing/export/export-book.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatExportedBook, formatExportProgress } from '../../terminal/book-report.js'
import { dayFlag } from '../../terminal/day-flag.js'
import { followRun } from '../../terminal/run-progress.js'
import { tellBeside, writeToStdout } from '../../terminal/stdout.js'

export default class BillingExport extends BaseCommand {
  static override summary =
    'Write the book of a period: invoices, credit notes, payments, tax, and GSTR-1 of an Indian supplier as a draft.'
  static override description =
    'Read at one moment and compared with the totals of the documents: exits 3 where they do not agree. Void invoices are in it with number and reason, and in no sum. Amounts in CSV are decimal text beside their currency; what a spreadsheet would take for a formula gets an apostrophe. The sections of GSTR-1 are in rupees, in the shape of the offline tool of the GSTN.'
  static override examples = [
    '<%= config.bin %> billing export --month 2026-04',
    '<%= config.bin %> billing export --year 2026-27 --output books/ --force',
    '<%= config.bin %> billing export --from 2026-04-01 --to 2026-06-30 --format json --output -',
  ]
  static override flags = {
    from: dayFlag('the first day of issue'),
    to: dayFlag('the last day of issue'),
    month: Flags.string({ description: 'a month, 2026-04' }),
    year: Flags.string({ description: 'a financial year of the supplier: 2026-27 in India, 2026 elsewhere' }),
    format: Flags.option({
      description: 'csv: a file for each table; json: one document',
      options: ['csv', 'json'] as const,
    })(),
    output: Flags.string({
      char: 'o',
      description: 'the folder, made where it is missing; - is stdout, for json',
      default: '.',
    }),
    force: Flags.boolean({ description: 'replace files that are there' }),
    ndjson: Flags.boolean({ description: 'each table as a line when it is written, the result last' }),
  }

  async run(): Promise<ExportedBook> {
    const { flags } = await this.parse(BillingExport)
    const { from, to, month, year, output, force } = flags
    const streamed = output === '-'
    if (streamed) this.requireStream(flags.format)
    const ctx = await this.open('use')
    const exported = await followRun(
      exportBook(ctx, {
        ...{ from, to, month, year, force: force ?? false, write: writeToStdout },
        ...{ format: flags.format ?? (streamed ? 'json' : 'csv'), output: streamed ? null : output },
      }),
      this.progressMode === 'lines' ? 'silent' : this.progressMode,
      formatExportProgress,
      'Reading the book',
    )
    if (!exported.export.reconciles) this.endAs('partial')
    if (!streamed) return this.report(exported, formatExportedBook)
    tellBeside(formatExportedBook(exported, this.terminal))
    return exported
  }

  private requireStream(format: string | undefined): void {
    const wrong = this.jsonEnabled()
      ? 'With --json the result goes to stdout, and the book needs a place of its own'
      : format === 'csv'
        ? 'A book in CSV is several files, and stdout is one place'
        : null
    if (wrong === null) return
    throw new ErpmaxError('usage', 'export.output_invalid', wrong, { hint: '--output books/' })
  }
}
