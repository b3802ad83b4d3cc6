/** `payment refund`: severe; money that has gone cannot be called back. */
import { Args, Flags } from '@oclif/core'
import { refundPayment, type Refunded } from '../../payments/refunds/refund-payment.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmByName } from '../../terminal/confirm.js'
import { reasonFlag, reasonFrom } from '../../terminal/correction-flags.js'
import { moneyText } from '../../terminal/money-text.js'
import { formatRefunded } from '../../terminal/refund-report.js'

export default class PaymentRefund extends BaseCommand {
  static override summary =
    'Give a payment back, whole or in part, with the credit note for what was charged.'
  static override description =
    'At Stripe and Razorpay it is made there; for a payment recorded by hand it is a record, and you pay it back yourself. What was overpaid goes first and needs no credit note, nor does what earlier credit notes of the invoice left in the credit balance. The same words order the same refund, once: a second one of the same amount and reason needs a --reference of its own. Where the provider gave no answer the outcome is unknown; the same command again, or payment reconcile, finds out.'
  static override examples = [
    '<%= config.bin %> payment refund pi_3Nabc --reason "cancelled order" --confirm ERP/26-27/00042',
    '<%= config.bin %> payment refund UTR2026041012345 --amount 590.00 --reason "outage of 3 April" --dry-run',
    '<%= config.bin %> payment refund pay_9A33 --reason "paid by the wrong company" --reopen',
  ]
  static override args = {
    payment: Args.string({
      description: "id, here or at the provider, or a manual one's reference",
      required: true,
    }),
  }
  static override flags = {
    amount: Flags.string({ description: 'so much, tax included; all that is left where it is left out' }),
    reason: reasonFlag('why; the credit note says it'),
    reopen: Flags.boolean({
      description: 'no credit note: the invoice is open again by what was paid of it',
      exclusive: ['commercial'],
      default: false,
    }),
    commercial: Flags.boolean({
      description: 'a credit note without tax, where GST knows none any more',
      default: false,
    }),
    reference: Flags.string({ description: 'tells it from another refund of the same amount and reason' }),
    confirm: Flags.string({
      description: "the invoice's number once more; the tenant's name where there is no invoice",
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'check everything, ask no provider, write nothing',
      default: false,
    }),
  }

  async run(): Promise<Refunded> {
    const { args, flags } = await this.parse(PaymentRefund)
    const { amount = null, reopen, commercial, reference = null } = flags
    const input = { amount, reason: reasonFrom(flags.reason), reopen, commercial, reference }
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'payment.refund', kind: 'payment', subject: args.payment })
    const ctx = await this.open('use')
    const rehearsed = await refundPayment(ctx, args.payment, input, true)
    if (dryRun) return this.report(rehearsed, formatRefunded)
    const { refund, payment, changed } = rehearsed
    const name = payment.invoice ?? payment.tenant
    const what = `Giving back ${moneyText(refund.amount)} of the payment for ${name} to ${payment.tenant}`
    if (changed) await confirmByName(what, name, flags.confirm, this.terminal)
    return this.report(await refundPayment(ctx, args.payment, input, false), formatRefunded)
  }
}
