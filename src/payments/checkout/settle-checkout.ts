/** What a provider says of a checkout, written down: it is open, paid, over, or nobody knows. */
import { execute, sql } from '../../database/sql.js'
import { rehearse } from '../../database/rehearse.js'
import { transaction } from '../../database/transaction.js'
import { audit } from '../../operations/audit.js'
import { bookNotice, type NoticeOutcome } from '../notices/book-notice.js'
import { holdPayment } from '../notices/find-subject.js'
import { errorJson } from '../provider-failure.js'
import { lockedCheckout, type CheckoutRow } from './checkout-rows.js'
import type { Context } from '../../kernel/context.js'
import type {
  PaymentGateway,
  ProviderCheckout,
  ProviderError,
  ProviderPayment,
} from '../../kernel/payment-gateway.js'

type Booking = Pick<Context, 'db' | 'clock' | 'actor' | 'warn' | 'config' | 'random'>

type SettledRow = Pick<CheckoutRow, 'id' | 'provider'>

export interface SettledCheckout {
  row: CheckoutRow
  /** The provider has a page of another amount under this reference: it is to be closed there. */
  strange: boolean
  /** What became of the payments on it. */
  booked: NoticeOutcome[]
}

/** Safe to repeat; each payment on it is booked in a transaction of its own, and what it is now in another. */
export async function settleCheckout(
  ctx: Booking,
  gateway: PaymentGateway,
  row: SettledRow,
  answer: ProviderCheckout,
): Promise<SettledCheckout> {
  return writeCheckout(ctx, row, answer, await paymentsOn(gateway, answer))
}

/** What would come of it: nothing stays written. */
export async function rehearseCheckout(
  ctx: Booking,
  gateway: PaymentGateway,
  row: SettledRow,
  answer: ProviderCheckout,
): Promise<SettledCheckout> {
  const payments = await paymentsOn(gateway, answer)
  return rehearse(ctx, async (inner) => {
    // In one transaction locks stay: those of payments are taken before the tenant's, as by everybody.
    for (const { id } of payments.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
      await holdPayment(inner, row.provider, id)
    return writeCheckout(inner, row, answer, payments)
  })
}

async function paymentsOn(gateway: PaymentGateway, answer: ProviderCheckout): Promise<ProviderPayment[]> {
  const payments: ProviderPayment[] = []
  if (answer.status !== 'paid') return payments
  for (const id of answer.paymentIds) {
    const payment = await gateway.readPayment(id)
    if (payment !== null) payments.push(payment)
  }
  return payments
}

/**
 * Payments on it are booked first, so that one that is `paid` here has its money in the book: while a payment is parked
 * it stays what it was, and no other is opened in its place.
 */
async function writeCheckout(
  ctx: Booking,
  { id, provider }: SettledRow,
  answer: ProviderCheckout,
  payments: readonly ProviderPayment[],
): Promise<SettledCheckout> {
  const booked: NoticeOutcome[] = []
  for (const payment of payments)
    booked.push(await transaction(ctx, (inner) => bookNotice(inner, provider, { kind: 'payment', payment })))
  const parked = booked.some(({ status }) => status === 'parked')
  return transaction(ctx, async (inner) => {
    const before = await lockedCheckout(inner, id)
    if (parked) return { row: before, strange: false, booked }
    const strange =
      answer.amount.amountMinor !== before.amount_minor ||
      answer.amount.currency !== before.currency ||
      answer.live !== before.live
    const unsettled = before.status === 'creating' || before.status === 'unknown'
    if (strange && unsettled) await giveUp(inner, before, answer)
    else if (mayBecome(before, answer)) await become(inner, before, answer)
    return { row: await lockedCheckout(inner, id), strange, booked }
  })
}

/** A page that is over does not open again, and one that is paid stays so. */
function mayBecome({ status, url }: CheckoutRow, answer: ProviderCheckout): boolean {
  if (status === 'paid' || status === answer.status) return false
  // Without an address it cannot be shown: whoever opened it has paid, and the bank takes its days.
  if (status === 'creating' || status === 'unknown')
    return answer.status !== 'open' || answer.url !== null || url !== null
  return status === 'open' ? answer.status !== 'open' : answer.status === 'paid'
}

async function become(
  ctx: Pick<Context, 'db' | 'actor'>,
  before: CheckoutRow,
  answer: ProviderCheckout,
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.checkouts
        set status = ${answer.status}, provider_checkout_id = ${answer.id}, url = coalesce(${answer.url}, url),
            expires_at = coalesce(${answer.expiresAt}::timestamptz, expires_at), last_error = null, updated_at = clock_timestamp()
        where id = ${before.id}`,
  )
  await tell(ctx, before, answer.status)
}

async function giveUp(
  ctx: Pick<Context, 'db' | 'actor'>,
  before: CheckoutRow,
  answer: ProviderCheckout,
): Promise<void> {
  const error = { code: 'checkout.other_amount', message: `${answer.id} is of another amount or mode` }
  await execute(
    ctx.db,
    sql`update public.checkouts set status = 'failed', provider_checkout_id = ${answer.id}, last_error = ${JSON.stringify(error)},
          updated_at = clock_timestamp() where id = ${before.id}`,
  )
  await tell(ctx, before, 'failed')
}

async function tell(
  ctx: Pick<Context, 'db' | 'actor'>,
  { invoice, tenant_id, provider, reference, amount_minor, currency, status: from }: CheckoutRow,
  status: string,
): Promise<void> {
  await audit(ctx, {
    ...{ action: 'payment.checkout', subjectKind: 'invoice', subject: invoice, tenantId: tenant_id },
    outcome: 'succeeded',
    before: { status: from },
    after: { status, provider, reference, amount: { amount_minor: Number(amount_minor), currency } },
  })
}

/**
 * After a call that failed. Of a request that was sent before nothing follows from a no to its repeat: what the first
 * one did stays unknown.
 * @param first nothing was sent under this reference before
 */
export async function noteFailure(
  ctx: Pick<Context, 'db'>,
  { id }: CheckoutRow,
  error: ProviderError,
  first: boolean,
): Promise<void> {
  const status = first && error.outcome !== 'unknown' ? 'failed' : 'unknown'
  await execute(
    ctx.db,
    sql`update public.checkouts set status = ${status}, last_error = ${errorJson(error)}, holder = null, lease_until = null,
          updated_at = clock_timestamp() where id = ${id} and status in ('creating', 'unknown')`,
  )
}

/** The provider has never heard of it. */
export async function noteAbsence(
  ctx: Pick<Context, 'db' | 'actor'>,
  { id }: Pick<CheckoutRow, 'id'>,
): Promise<CheckoutRow> {
  return transaction(ctx, async (inner) => {
    const row = await lockedCheckout(inner, id)
    const status = row.status === 'open' ? 'cancelled' : 'failed'
    if (!['creating', 'unknown', 'open'].includes(row.status)) return row
    const error = { code: 'checkout.absent', message: `${row.provider} does not know it` }
    await execute(
      inner.db,
      sql`update public.checkouts set status = ${status}, last_error = ${JSON.stringify(error)}, updated_at = clock_timestamp() where id = ${id}`,
    )
    await tell(inner, row, status)
    return lockedCheckout(inner, id)
  })
}
