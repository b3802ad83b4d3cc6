/** `payment show`: one payment with what came with it. */
import { Args } from '@oclif/core'
import { readPayment, type PaymentJson } from '../../billing/book/read-payment.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatPayment } from '../../terminal/payment-report.js'

export default class PaymentShow extends BaseCommand {
  static override summary =
    'Show a payment: what it paid, what went to the credit balance, what was withheld.'
  static override examples = [
    '<%= config.bin %> payment show UTR2026041012345',
    '<%= config.bin %> payment show 0b9b6a0e-6d4e-4f5e-9d7c-3f1c2d3e4f50 --json',
  ]
  static override args = {
    payment: Args.string({ description: 'id, or the reference of one recorded by hand', required: true }),
  }

  async run(): Promise<{ payment: PaymentJson }> {
    const { args } = await this.parse(PaymentShow)
    const payment = await readPayment(await this.open('use'), args.payment)
    return this.report({ payment }, formatPayment)
  }
}
