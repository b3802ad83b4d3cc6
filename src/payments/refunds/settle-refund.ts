/** x */
import type { NoticeContext, NoticeOutcome } from '../notices/book-notice.js'
import type { FoundInvoice } from '../../billing/book/find-invoice.js'
import type { ProviderName, ProviderRefund } from '../../kernel/payment-gateway.js'

export async function settleRefund(
  _ctx: NoticeContext,
  _provider: ProviderName,
  _input: { refund: ProviderRefund; payment: { id: string }; invoice: FoundInvoice },
): Promise<NoticeOutcome> {
  return Promise.reject(new Error('not yet'))
}
