/** `invoice show`: one invoice, and what has become of it. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatInvoice } from '../../terminal/invoice-report.js'
import { showInvoice, type ShownInvoice } from '../../views/invoice.js'

export default class InvoiceShow extends BaseCommand {
  static override summary =
    'Show an invoice: lines, taxes, payments, what settled it otherwise, credits and what is open.'
  static override description =
    'The days of a line are its first and its last one, as the document prints them.'
  static override examples = [
    '<%= config.bin %> invoice show ERP/26-27/00001',
    '<%= config.bin %> invoice show ERP/26-27/00001 --json',
  ]
  static override args = { invoice: Args.string({ description: 'number or id', required: true }) }

  async run(): Promise<{ invoice: ShownInvoice }> {
    const { args } = await this.parse(InvoiceShow)
    return this.report(await showInvoice(await this.open('use'), args.invoice), formatInvoice)
  }
}
