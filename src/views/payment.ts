/** `payment show`: one payment with what came with it, and what became of it since: refunds and disputes. */
import { readPayment, type PaymentJson } from '../billing/book/read-payment.js'
import { sql } from '../database/sql.js'
import { readDisputes, type DisputeJson } from '../payments/read-disputes.js'
import { readRefunds, type RefundJson } from '../payments/refunds/read-refund.js'
import type { Context } from '../kernel/context.js'

export interface ShownPayment {
  payment: PaymentJson
  refunds: RefundJson[]
  disputes: DisputeJson[]
}

/**
 * @param text id, here or at the provider, or the reference of one recorded by hand
 * @throws not_found `payment.not_found`
 */
export async function showPayment(ctx: Pick<Context, 'db' | 'clock'>, text: string): Promise<ShownPayment> {
  const payment = await readPayment(ctx, text)
  return {
    payment,
    refunds: await readRefunds(ctx, sql`r.payment_id = ${payment.id}`),
    disputes: await readDisputes(ctx, sql`d.payment_id = ${payment.id}`),
  }
}
