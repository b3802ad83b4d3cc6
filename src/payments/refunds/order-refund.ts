/** Orders a refund: how much, out of what, with its credit note; all of it written before a provider is asked (rule 25). */
import { createHash } from 'node:crypto'
import { oneRow, sql } from '../../database/sql.js'
import { plainAmount } from '../../kernel/amounts.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney, moneyJson, parseMoney } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { holdAccount } from '../../billing/book/account.js'
import { creditInvoice } from '../../billing/book/credit-invoice.js'
import { netForTotal } from '../../billing/book/credit-total.js'
import { findInvoice } from '../../billing/book/find-invoice.js'
import { standingAfter } from '../../billing/book/standing.js'
import { supplierDayAt } from '../../billing/supplier.js'
import { linesOfInvoice } from '../../billing/runs/charged.js'
import {
  findRefundedPayment,
  holdRefund,
  isRefundHeld,
  lockedRefund,
  refundLease,
  type RefundedPayment,
  type RefundRow,
} from './refund-rows.js'
import {
  exceeds,
  invoiceOpen,
  notRefundable,
  nothingLeft,
  overpaymentUsed,
  referenceUsed,
  requireReturnable,
} from './refusals.js'
import { sourcesOf, takeOut, type Parts } from './sources.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { Context } from '../../kernel/context.js'

export interface RefundInput {
  /** As typed; null: all that is left of the payment. */
  amount: string | null
  reason: string
  /** No credit note: what was paid is taken back from the invoice, which is open again. */
  reopen: boolean
  /** A credit note without tax. */
  commercial: boolean
  /** Tells two refunds of one amount and reason apart. */
  reference: string | null
}

export interface OrderedRefund {
  todo:
    /** Written now. */
    | 'ask'
    /** Asked for before, and the answer is not known. */
    | 'ask_again'
    /** Somebody else waits for the answer. */
    | 'wait'
    /** Ordered before, and the provider knows it. */
    | 'known'
    /** Of a payment by hand: written now, and nobody is to be asked. */
    | 'recorded'
  row: RefundRow
}

type Ordering = Pick<Context, 'db' | 'clock' | 'actor' | 'warn' | 'processes'>

/**
 * In the transaction of `ctx`. The same words order the same refund, once; one that failed is ordered anew.
 * @throws not_found `payment.not_found`; usage `money.invalid`; conflict `refund.nothing_left`, `refund.exceeds`,
 *   `refund.not_refundable`, `refund.disputed`, `refund.amount_not_payable`, `refund.reference_used`, `refund.invoice_open`, `refund.overpayment_used`,
 *   `credit.exceeds_total`, `credit.too_late_for_tax`, `billing.month_closed`, what the gate refuses
 */
export async function orderRefund(
  ctx: Ordering,
  paymentId: string,
  input: RefundInput,
): Promise<OrderedRefund> {
  await holdAccount(ctx, (await findRefundedPayment(ctx, paymentId)).tenant_id)
  const payment = await findRefundedPayment(ctx, paymentId, { lock: true })
  if (payment.status !== 'succeeded') throw notRefundable(payment)
  const wanted = input.amount === null ? null : positive(input.amount, payment.currency)
  const key = keyOf(payment, input, wanted)
  const last = await lockedRefund(
    ctx,
    sql`r.payment_id = ${payment.id} and starts_with(r.reference, ${key})`,
    sql`r.created_at desc, length(r.reference) desc, r.reference desc`,
  )
  if (last && last.status !== 'failed') return again(ctx, payment, last, wanted)
  const left = payment.amount_minor - payment.refunded_minor
  if (left === 0n) throw nothingLeft(payment)
  if (wanted !== null && wanted > left) throw exceeds(payment, wanted, left)
  await refuseDisputed(ctx, payment)
  const amount = wanted ?? left
  requireReturnable(payment, amount)
  const { parts, creditNoteId } = await partsOf(ctx, payment, amount, input)
  const day = await supplierDayAt(ctx, ctx.clock.now())
  await takeOut(ctx, payment, parts, day)
  const attempt = last ? Number(last.reference.split('-').at(-1)) + 1 : 1
  const row = await write(ctx, payment, {
    ...{ parts, creditNoteId, day },
    reference: `${key}${attempt}`,
    reason: input.reason,
  })
  await tell(ctx, payment, row)
  return { todo: payment.provider === 'manual' ? 'recorded' : 'ask', row }
}

/** The same payment, amount and reason, or the same reference: the same refund, as long as it has not failed. */
function keyOf(payment: RefundedPayment, { reason, reference }: RefundInput, amount: bigint | null): string {
  const words = reference === null ? `${amount ?? 'rest'} ${reason}` : `ref ${reference}`
  return `rf_${createHash('sha256').update(`${payment.id} ${words}`).digest('hex').slice(0, 30)}-`
}

async function again(
  ctx: Ordering,
  payment: RefundedPayment,
  row: RefundRow,
  wanted: bigint | null,
): Promise<OrderedRefund> {
  if (wanted !== null && wanted !== row.amount_minor) throw referenceUsed(payment, row)
  if (row.status === 'succeeded' || (row.status === 'pending' && row.provider_refund_id !== null))
    return { todo: 'known', row }
  if (isRefundHeld(ctx, row)) return { todo: 'wait', row }
  await holdRefund(ctx, row.id)
  return { todo: 'ask_again', row }
}

/** The bank decides about what is contested. */
async function refuseDisputed(ctx: Ordering, { id, invoice, tenant }: RefundedPayment): Promise<void> {
  const { disputed } = await oneRow<{ disputed: boolean }>(
    ctx.db,
    sql`select exists (select 1 from public.disputes where payment_id = ${id} and status = 'open') as disputed`,
  )
  if (!disputed) return
  throw new ErpmaxError(
    'conflict',
    'refund.disputed',
    `The customer contests the payment of ${invoice ?? tenant} at their bank: what is given back now could be taken twice`,
    { hint: `erpmax payment show ${id}`, details: { payment_id: id } },
  )
}

async function partsOf(
  ctx: Ordering,
  payment: RefundedPayment,
  amount: bigint,
  input: RefundInput,
): Promise<{ parts: Parts; creditNoteId: string | null }> {
  const { overpaid, charged } = await sourcesOf(ctx, payment, amount)
  const rest = amount - overpaid - (input.reopen ? 0n : charged)
  if (rest === 0n) return { parts: { amount, charged: amount - overpaid, reopened: 0n }, creditNoteId: null }
  if (payment.invoice_id === null || rest > payment.applied_minor)
    throw overpaymentUsed(payment, amount, rest)
  if (input.reopen) return { parts: { amount, charged: 0n, reopened: rest }, creditNoteId: null }
  const creditNoteId = await credit(ctx, payment, rest, input)
  return { parts: { amount, charged: amount - overpaid, reopened: 0n }, creditNoteId }
}

/** Of a settled invoice the whole credit goes to the balance; of an open one it would lower what is open first. */
async function credit(
  ctx: Ordering,
  payment: RefundedPayment,
  total: bigint,
  { commercial, reason }: RefundInput,
): Promise<string> {
  const { currency } = payment
  const invoice = await findInvoice(ctx, payment.invoice_id ?? '', { lock: true })
  if (invoice.open_minor > 0n) throw invoiceOpen(payment, invoice)
  const net = netForTotal(await linesOfInvoice(ctx, invoice.id), total, commercial, currency)
  const input = { line: null, amount: plainAmount(net, currency), commercial, reason }
  const { credit_note } = await creditInvoice(ctx, invoice.id, input, false)
  return credit_note.id
}

async function write(
  ctx: Ordering,
  { id, tenant_id, provider, currency }: RefundedPayment,
  {
    parts,
    creditNoteId,
    day,
    reference,
    reason,
  }: {
    parts: Parts
    creditNoteId: string | null
    day: PlainDate
    reference: string
    reason: string
  },
): Promise<RefundRow> {
  const manual = provider === 'manual'
  const { id: made } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.refunds
          (tenant_id, payment_id, credit_note_id, provider, reference, status, currency, amount_minor, charged_minor, reopened_minor, refunded_on,
           reason, operator, holder, lease_until)
        values (${tenant_id}, ${id}, ${creditNoteId}, ${provider}, ${reference}, ${manual ? 'succeeded' : 'pending'}, ${currency}, ${parts.amount},
                ${parts.charged}, ${parts.reopened}, ${day}, ${reason}, ${ctx.actor.operator},
                ${manual ? null : JSON.stringify(ctx.processes.self)}::jsonb, ${manual ? sql`null` : refundLease})
        returning id`,
  )
  const row = await lockedRefund(ctx, sql`r.id = ${made}`)
  if (!row) throw new Error('the refund was written')
  return row
}

async function tell(
  ctx: Ordering,
  payment: RefundedPayment,
  { id, status, amount_minor, charged_minor, reopened_minor, currency, reason }: RefundRow,
): Promise<void> {
  const money = (amountMinor: bigint) => moneyJson({ amountMinor, currency })
  await audit(ctx, {
    ...{ action: 'payment.refund', subjectKind: 'invoice', subject: payment.invoice ?? payment.id },
    ...{ tenantId: payment.tenant_id, outcome: 'succeeded' },
    after: {
      ...{ payment_id: payment.id, refund_id: id, status: status === 'pending' ? 'ordered' : status, reason },
      ...{ amount: money(amount_minor), charged: money(charged_minor), reopened: money(reopened_minor) },
    },
  })
  if (reopened_minor > 0n && payment.invoice_id !== null) {
    const invoice = await findInvoice(ctx, payment.invoice_id)
    const standing = await standingAfter(ctx, invoice, id)
    await enqueue(ctx, {
      ...{ topic: 'invoice.reopened', key: `${invoice.id}/${id}`, tenantId: payment.tenant_id },
      payload: { tenant: payment.tenant, invoice: payment.invoice, open: standing.open },
    })
  }
  if (status !== 'succeeded') return
  await enqueue(ctx, {
    ...{ topic: 'payment.refunded', key: `${id}/succeeded`, tenantId: payment.tenant_id },
    payload: { tenant: payment.tenant, invoice: payment.invoice, amount: money(amount_minor), status },
  })
}

function positive(text: string, currency: string): bigint {
  const { amountMinor } = parseMoney(text, currency)
  if (amountMinor > 0n) return amountMinor
  throw new ErpmaxError(
    'usage',
    'money.invalid',
    `${formatMoney({ amountMinor, currency })} is not an amount to give back`,
    {
      hint: 'Leave --amount out to give back all that is left',
    },
  )
}
