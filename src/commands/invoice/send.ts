/** `invoice send`: an invoice by mail, once. */
import { Args, Flags } from '@oclif/core'
import { sendInvoice, type SentInvoice } from '../../billing/book/send-invoice.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatSent } from '../../terminal/invoice-report.js'

export default class InvoiceSend extends BaseCommand {
  static override summary = 'Send an invoice as a PDF by mail: once, unless --again says otherwise.'
  static override description =
    'Puts the mail into the queue; erpmax mail send, or the daily run, delivers it. An invoice that was sent is credited, not voided.'
  static override examples = [
    '<%= config.bin %> invoice send ERP/26-27/00001',
    '<%= config.bin %> invoice send ERP/26-27/00001 --to accounts@acme.test --again --json',
  ]
  static override args = { invoice: Args.string({ description: 'number or id', required: true }) }
  static override flags = {
    to: Flags.string({ description: "to this address instead of the tenant's billing address" }),
    again: Flags.boolean({ description: 'once more, where it was sent already' }),
  }

  async run(): Promise<SentInvoice> {
    const { args, flags } = await this.parse(InvoiceSend)
    this.auditFailuresAs({ action: 'invoice.send', kind: 'invoice', subject: args.invoice })
    const ctx = await this.open('use')
    const input = { to: flags.to ?? null, again: flags.again ?? false }
    return this.report(await sendInvoice(ctx, args.invoice, input), formatSent)
  }
}
