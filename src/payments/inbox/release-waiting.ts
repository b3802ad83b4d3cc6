/** Events that spoke of a payment before anybody knew it are taken up again once it is booked. */
import { execute, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

/** In the transaction that books it, under the payment's lock: whoever parks one for it holds the same. */
export async function releaseWaiting(
  ctx: Pick<Context, 'db'>,
  provider: ProviderName,
  paymentId: string,
): Promise<number> {
  return execute(
    ctx.db,
    sql`update public.webhook_events
        set status = 'received', settled_at = null, outcome = null, detail = null, attempts = 0, lost = 0, next_attempt_at = clock_timestamp()
        where provider = ${provider} and status = 'parked' and detail ->> 'provider_payment_id' = ${paymentId}`,
  )
}
