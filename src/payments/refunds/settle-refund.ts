/** What a provider says of a refund, written down: of one that was ordered here, or made at its own console. */
import { createHash } from 'node:crypto'
import { execute, oneRow, sql } from '../../database/sql.js'
import { moneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { liftWhenSettled } from '../../billing/book/account.js'
import { standingAfter } from '../../billing/book/standing.js'
import { supplierDayAt } from '../../billing/supplier.js'
import { findRefundedPayment, lockedRefund, type RefundedPayment, type RefundRow } from './refund-rows.js'
import { partsOfLoss, putBack, takeOut } from './sources.js'
import type { NoticeContext, NoticeOutcome } from '../notices/book-notice.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { FoundInvoice } from '../../billing/book/find-invoice.js'
import type { ProviderName, ProviderRefund } from '../../kernel/payment-gateway.js'

interface Told {
  refund: ProviderRefund
  payment: { id: string }
  /** As it is before; held. */
  invoice: FoundInvoice
}

/**
 * In the transaction of `ctx`, in which the account and the invoice are held. Safe to repeat, in whatever order events
 * come: a refund that failed at the provider does not succeed any more.
 *
 * One made at the provider's console has no credit note. It takes what was overpaid, then what credit notes of the
 * invoice had left in the credit balance; the rest is taken back from the invoice, which is open again: a person
 * credits it, or the customer owes it.
 */
export async function settleRefund(
  ctx: NoticeContext,
  provider: ProviderName,
  { refund, payment: { id }, invoice }: Told,
): Promise<NoticeOutcome> {
  const payment = await findRefundedPayment(ctx, id, { lock: true })
  const { id: refundId, reference, amount } = refund
  const row = await lockedRefund(
    ctx,
    sql`r.payment_id = ${id} and r.provider = ${provider} and (r.provider_refund_id = ${refundId} or r.reference = ${reference})`,
    sql`r.provider_refund_id is not distinct from ${refundId} desc`,
  )
  if (
    amount.currency !== payment.currency ||
    amount.amountMinor <= 0n ||
    (row && row.amount_minor !== amount.amountMinor)
  )
    return outcome('parked', 'refund.wrong_amount', payment, refund)
  if (row === null) return bookForeign(ctx, provider, refund, payment, invoice)
  return move(ctx, row, refund, payment, invoice)
}

async function move(
  ctx: NoticeContext,
  row: RefundRow,
  refund: ProviderRefund,
  payment: RefundedPayment,
  invoice: FoundInvoice,
): Promise<NoticeOutcome> {
  const { status } = refund
  const unsettled = row.status === 'pending' || row.status === 'unknown'
  // Given up here as never made, and made all the same.
  const revived = row.status === 'failed' && row.provider_refund_id === null && status !== 'failed'
  if (revived) {
    const parts = await partsOfLoss(ctx, payment, row.amount_minor)
    if (parts === null) return outcome('parked', 'refund.credit_used', payment, refund)
    await takeOut(ctx, payment, parts, await supplierDayAt(ctx, ctx.clock.now()))
    await execute(
      ctx.db,
      sql`update public.refunds set charged_minor = ${parts.charged}, reopened_minor = ${parts.reopened} where id = ${row.id}`,
    )
  } else if (status === 'failed' && row.status !== 'failed') await putBack(ctx, row)
  else if (!unsettled) return outcome('processed', 'refund.known', payment, refund)
  const same = row.status === status
  await execute(
    ctx.db,
    sql`update public.refunds
        set status = ${status}, provider_refund_id = ${refund.id}, holder = null, lease_until = null, last_error = null, updated_at = clock_timestamp()
        where id = ${row.id}`,
  )
  if (same && row.provider_refund_id !== null) return outcome('processed', 'refund.known', payment, refund)
  await tell(ctx, row.id, refund, payment, invoice)
  return outcome('processed', `refund.${status}`, payment, refund)
}

async function bookForeign(
  ctx: NoticeContext,
  provider: ProviderName,
  refund: ProviderRefund,
  payment: RefundedPayment,
  invoice: FoundInvoice,
): Promise<NoticeOutcome> {
  const { amountMinor } = refund.amount
  if (payment.status !== 'succeeded') return outcome('parked', 'payment.unknown', payment, refund)
  if (refund.status === 'failed') {
    // Written all the same: an event of its beginning may come after that of its end.
    const day = await supplierDayAt(ctx, refund.at)
    await writeForeign(ctx, provider, refund, payment, { charged: 0n, reopened: 0n }, day)
    return outcome('processed', 'refund.failed', payment, refund)
  }
  if (amountMinor > payment.amount_minor - payment.refunded_minor)
    return outcome('parked', 'refund.exceeds_payment', payment, refund)
  const parts = await partsOfLoss(ctx, payment, amountMinor)
  if (parts === null) return outcome('parked', 'refund.credit_used', payment, refund)
  const day = await supplierDayAt(ctx, refund.at)
  await takeOut(ctx, payment, parts, day)
  const id = await writeForeign(ctx, provider, refund, payment, parts, day)
  await tell(ctx, id, refund, payment, invoice)
  return outcome(
    'processed',
    parts.reopened > 0n ? 'refund.reopened_invoice' : 'refund.booked',
    payment,
    refund,
  )
}

async function writeForeign(
  ctx: NoticeContext,
  provider: ProviderName,
  refund: ProviderRefund,
  payment: RefundedPayment,
  parts: { charged: bigint; reopened: bigint },
  day: PlainDate,
): Promise<string> {
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.refunds
          (tenant_id, payment_id, provider, provider_refund_id, reference, status, currency, amount_minor, charged_minor, reopened_minor, refunded_on,
           reason, operator)
        values (${payment.tenant_id}, ${payment.id}, ${provider}, ${refund.id}, ${foreignReference(provider, refund.id)}, ${refund.status},
                ${refund.amount.currency}, ${refund.amount.amountMinor}, ${parts.charged}, ${parts.reopened}, ${day}, ${`made at ${provider}`}, ${ctx.actor.operator})
        returning id`,
  )
  return id
}

function foreignReference(provider: ProviderName, id: string): string {
  return `at_${createHash('sha256').update(`${provider} ${id}`).digest('hex').slice(0, 32)}`
}

async function tell(
  ctx: NoticeContext,
  id: string,
  { id: providerId, amount, status }: ProviderRefund,
  { id: paymentId, tenant_id, tenant, invoice: number }: RefundedPayment,
  before: FoundInvoice,
): Promise<void> {
  const said = { amount: moneyJson(amount), status }
  const standing = await standingAfter(ctx, before, `${id}/${status}`)
  const facts = { invoice_status: standing.status, open: standing.open }
  await audit(ctx, {
    ...{
      action: 'payment.refund',
      subjectKind: 'invoice',
      subject: number ?? paymentId,
      tenantId: tenant_id,
    },
    outcome: 'succeeded',
    after: { payment_id: paymentId, refund_id: id, provider_refund_id: providerId, ...said, ...facts },
  })
  await enqueue(ctx, {
    ...{ topic: 'payment.refunded', key: `${id}/${status}`, tenantId: tenant_id },
    payload: { tenant, invoice: number, ...said },
  })
  if (standing.open.amount_minor === 0) await liftWhenSettled(ctx, tenant_id)
  if (standing.status !== 'open' || before.status === 'open') return
  await enqueue(ctx, {
    ...{ topic: 'invoice.reopened', key: `${before.id}/${id}`, tenantId: tenant_id },
    payload: { tenant, invoice: number, open: standing.open },
  })
}

function outcome(
  status: NoticeOutcome['status'],
  code: string,
  { id, tenant_id, invoice_id }: RefundedPayment,
  refund: ProviderRefund,
): NoticeOutcome {
  return {
    ...{ status, outcome: code, tenantId: tenant_id, invoiceId: invoice_id, paymentId: id },
    detail: {
      ...{ provider_payment_id: refund.paymentId, provider_refund_id: refund.id },
      amount: moneyJson(refund.amount),
    },
  }
}
