/** `webhook trigger`: a made-up event, for trying things out in test mode. */
import { Args, Flags } from '@oclif/core'
import { providerNames } from '../../kernel/payment-gateway.js'
import { syntheticTypes, triggerEvent, type Triggered } from '../../payments/synthetic/trigger.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatTriggered } from '../../terminal/webhook-report.js'

export default class WebhookTrigger extends BaseCommand {
  static override summary =
    'Make up a signed event for an invoice: to the listener, or into the inbox. Test mode only.'
  static override description = `Events of one invoice are of one payment, unless --payment names another, so that any number of them can be told in any order. Without --url the event goes into the inbox and is processed at once. Refused in production and with live keys. Stripe: ${syntheticTypes.stripe.join(', ')}. Razorpay: ${syntheticTypes.razorpay.join(', ')}.`
  static override examples = [
    '<%= config.bin %> webhook trigger stripe checkout.session.completed --invoice ERP/26-27/00042',
    '<%= config.bin %> webhook trigger razorpay payment.failed --invoice ERP/26-27/00042',
    '<%= config.bin %> webhook trigger razorpay payment_link.paid --invoice ERP/26-27/00042 --url http://127.0.0.1:8787',
    '<%= config.bin %> webhook trigger stripe payment_intent.succeeded --invoice ERP/26-27/00042 --amount 1.00 --payment pi_other',
  ]
  static override args = {
    provider: Args.string({ description: 'stripe or razorpay', options: [...providerNames], required: true }),
    event: Args.string({ description: 'type of event, as the provider calls it', required: true }),
  }
  static override flags = {
    invoice: Flags.string({ description: 'number or id', required: true }),
    amount: Flags.string({ description: 'another amount than was asked for' }),
    payment: Flags.string({ description: "another payment of the provider's: pi_..., pay_..." }),
    'event-id': Flags.string({ description: 'the id of the event, to tell the same one again' }),
    url: Flags.string({ description: 'a listener: http://127.0.0.1:8787' }),
  }

  async run(): Promise<{ trigger: Triggered }> {
    const { args, flags } = await this.parse(WebhookTrigger)
    this.auditFailuresAs({ action: 'webhook.trigger', kind: 'invoice', subject: flags.invoice })
    const ctx = await this.open('use')
    const trigger = await triggerEvent(ctx, {
      ...{ provider: args.provider as 'stripe' | 'razorpay', type: args.event, invoice: flags.invoice },
      ...{ amount: flags.amount ?? null, payment: flags.payment ?? null },
      ...{ eventId: flags['event-id'] ?? null, url: flags.url ?? null },
    })
    return this.report({ trigger }, formatTriggered)
  }
}
