/** `invoice void`: moderate. */
import { Args, Flags } from '@oclif/core'
import { voidInvoice, type VoidedInvoice } from '../../billing/book/void-invoice.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { reasonFlag, reasonFrom } from '../../terminal/correction-flags.js'
import { formatVoided } from '../../terminal/correction-report.js'

export default class InvoiceVoid extends BaseCommand {
  static override summary =
    'Take back an invoice that nobody has seen yet: it keeps its number, its days are billed anew.'
  static override description =
    'Only in the month of its issue, while it is unpaid, uncredited, unsent and not registered as an e-invoice; otherwise it is credited. What it took from the credit balance goes back.'
  static override examples = [
    '<%= config.bin %> invoice void ERP/26-27/00042 --reason "wrong customer" --dry-run',
    '<%= config.bin %> invoice void ERP/26-27/00042 --reason "wrong customer" --yes',
  ]
  static override args = { invoice: Args.string({ description: 'number or id', required: true }) }
  static override flags = {
    reason: reasonFlag('why; it stays with the invoice'),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
  }

  async run(): Promise<VoidedInvoice> {
    const { args, flags } = await this.parse(InvoiceVoid)
    const dryRun = flags['dry-run']
    const reason = reasonFrom(flags.reason)
    if (!dryRun) this.auditFailuresAs({ action: 'invoice.void', kind: 'invoice', subject: args.invoice })
    const ctx = await this.open('use')
    const rehearsed = await voidInvoice(ctx, args.invoice, { reason, dryRun: true })
    if (dryRun) return this.report(rehearsed, formatVoided)
    const { number, tenant } = rehearsed.invoice
    if (rehearsed.changed) await confirmYes(`Void ${number} of ${tenant}`, flags.yes, this.terminal)
    return this.report(await voidInvoice(ctx, args.invoice, { reason, dryRun }), formatVoided)
  }
}
