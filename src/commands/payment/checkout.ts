/** `payment checkout`: the page on which a customer pays an invoice. */
import { Args, Flags } from '@oclif/core'
import { providerNames } from '../../kernel/payment-gateway.js'
import { openCheckout, type OpenedCheckout } from '../../payments/checkout/open-checkout.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatOpenedCheckout } from '../../terminal/checkout-report.js'

export default class PaymentCheckout extends BaseCommand {
  static override summary = 'Make the link by which an invoice is paid online, or give the one that is open.'
  static override description =
    'There is one open link of an invoice at most: one whose amount is no longer what is open, or that is about to expire, is closed at the provider and replaced. Where the provider gave no answer the outcome is unknown; the same command again, or payment reconcile, finds out.'
  static override examples = [
    '<%= config.bin %> payment checkout ERP/26-27/00042',
    '<%= config.bin %> payment checkout ERP/26-27/00042 --provider razorpay --json',
    '<%= config.bin %> payment checkout ERP/26-27/00042 --dry-run',
  ]
  static override args = { invoice: Args.string({ description: 'number or id', required: true }) }
  static override flags = {
    provider: Flags.option({
      description:
        'where it is paid; left out: the open one, else the configured one, of both Razorpay for rupees',
      options: providerNames,
    })(),
    'dry-run': Flags.boolean({ char: 'n', description: 'ask no provider, write nothing', default: false }),
  }

  async run(): Promise<OpenedCheckout> {
    const { args, flags } = await this.parse(PaymentCheckout)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'payment.checkout', kind: 'invoice', subject: args.invoice })
    const ctx = await this.open('use')
    const opened = await openCheckout(ctx, args.invoice, { provider: flags.provider ?? null, dryRun })
    return this.report(opened, formatOpenedCheckout)
  }
}
