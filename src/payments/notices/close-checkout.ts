/** A checkout that can be paid no longer, by what the provider says of it. */
import { execute, sql } from '../../database/sql.js'
import { findCheckout, type KnownCheckout } from './find-subject.js'
import { modeDiffers } from './mode.js'
import { ignored, processed, type NoticeOutcome } from './outcome.js'
import type { NoticeContext } from './book-notice.js'
import type { PaymentNotice, ProviderName } from '../../kernel/payment-gateway.js'

type Notice = Extract<PaymentNotice, { kind: 'checkout_closed' }>

/** What came in for it has the last word, whenever it comes: paid stays paid. */
export async function noteClosedCheckout(
  ctx: NoticeContext,
  provider: ProviderName,
  { checkoutId, status, about, live }: Notice,
): Promise<NoticeOutcome> {
  const checkout = await findCheckout(ctx, provider, { about, checkoutId })
  if (checkout === null) return ignored('checkout.unknown', {}, { provider_checkout_id: checkoutId })
  const subject = { invoice: { id: checkout.invoice_id, tenant_id: checkout.tenant_id } }
  if (modeDiffers(live, checkout.live)) return ignored('checkout.mode_differs', subject, { live })
  // Whoever opens it may not have written down yet that it is open.
  await execute(
    ctx.db,
    sql`update public.checkouts set status = 'unknown', updated_at = clock_timestamp() where id = ${checkout.id} and status = 'creating'`,
  )
  const closed = await execute(
    ctx.db,
    sql`update public.checkouts set status = ${status}, updated_at = clock_timestamp()
        where id = ${checkout.id} and status in ('open', 'unknown')`,
  )
  return closed === 1 ? processed(`checkout.${status}`, subject) : processed('checkout.known', subject)
}

/** Whatever was thought of it: it has been paid. */
export async function markPaid(ctx: Pick<NoticeContext, 'db'>, { id }: KnownCheckout): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.checkouts set status = 'paid', updated_at = clock_timestamp() where id = ${id} and status <> 'paid'`,
  )
}
