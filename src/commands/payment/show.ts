/** `payment show`: one payment with what came with it. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatPayment } from '../../terminal/payment-report.js'
import { showPayment, type ShownPayment } from '../../views/payment.js'

export default class PaymentShow extends BaseCommand {
  static override summary =
    'Show a payment: what it paid, what was withheld, what was given back or is contested.'
  static override examples = [
    '<%= config.bin %> payment show UTR2026041012345',
    '<%= config.bin %> payment show pi_3Nabc',
    '<%= config.bin %> payment show 0b9b6a0e-6d4e-4f5e-9d7c-3f1c2d3e4f50 --json',
  ]
  static override args = {
    payment: Args.string({
      description: "id, here or at the provider, or a manual one's reference",
      required: true,
    }),
  }

  async run(): Promise<ShownPayment> {
    const { args } = await this.parse(PaymentShow)
    return this.report(await showPayment(await this.open('use'), args.payment), formatPayment)
  }
}
