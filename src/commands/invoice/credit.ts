/** `invoice credit`: moderate; a credit note cannot be taken back. */
import { Args, Flags } from '@oclif/core'
import { creditInvoice, type CreditedInvoice } from '../../billing/book/credit-invoice.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { creditInput, reasonFlag } from '../../terminal/correction-flags.js'
import { formatCredited } from '../../terminal/correction-report.js'
import { moneyText } from '../../terminal/money-text.js'

export default class InvoiceCredit extends BaseCommand {
  static override summary =
    'Issue a credit note for an invoice: for all that is left of it, for a line, or for an amount.'
  static override description =
    'Amounts are before tax, and the tax on them is credited too. It lowers what is open; the rest goes to the credit balance, which the next invoices take from. After 30 November following the financial year of an invoice GST knows no credit note any more: --commercial credits the net amount and leaves the tax.'
  static override examples = [
    '<%= config.bin %> invoice credit ERP/26-27/00042 --whole --reason "cancelled order"',
    '<%= config.bin %> invoice credit ERP/26-27/00042 --line 2 --amount 500.00 --reason "outage of 3 April" --dry-run',
    '<%= config.bin %> invoice credit ERP/26-27/00042 --amount 1000 --reason "goodwill" --yes',
  ]
  static override args = { invoice: Args.string({ description: 'number or id', required: true }) }
  static override flags = {
    whole: Flags.boolean({
      description: 'all that is left of the invoice',
      exclusive: ['line', 'amount'],
      default: false,
    }),
    line: Flags.integer({ description: 'of this line alone, by its number; all that is left of it', min: 1 }),
    amount: Flags.string({ description: 'so much before tax, spread over the lines, or of --line' }),
    reason: reasonFlag('why; the credit note says it'),
    commercial: Flags.boolean({
      description: 'without tax: the tax stays as it was invoiced',
      default: false,
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'show the credit note, issue none', default: false }),
  }

  async run(): Promise<CreditedInvoice> {
    const { args, flags } = await this.parse(InvoiceCredit)
    const dryRun = flags['dry-run']
    const { line, amount } = flags
    const input = creditInput({ ...flags, line, amount })
    if (!dryRun) this.auditFailuresAs({ action: 'invoice.credit', kind: 'invoice', subject: args.invoice })
    const ctx = await this.open('use')
    const rehearsed = await creditInvoice(ctx, args.invoice, input, true)
    if (dryRun) return this.report(rehearsed, formatCredited)
    const { total, taxed, invoice, tenant } = rehearsed.credit_note
    const how = taxed ? '' : ', without tax'
    await confirmYes(`Credit ${moneyText(total)} of ${invoice} to ${tenant}${how}`, flags.yes, this.terminal)
    return this.report(await creditInvoice(ctx, args.invoice, input, false), formatCredited)
  }
}
