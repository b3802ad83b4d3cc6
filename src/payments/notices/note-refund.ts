/** Money that goes back to the customer, by what the provider says of it; the booking is that of `payment refund`. */
import { moneyJson } from '../../kernel/money.js'
import { settleRefund } from '../refunds/settle-refund.js'
import { holdSucceeded } from './find-payment.js'
import type { NoticeOutcome } from './outcome.js'
import type { NoticeContext } from './book-notice.js'
import type { PaymentNotice, ProviderName } from '../../kernel/payment-gateway.js'

type Notice = Extract<PaymentNotice, { kind: 'refund' }>

export async function noteRefund(
  ctx: NoticeContext,
  provider: ProviderName,
  { refund, live }: Notice,
): Promise<NoticeOutcome> {
  const { id, paymentId, amount, status } = refund
  const facts = { provider_refund_id: id, refund_status: status, amount: moneyJson(amount) }
  const held = await holdSucceeded(ctx, provider, { paymentId, live }, facts)
  return 'status' in held ? held : settleRefund(ctx, provider, { refund, ...held })
}
