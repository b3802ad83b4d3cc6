/** The one place where what a provider says becomes money in the book; webhooks and `payment reconcile` come here. */
import { noteDispute } from './note-dispute.js'
import { noteClosedCheckout } from './close-checkout.js'
import { notePayment } from './note-payment.js'
import { noteRefund } from './note-refund.js'
import { ignored, type NoticeOutcome } from './outcome.js'
import type { Context } from '../../kernel/context.js'
import type { PaymentNotice, ProviderName } from '../../kernel/payment-gateway.js'

export type { NoticeOutcome } from './outcome.js'

export type NoticeContext = Pick<Context, 'db' | 'clock' | 'actor' | 'warn' | 'config'>

/**
 * In the transaction of `ctx`, and all of it or nothing. Safe to repeat: each effect happens once, in whatever order
 * and however often the notices of a payment come, and from however many processes at once.
 * @throws what is to be tried again later: the tenant is being restored, the database does not answer
 */
export async function bookNotice(
  ctx: NoticeContext,
  provider: ProviderName,
  notice: PaymentNotice,
): Promise<NoticeOutcome> {
  switch (notice.kind) {
    case 'payment':
      return notePayment(ctx, provider, notice)
    case 'checkout_closed':
      return noteClosedCheckout(ctx, provider, notice)
    case 'refund':
      return noteRefund(ctx, provider, notice)
    case 'dispute':
      return noteDispute(ctx, provider, notice)
    case 'nothing':
      return ignored(notice.reason)
  }
}
