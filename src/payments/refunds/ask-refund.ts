/** One exchange with a provider about a refund, outside of any transaction; what it answers is written down. */
import { execute, firstRow, oneRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { holdAccount } from '../../billing/book/account.js'
import { findInvoice } from '../../billing/book/find-invoice.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { listedSince } from '../listed-since.js'
import { errorJson, failureOf, providerError } from '../provider-failure.js'
import { findRefundedPayment, lockedRefund, type RefundedPayment, type RefundRow } from './refund-rows.js'
import { settleRefund } from './settle-refund.js'
import { putBack } from './sources.js'
import { ProviderError, type PaymentGateway, type ProviderRefund } from '../../kernel/payment-gateway.js'
import type { TenantId } from '../../kernel/ids.js'
import type { Context } from '../../kernel/context.js'
import type { NoticeContext, NoticeOutcome } from '../notices/book-notice.js'

/**
 * Orders it at the provider, or finds out what became of it; under one reference the provider gives back once.
 * @param first nothing was sent under its reference before
 * @throws dependency `payment.provider_down`, `payment.outcome_unknown`; conflict `payment.refused`;
 *   usage `payment.keys_refused`
 */
export async function askRefund(
  ctx: Context,
  gateway: PaymentGateway,
  payment: RefundedPayment,
  row: RefundRow,
  first: boolean,
): Promise<void> {
  let answer: ProviderRefund | null
  try {
    answer = row.repeatable
      ? await gateway.refund({
          ...{ reference: row.reference, paymentId: payment.provider_payment_id, reason: row.reason },
          amount: { amountMinor: row.amount_minor, currency: row.currency },
        })
      : await findRefund(gateway, row)
  } catch (thrown) {
    const error = providerError(gateway.name, thrown)
    await noteFailure(ctx, row, error, first)
    const what = `The refund of ${payment.invoice ?? payment.id}`
    const failure = failureOf(error, what, `erpmax payment reconcile --provider ${gateway.name}`)
    throw first && error.outcome !== 'unknown' ? await withNote(ctx, failure, payment, row) : failure
  }
  await ctx.failpoint('refund.answered')
  if (answer === null) await failRefund(ctx, row.id, absent(gateway))
  else await settleTold(ctx, gateway, payment, answer)
  await ctx.failpoint('refund.settled')
}

/** It failed for good, and has its credit note all the same: whoever reads of the one is told of the other. */
async function withNote(
  ctx: Pick<Context, 'db'>,
  failure: ErpmaxError,
  { id }: RefundedPayment,
  { credit_note_id }: RefundRow,
): Promise<ErpmaxError> {
  const note = await firstRow<{ number: string }>(
    ctx.db,
    sql`select number from public.credit_notes where id = ${credit_note_id}`,
  )
  const { kind, code, message, hint, details, retryable, cause } = failure
  return new ErpmaxError(kind, code, note ? message + noteStays(note.number) : message, {
    hint: hint ?? `erpmax payment show ${id}`,
    details: { ...details, credit_note: note?.number ?? null },
    ...{ retryable, cause },
  })
}

export function noteStays(number: string): string {
  return `; credit note ${number} stays, its money is in the credit balance`
}

export async function findRefund(gateway: PaymentGateway, row: RefundRow): Promise<ProviderRefund | null> {
  for await (const one of gateway.refunds(listedSince(row.created_at)))
    if (one.reference === row.reference) return one
  return null
}

/** In a transaction of its own. */
export async function settleTold(
  ctx: NoticeContext,
  { name }: PaymentGateway,
  { id, tenant_id, invoice_id }: Pick<RefundedPayment, 'id' | 'tenant_id' | 'invoice_id'>,
  refund: ProviderRefund,
): Promise<NoticeOutcome> {
  return transaction(ctx, async (inner) => {
    await holdAccount(inner, tenant_id)
    const invoice = await findInvoice(inner, invoice_id ?? '', { lock: true })
    return settleRefund(inner, name, { refund, payment: { id }, invoice })
  })
}

/**
 * Of a request that was sent before nothing follows from a no to its repeat: what the first one did stays unknown, and
 * the money stays out of the credit balance.
 */
async function noteFailure(
  ctx: Context,
  row: RefundRow,
  error: ProviderError,
  first: boolean,
): Promise<void> {
  if (first && error.outcome !== 'unknown') return failRefund(ctx, row.id, error)
  await execute(
    ctx.db,
    sql`update public.refunds
        set status = 'unknown', last_error = ${errorJson(error)}, holder = null, lease_until = null, updated_at = clock_timestamp()
        where id = ${row.id} and status in ('pending', 'unknown') and provider_refund_id is null`,
  )
}

function absent({ name }: PaymentGateway): ProviderError {
  return new ProviderError(name, 'refused', 'refund.absent', `${name} does not know it`)
}

/** It has certainly not been made: the money is in the credit balance again. The credit note stays: it cannot be taken back. */
export async function failRefund(
  ctx: Pick<Context, 'db' | 'clock' | 'actor'>,
  id: string,
  error: ProviderError,
): Promise<void> {
  await transaction(ctx, async (inner) => {
    const { tenant_id } = await oneRow<{ tenant_id: TenantId }>(
      inner.db,
      sql`select tenant_id from public.refunds where id = ${id}`,
    )
    await holdAccount(inner, tenant_id)
    const row = await lockedRefund(
      inner,
      sql`r.id = ${id} and r.status in ('pending', 'unknown') and r.provider_refund_id is null`,
    )
    if (!row) return
    const payment = await findRefundedPayment(inner, row.payment_id, { lock: true })
    await putBack(inner, row)
    await execute(
      inner.db,
      sql`update public.refunds set status = 'failed', last_error = ${errorJson(error)}, holder = null, lease_until = null,
            updated_at = clock_timestamp() where id = ${id}`,
    )
    await audit(inner, {
      ...{ action: 'payment.refund', subjectKind: 'invoice', subject: payment.invoice ?? payment.id },
      ...{ tenantId: payment.tenant_id, outcome: 'failed', errorCode: error.code },
      after: { payment_id: payment.id, refund_id: id, status: 'failed' },
    })
  })
}
