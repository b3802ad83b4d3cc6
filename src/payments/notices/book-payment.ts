/** Money that has come in by a provider: the payment, what it pays, what is left over, and everything that follows. */
import { execute, oneRow, sql } from '../../database/sql.js'
import { moneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { liftWhenSettled } from '../../billing/book/account.js'
import { standingAfter, type InvoiceStanding } from '../../billing/book/standing.js'
import { supplierDayAt } from '../../billing/supplier.js'
import { releaseWaiting } from '../inbox/release-waiting.js'
import { markPaid } from './close-checkout.js'
import { mailReceipt } from './mail-receipt.js'
import { processed, type NoticeOutcome } from './outcome.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { FoundInvoice } from '../../billing/book/find-invoice.js'
import type { ProviderName, ProviderPayment } from '../../kernel/payment-gateway.js'
import type { NoticeContext } from './book-notice.js'
import type { KnownCheckout, KnownPayment } from './find-subject.js'

export interface Receipt {
  payment: ProviderPayment
  /** As it was tried before. */
  known: KnownPayment | null
  checkout: KnownCheckout | null
  /** Held. */
  invoice: FoundInvoice
}

/** Once for each payment: the caller holds it, and has seen that it is not booked. */
export async function bookPayment(
  ctx: NoticeContext,
  provider: ProviderName,
  receipt: Receipt,
): Promise<NoticeOutcome> {
  const { payment, checkout, invoice } = receipt
  const { amountMinor } = payment.amount
  const applied = amountMinor < invoice.open_minor ? amountMinor : invoice.open_minor
  const receivedOn = await supplierDayAt(ctx, payment.at)
  const paymentId = await write(ctx, provider, receipt, { applied, receivedOn })
  if (amountMinor > applied)
    await execute(
      ctx.db,
      sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
          values (${invoice.tenant_id}, ${invoice.currency}, ${amountMinor - applied}, 'overpayment', ${paymentId})`,
    )
  await markPaid(ctx, checkout, amountMinor)
  const standing = await standingAfter(ctx, invoice, paymentId)
  const suspensionLifted = await liftWhenSettled(ctx, invoice.tenant_id)
  await tell(ctx, provider, receipt, { paymentId, applied, standing, suspensionLifted })
  await mailReceipt(ctx, { invoice, paymentId, amountMinor, applied, receivedOn })
  await releaseWaiting(ctx, provider, payment.id)
  const outcome =
    applied === amountMinor ? 'payment.booked' : applied > 0n ? 'payment.overpaid' : 'payment.to_balance'
  return processed(
    outcome,
    { invoice, paymentId },
    {
      applied: moneyJson({ amountMinor: applied, currency: invoice.currency }),
      to_balance: moneyJson({ amountMinor: amountMinor - applied, currency: invoice.currency }),
      invoice_status: standing.status,
      suspension_lifted: suspensionLifted,
    },
  )
}

async function write(
  ctx: NoticeContext,
  provider: ProviderName,
  { payment, known, invoice }: Receipt,
  { applied, receivedOn }: { applied: bigint; receivedOn: PlainDate },
): Promise<string> {
  const { id, method, amount } = payment
  if (known) {
    await execute(
      ctx.db,
      sql`update public.payments
          set status = 'succeeded', invoice_id = ${invoice.id}, method = ${method}, currency = ${amount.currency}, amount_minor = ${amount.amountMinor},
              applied_minor = ${applied}, received_on = ${receivedOn}, updated_at = clock_timestamp()
          where id = ${known.id}`,
    )
    return known.id
  }
  const inserted = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.payments
          (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on,
           reference, operator)
        values (${invoice.tenant_id}, ${invoice.id}, 'succeeded', ${provider}, ${id}, ${method}, ${amount.currency}, ${amount.amountMinor},
                ${applied}, ${receivedOn}, ${id}, ${ctx.actor.operator})
        returning id`,
  )
  return inserted.id
}

async function tell(
  ctx: NoticeContext,
  provider: ProviderName,
  { payment, invoice }: Receipt,
  {
    paymentId,
    applied,
    standing,
    suspensionLifted,
  }: { paymentId: string; applied: bigint; standing: InvoiceStanding; suspensionLifted: boolean },
): Promise<void> {
  const { id, number, tenant, tenant_id, currency } = invoice
  const money = {
    amount: moneyJson(payment.amount),
    applied: moneyJson({ amountMinor: applied, currency }),
  }
  await audit(ctx, {
    ...{ action: 'payment.receive', subjectKind: 'invoice', subject: number ?? id, tenantId: tenant_id },
    outcome: 'succeeded',
    after: {
      ...{ payment_id: paymentId, provider, provider_payment_id: payment.id, ...money },
      ...{ status: standing.status, open: standing.open, suspension_lifted: suspensionLifted },
    },
  })
  await enqueue(ctx, {
    ...{ topic: 'payment.received', key: paymentId, tenantId: tenant_id },
    payload: { tenant, invoice: number, ...money, provider },
  })
}
