/** The payment that a refund or a dispute is about, held with its account: it must have come in here. */
import { firstRow, sql } from '../../database/sql.js'
import { findInvoice, type FoundInvoice } from '../../billing/book/find-invoice.js'
import { holdPayment, readKnownPayment, type KnownPayment } from './find-subject.js'
import { expectsLive, modeDiffers } from './mode.js'
import { accountShut } from './note-payment.js'
import { parked, type NoticeOutcome } from './outcome.js'
import type { NoticeContext } from './book-notice.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export interface HeldPayment {
  payment: KnownPayment
  invoice: FoundInvoice
}

/**
 * @param facts for whoever looks at it once it is parked
 * @returns what is parked until the payment is known, or until somebody has looked
 */
export async function holdSucceeded(
  ctx: NoticeContext,
  provider: ProviderName,
  { paymentId, live }: { paymentId: string; live: boolean | null },
  facts: Record<string, unknown>,
): Promise<HeldPayment | NoticeOutcome> {
  const detail = { provider_payment_id: paymentId, ...facts }
  const before = await holdPayment(ctx, provider, paymentId)
  const checkout = before && (await liveOf(ctx, provider, before))
  if (modeDiffers(live, checkout ?? expectsLive(ctx.config, provider)))
    return parked('payment.mode_differs', {}, { ...detail, live })
  if (before === null || before.invoice_id === null) return parked('payment.unknown', {}, detail)
  const found = await findInvoice(ctx, before.invoice_id)
  const shut = await accountShut(ctx, found)
  if (shut !== null)
    return parked('tenant.not_active', { invoice: found }, { ...detail, tenant_status: shut })
  const invoice = await findInvoice(ctx, before.invoice_id, { lock: true })
  const payment = await readKnownPayment(ctx, provider, paymentId)
  if (payment?.status === 'succeeded') return { payment, invoice }
  return parked('payment.unknown', { invoice, paymentId: before.id }, detail)
}

/** Of the checkouts for its invoice, which are all of one mode; null where there was none. */
async function liveOf(
  ctx: Pick<NoticeContext, 'db'>,
  provider: ProviderName,
  { invoice_id }: KnownPayment,
): Promise<boolean | null> {
  const found = await firstRow<{ live: boolean }>(
    ctx.db,
    sql`select live from public.checkouts where invoice_id = ${invoice_id} and provider = ${provider} limit 1`,
  )
  return found?.live ?? null
}
