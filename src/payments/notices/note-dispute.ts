/** A payment that is contested at the customer's bank: noted while it is open, and taken back where it is lost. */
import { execute, firstRow, oneRow, sql } from '../../database/sql.js'
import { moneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { findInvoice } from '../../billing/book/find-invoice.js'
import { supplierDayAt } from '../../billing/supplier.js'
import { holdSucceeded, type HeldPayment } from './find-payment.js'
import type { KnownPayment } from './find-subject.js'
import { partsOfLoss, takeOut, type Parts } from '../refunds/sources.js'
import { ignored, parked, processed, type NoticeOutcome } from './outcome.js'
import type { NoticeContext } from './book-notice.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { PaymentNotice, ProviderName } from '../../kernel/payment-gateway.js'

type Notice = Extract<PaymentNotice, { kind: 'dispute' }>

interface DisputeRow {
  id: string
  status: Notice['status']
}

interface Effects {
  before: DisputeRow | null
  held: HeldPayment
  parts: Pick<Parts, 'charged' | 'reopened'>
  /** On which it was lost, where the supplier is. */
  day: PlainDate | null
}

const nothing = { charged: 0n, reopened: 0n }

/**
 * What is lost was overpaid, or is still in the credit balance, before it is taken from the invoice, which is open again
 * by the rest. Each state of a dispute has its effect once; its end is final, whatever is told of its beginning
 * afterwards.
 */
export async function noteDispute(
  ctx: NoticeContext,
  provider: ProviderName,
  notice: Notice,
): Promise<NoticeOutcome> {
  const { amount, status } = notice
  const facts = { provider_dispute_id: notice.id, dispute_status: status, amount: moneyJson(amount) }
  const held = await holdSucceeded(ctx, provider, notice, facts)
  if ('status' in held) return held
  const { payment, invoice } = held
  const subject = { invoice, paymentId: payment.id }
  const detail = { provider_payment_id: notice.paymentId, ...facts }
  const left = payment.amount_minor - payment.refunded_minor
  if (amount.currency !== payment.currency || amount.amountMinor <= 0n)
    return parked('dispute.wrong_amount', subject, detail)
  const before = await firstRow<DisputeRow>(
    ctx.db,
    sql`select id, status from public.disputes where provider = ${provider} and provider_dispute_id = ${notice.id} for update`,
  )
  if (before?.status === status) return processed('dispute.known', subject)
  if (before && before.status !== 'open')
    return status === 'open'
      ? ignored('dispute.decided_before', subject)
      : parked('dispute.decided_otherwise', subject, { ...detail, decided: before.status })
  if (status === 'lost' && amount.amountMinor > left)
    return parked('dispute.exceeds_payment', subject, detail)
  const day = status === 'lost' ? await supplierDayAt(ctx, ctx.clock.now()) : null
  const parts = day === null ? nothing : await takeBack(ctx, payment, amount.amountMinor, day)
  if (parts === null) return parked('dispute.balance_used', subject, detail)
  const id = await write(ctx, provider, notice, { before, held, parts, day })
  await tell(ctx, id, notice, held)
  return processed(status === 'open' ? 'dispute.opened' : `dispute.${status}`, subject)
}

async function takeBack(
  ctx: NoticeContext,
  payment: KnownPayment,
  minor: bigint,
  day: PlainDate,
): Promise<Effects['parts'] | null> {
  const parts = await partsOfLoss(ctx, payment, minor)
  if (parts !== null) await takeOut(ctx, payment, parts, day)
  return parts
}

async function write(
  ctx: NoticeContext,
  provider: ProviderName,
  { id, status, amount, reason, respondBy }: Notice,
  { before, held: { payment, invoice }, parts: { charged, reopened }, day }: Effects,
): Promise<string> {
  if (before) {
    await execute(
      ctx.db,
      sql`update public.disputes set status = ${status}, amount_minor = ${amount.amountMinor}, respond_by = coalesce(${respondBy}, respond_by),
                 charged_minor = ${charged}, reopened_minor = ${reopened}, lost_on = ${day}, updated_at = clock_timestamp()
          where id = ${before.id}`,
    )
    return before.id
  }
  const row = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.disputes (tenant_id, payment_id, provider, provider_dispute_id, status, currency, amount_minor, reason, respond_by,
                                     charged_minor, reopened_minor, lost_on)
        values (${invoice.tenant_id}, ${payment.id}, ${provider}, ${id}, ${status}, ${amount.currency}, ${amount.amountMinor}, ${reason},
                ${respondBy}, ${charged}, ${reopened}, ${day})
        returning id`,
  )
  return row.id
}

async function tell(
  ctx: NoticeContext,
  id: string,
  { status, amount, reason, respondBy }: Notice,
  { payment, invoice }: HeldPayment,
): Promise<void> {
  const { number, tenant, tenant_id } = invoice
  const after = await findInvoice(ctx, invoice.id)
  const open = moneyJson({ amountMinor: after.open_minor, currency: after.currency })
  const said = { amount: moneyJson(amount), status, reason, respond_by: respondBy?.toISOString() ?? null }
  await audit(ctx, {
    ...{
      action: 'payment.dispute',
      subjectKind: 'invoice',
      subject: number ?? invoice.id,
      tenantId: tenant_id,
    },
    outcome: 'succeeded',
    after: { payment_id: payment.id, dispute_id: id, ...said, invoice_status: after.status, open },
  })
  const topics = { open: 'payment.disputed', won: 'payment.dispute_won', lost: 'payment.dispute_lost' }
  await enqueue(ctx, {
    ...{ topic: topics[status], key: id, tenantId: tenant_id },
    payload: { tenant, invoice: number, ...said },
  })
  if (after.status !== 'open' || invoice.status === 'open') return
  await enqueue(ctx, {
    ...{ topic: 'invoice.reopened', key: `${invoice.id}/${id}`, tenantId: tenant_id },
    payload: { tenant, invoice: number, open },
  })
}
