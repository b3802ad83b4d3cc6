/** A payment that a provider speaks of: found, judged, noted; only one that succeeded, as it was asked for, is booked. */
import { firstRow, oneRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { moneyJson } from '../../kernel/money.js'
import { holdAccount } from '../../billing/book/account.js'
import { findInvoice, type FoundInvoice } from '../../billing/book/find-invoice.js'
import { bookPayment } from './book-payment.js'
import { markPaid } from './close-checkout.js'
import {
  findCheckout,
  findSpokenInvoice,
  holdPayment,
  readKnownPayment,
  wasAskedFor,
  type KnownCheckout,
  type KnownPayment,
} from './find-subject.js'
import { expectsLive, modeDiffers } from './mode.js'
import { ignored, parked, processed, type NoticeOutcome, type Subject } from './outcome.js'
import type { NoticeContext } from './book-notice.js'
import type { PaymentNotice, ProviderName, ProviderPayment } from '../../kernel/payment-gateway.js'

type Notice = Extract<PaymentNotice, { kind: 'payment' }>

export async function notePayment(
  ctx: NoticeContext,
  provider: ProviderName,
  { payment, part = false }: Notice,
): Promise<NoticeOutcome> {
  const before = await holdPayment(ctx, provider, payment.id)
  const checkout = await findCheckout(ctx, provider, payment)
  const found = await findSpokenInvoice(ctx, checkout, before, payment.about)
  const facts = factsOf(payment)
  if (modeDiffers(payment.live, checkout?.live ?? expectsLive(ctx.config, provider)))
    return parked('payment.mode_differs', { invoice: found }, { ...facts, live: payment.live })
  if (found === null) return parked('invoice.unknown', {}, facts)
  const shut = await accountShut(ctx, found)
  if (shut !== null) return parked('tenant.not_active', { invoice: found }, { ...facts, tenant_status: shut })
  const invoice = await findInvoice(ctx, found.id, { lock: true })
  const known = await readKnownPayment(ctx, provider, payment.id)
  const subject = { invoice, paymentId: known?.id ?? null }
  if (known?.status === 'succeeded') return again(ctx, { payment, known, checkout, subject })
  if (payment.amount.currency !== invoice.currency)
    return parked('payment.wrong_currency', subject, { ...facts, expected_currency: invoice.currency })
  if (payment.status !== 'succeeded') return tried(ctx, provider, { payment, known, invoice })
  const { amountMinor } = payment.amount
  const asked = part
    ? amountMinor > 0n && amountMinor <= (checkout?.amount_minor ?? invoice.total_minor)
    : await wasAskedFor(ctx, provider, { amountMinor, invoice, checkout })
  if (!asked)
    return parked('payment.wrong_amount', subject, {
      ...facts,
      expected_minor: Number(checkout?.amount_minor ?? invoice.open_minor),
    })
  return bookPayment(ctx, provider, { payment, known, checkout, invoice })
}

/** It has been booked: what comes now changes nothing of it, and is looked at only where it says something else. */
async function again(
  ctx: NoticeContext,
  {
    payment,
    known,
    checkout,
    subject,
  }: { payment: ProviderPayment; known: KnownPayment; checkout: KnownCheckout | null; subject: Subject },
): Promise<NoticeOutcome> {
  if (payment.status !== 'succeeded') return ignored('payment.succeeded_before', subject, factsOf(payment))
  const { amountMinor, currency } = payment.amount
  if (amountMinor !== known.amount_minor || currency !== known.currency)
    return parked('payment.amount_differs', subject, {
      ...factsOf(payment),
      booked: moneyJson({ amountMinor: known.amount_minor, currency: known.currency }),
    })
  if (checkout) await markPaid(ctx, checkout)
  return processed('payment.known', subject)
}

/** Pending or failed: a row that a later success overrides. */
async function tried(
  ctx: NoticeContext,
  provider: ProviderName,
  {
    payment,
    known,
    invoice,
  }: { payment: ProviderPayment; known: KnownPayment | null; invoice: FoundInvoice },
): Promise<NoticeOutcome> {
  const { status, amount, method, failure } = payment
  if (amount.amountMinor <= 0n)
    return parked('payment.wrong_amount', { invoice, paymentId: known?.id ?? null }, factsOf(payment))
  const moves = known === null || (status === 'failed' && known.status !== 'failed')
  if (!moves) return processed('payment.known', { invoice, paymentId: known.id })
  const row =
    known ??
    (await oneRow<{ id: string }>(
      ctx.db,
      sql`insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, reference, operator)
          values (${invoice.tenant_id}, ${invoice.id}, ${status}, ${provider}, ${payment.id}, ${method}, ${amount.currency},
                  ${amount.amountMinor}, ${payment.id}, ${ctx.actor.operator}) returning id`,
    ))
  if (known)
    await firstRow(
      ctx.db,
      sql`update public.payments set status = ${status}, method = ${method}, updated_at = clock_timestamp() where id = ${known.id}`,
    )
  if (status === 'failed') await tellFailure(ctx, row.id, invoice, payment)
  return processed(`payment.${status}`, { invoice, paymentId: row.id }, failure && { ...failure })
}

async function tellFailure(
  ctx: NoticeContext,
  paymentId: string,
  { id, number, tenant, tenant_id }: FoundInvoice,
  { amount, failure }: ProviderPayment,
): Promise<void> {
  const said = { amount: moneyJson(amount), failure: failure && { ...failure } }
  await audit(ctx, {
    ...{ action: 'payment.fail', subjectKind: 'invoice', subject: number ?? id, tenantId: tenant_id },
    ...{ outcome: 'succeeded', after: { payment_id: paymentId, ...said } },
  })
  await enqueue(ctx, {
    ...{ topic: 'payment.failed', key: paymentId, tenantId: tenant_id },
    payload: { tenant, invoice: number, ...said },
  })
}

/**
 * Holds the account for booking.
 * @returns the state of a tenant for which nothing will ever be booked again, else null
 * @throws conflict `tenant.not_active` where it is only being restored or made: to be tried again
 */
export async function accountShut(
  ctx: Pick<NoticeContext, 'db'>,
  { tenant_id }: Pick<FoundInvoice, 'tenant_id'>,
): Promise<string | null> {
  try {
    await holdAccount(ctx, tenant_id)
    return null
  } catch (error) {
    const status = error instanceof ErpmaxError ? error.details.status : null
    if (status === 'deleting' || status === 'deleted') return status
    throw error
  }
}

/** Of the payment, for a person who looks at the event. */
function factsOf({ id, status, amount, about, checkoutId }: ProviderPayment): Record<string, unknown> {
  return {
    ...{ provider_payment_id: id, payment_status: status, provider_checkout_id: checkoutId },
    amount: moneyJson(amount),
    named: { ...about },
  }
}
