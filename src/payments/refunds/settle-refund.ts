/** What became of money that was to go back: its row, the payment it is of, and the credit balance it comes from. */
import { execute, firstRow, oneRow, sql } from '../../database/sql.js'
import { moneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { parked, processed, type NoticeOutcome } from '../notices/outcome.js'
import type { FoundInvoice } from '../../billing/book/find-invoice.js'
import type { ProviderName, ProviderRefund } from '../../kernel/payment-gateway.js'
import type { NoticeContext } from '../notices/book-notice.js'
import type { KnownPayment } from '../notices/find-subject.js'

interface RefundRow {
  id: string
  status: 'pending' | 'succeeded' | 'failed' | 'unknown'
  amount_minor: bigint
}

interface Settled {
  refund: ProviderRefund
  payment: KnownPayment
  invoice: FoundInvoice
}

/**
 * In the transaction of `ctx`, the account and the payment held. A refund takes from the credit balance what its credit
 * note has put there: one that was made at the provider, without a credit note, waits for it.
 */
export async function settleRefund(
  ctx: NoticeContext,
  provider: ProviderName,
  { refund, payment, invoice }: Settled,
): Promise<NoticeOutcome> {
  const { amount, status } = refund
  const subject = { invoice, paymentId: payment.id }
  const facts = {
    ...{ provider_payment_id: refund.paymentId, provider_refund_id: refund.id },
    amount: moneyJson(amount),
  }
  if (amount.currency !== payment.currency || amount.amountMinor <= 0n)
    return parked('refund.wrong_amount', subject, facts)
  const row = await rowOf(ctx, provider, { refund, payment, invoice })
  if (row.amount_minor !== amount.amountMinor) return parked('refund.wrong_amount', subject, facts)
  if (row.status === status || status === 'pending') return processed('refund.known', subject)
  if (status === 'succeeded') {
    if (row.status === 'failed') return parked('refund.failed_before', subject, facts)
    if (payment.refunded_minor + amount.amountMinor > payment.amount_minor)
      return parked('refund.exceeds_payment', subject, facts)
    if ((await balanceOf(ctx, invoice)) < amount.amountMinor)
      return parked('refund.without_credit', subject, facts)
    await book(ctx, { payment, invoice, minor: amount.amountMinor })
  } else if (row.status === 'succeeded') {
    await book(ctx, { payment, invoice, minor: -amount.amountMinor })
  }
  await execute(
    ctx.db,
    sql`update public.refunds set status = ${status}, updated_at = clock_timestamp() where id = ${row.id}`,
  )
  await tell(ctx, row.id, { refund, payment, invoice })
  return processed(`refund.${status}`, subject)
}

async function rowOf(
  ctx: NoticeContext,
  provider: ProviderName,
  { refund, payment, invoice }: Settled,
): Promise<RefundRow> {
  const { id, reference, amount } = refund
  const found = await firstRow<RefundRow>(
    ctx.db,
    sql`update public.refunds set provider_refund_id = coalesce(provider_refund_id, ${id}), updated_at = clock_timestamp()
        where payment_id = ${payment.id} and (provider_refund_id = ${id} or reference = ${reference})
        returning id, status, amount_minor`,
  )
  if (found) return found
  return oneRow<RefundRow>(
    ctx.db,
    sql`insert into public.refunds (tenant_id, payment_id, provider, provider_refund_id, reference, status, currency, amount_minor, reason, operator)
        values (${invoice.tenant_id}, ${payment.id}, ${provider}, ${id}, left('at provider ' || ${id}, 40), 'pending', ${amount.currency},
                ${amount.amountMinor}, ${`made at ${provider}`}, ${ctx.actor.operator})
        returning id, status, amount_minor`,
  )
}

/** @param minor negative where what had gone back has returned */
async function book(
  ctx: NoticeContext,
  { payment, invoice, minor }: { payment: KnownPayment; invoice: FoundInvoice; minor: bigint },
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.payments set refunded_minor = refunded_minor + ${minor}, updated_at = clock_timestamp() where id = ${payment.id}`,
  )
  await execute(
    ctx.db,
    sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
        values (${invoice.tenant_id}, ${payment.currency}, ${-minor}, ${minor > 0n ? 'refunded' : 'overpayment'}, ${payment.id})`,
  )
}

async function balanceOf(
  ctx: Pick<NoticeContext, 'db'>,
  { tenant_id, currency }: FoundInvoice,
): Promise<bigint> {
  const found = await firstRow<{ balance: bigint }>(
    ctx.db,
    sql`select balance_minor as balance from public.credit_balances where tenant_id = ${tenant_id} and currency = ${currency} for update`,
  )
  return found?.balance ?? 0n
}

async function tell(ctx: NoticeContext, id: string, { refund, payment, invoice }: Settled): Promise<void> {
  const { number, tenant, tenant_id } = invoice
  const said = { amount: moneyJson(refund.amount), status: refund.status }
  await audit(ctx, {
    ...{
      action: 'payment.refund',
      subjectKind: 'invoice',
      subject: number ?? invoice.id,
      tenantId: tenant_id,
    },
    outcome: 'succeeded',
    after: { payment_id: payment.id, refund_id: id, provider_refund_id: refund.id, ...said },
  })
  await enqueue(ctx, {
    ...{ topic: 'payment.refunded', key: `${id}/${refund.status}`, tenantId: tenant_id },
    payload: { tenant, invoice: number, ...said },
  })
}
