/** What a provider says becomes money in the book: a payment that succeeded, once; a refund. */
import { execute, firstRow, oneRow, rows, sql } from '../../database/sql.js'
import { dayIn } from '../../kernel/dates.js'
import { moneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { enqueue } from '../../operations/outbox.js'
import { holdAccount, liftWhenSettled } from '../../billing/book/account.js'
import { findInvoice, type FoundInvoice } from '../../billing/book/find-invoice.js'
import { standingAfter } from '../../billing/book/standing.js'
import { findSupplier, supplierDay } from '../../billing/supplier.js'
import { settleRefund } from '../refunds/settle-refund.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'
import type { PaymentNotice, ProviderName, ProviderPayment } from '../../kernel/payment-gateway.js'

export type NoticeContext = Pick<Context, 'db' | 'clock' | 'actor' | 'warn' | 'config'>

export interface NoticeOutcome {
  status: 'processed' | 'ignored' | 'parked'
  /** A dotted code. */
  outcome: string
  tenantId: TenantId | null
  invoiceId: string | null
  paymentId: string | null
  detail: Record<string, unknown> | null
}

/** In the transaction of `ctx`; safe to repeat. */
export async function bookNotice(
  ctx: NoticeContext,
  provider: ProviderName,
  notice: PaymentNotice,
): Promise<NoticeOutcome> {
  if (notice.kind === 'payment') return bookPayment(ctx, provider, notice.payment)
  if (notice.kind !== 'refund') return outcome('ignored', 'notice.not_handled')
  const payment = await held(ctx, provider, notice.refund.paymentId)
  if (!payment?.invoice_id) return outcome('parked', 'payment.unknown')
  await holdAccount(ctx, payment.tenant_id)
  const invoice = await findInvoice(ctx, payment.invoice_id, { lock: true })
  return settleRefund(ctx, provider, { refund: notice.refund, payment, invoice })
}

interface KnownPayment {
  id: string
  tenant_id: TenantId
  invoice_id: string | null
  status: string
}

async function held(
  ctx: Pick<Context, 'db'>,
  provider: ProviderName,
  id: string,
): Promise<KnownPayment | null> {
  await rows(
    ctx.db,
    sql`select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(${`public.payments ${provider} ${id}`}, 0))`,
  )
  return firstRow<KnownPayment>(
    ctx.db,
    sql`select id, tenant_id, invoice_id, status from public.payments where provider = ${provider} and provider_payment_id = ${id}`,
  )
}

async function bookPayment(
  ctx: NoticeContext,
  provider: ProviderName,
  payment: ProviderPayment,
): Promise<NoticeOutcome> {
  const known = await held(ctx, provider, payment.id)
  const { amountMinor, currency } = payment.amount
  const checkout = await firstRow<{ id: string; invoice_id: string }>(
    ctx.db,
    sql`select id, invoice_id from public.checkouts
        where provider = ${provider} and (reference = ${payment.about.reference} or provider_checkout_id = ${payment.checkoutId}) limit 1`,
  )
  const invoiceId = checkout?.invoice_id ?? (await invoiceOf(ctx, payment))
  if (invoiceId === null) return outcome('parked', 'invoice.unknown')
  const { tenant_id } = await findInvoice(ctx, invoiceId)
  await holdAccount(ctx, tenant_id)
  const invoice = await findInvoice(ctx, invoiceId, { lock: true })
  if (known?.status === 'succeeded') {
    if (checkout) await paid(ctx, checkout.id)
    return outcome('processed', 'payment.known', invoice, known.id)
  }
  if (payment.status !== 'succeeded') return outcome('ignored', `payment.${payment.status}`, invoice)
  if (currency !== invoice.currency) return outcome('parked', 'payment.wrong_currency', invoice)
  const applied = amountMinor < invoice.open_minor ? amountMinor : invoice.open_minor
  const supplier = await findSupplier(ctx)
  const day = supplier
    ? supplierDay({ clock: { now: () => payment.at } }, supplier)
    : dayIn('UTC', payment.at)
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.payments
          (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on, reference, operator)
        values (${tenant_id}, ${invoice.id}, 'succeeded', ${provider}, ${payment.id}, ${payment.method}, ${currency}, ${amountMinor}, ${applied},
                ${day}, ${payment.id}, ${ctx.actor.operator})
        on conflict (provider, provider_payment_id) do update
          set status = 'succeeded', applied_minor = excluded.applied_minor, received_on = excluded.received_on, updated_at = clock_timestamp()
        returning id`,
  )
  if (amountMinor > applied)
    await execute(
      ctx.db,
      sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
          values (${tenant_id}, ${currency}, ${amountMinor - applied}, 'overpayment', ${id})`,
    )
  if (checkout) await paid(ctx, checkout.id)
  await standingAfter(ctx, invoice, id)
  await liftWhenSettled(ctx, tenant_id)
  await tell(ctx, invoice, payment, { id, applied, day })
  return outcome('processed', 'payment.booked', invoice, id)
}

async function invoiceOf(ctx: Pick<Context, 'db'>, { about }: ProviderPayment): Promise<string | null> {
  const found = await firstRow<{ id: string }>(
    ctx.db,
    sql`select i.id from public.invoices i join public.tenants t on t.id = i.tenant_id
        where i.number = ${about.invoice} and (${about.tenant}::text is null or t.subdomain = ${about.tenant})`,
  )
  return found?.id ?? null
}

async function paid(ctx: Pick<Context, 'db'>, id: string): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.checkouts set status = 'paid', updated_at = clock_timestamp() where id = ${id} and status <> 'paid'`,
  )
}

async function tell(
  ctx: NoticeContext,
  { id: invoiceId, number, tenant, tenant_id, currency, language }: FoundInvoice,
  { amount, id: providerId }: ProviderPayment,
  { id, applied, day }: { id: string; applied: bigint; day: string },
): Promise<void> {
  const money = { amount: moneyJson(amount), applied: moneyJson({ amountMinor: applied, currency }) }
  await audit(ctx, {
    ...{
      action: 'payment.receive',
      subjectKind: 'invoice',
      subject: number ?? invoiceId,
      tenantId: tenant_id,
    },
    ...{ outcome: 'succeeded', after: { payment_id: id, provider_payment_id: providerId, ...money } },
  })
  await enqueue(ctx, {
    ...{ topic: 'payment.received', key: id, tenantId: tenant_id },
    payload: { tenant, invoice: number, ...money },
  })
  const { company, email } = await oneRow<{ company: string; email: string }>(
    ctx.db,
    sql`select legal_name as company, billing_email as email from public.tenants where id = ${tenant_id}`,
  )
  const { open_minor } = await findInvoice(ctx, invoiceId)
  await enqueueMail(ctx.db, {
    ...{ tenantId: tenant_id, kind: 'receipt', dedupeKey: `receipt:${id}`, to: email },
    language: mailLanguage(language),
    data: {
      ...{ company, amount: money.amount, paid_on: day },
      invoices: applied > 0n ? [{ number, amount: money.applied }] : [],
      remaining: moneyJson({ amountMinor: open_minor, currency }),
      credit:
        amount.amountMinor > applied
          ? moneyJson({ amountMinor: amount.amountMinor - applied, currency })
          : null,
    },
  })
}

function outcome(
  status: NoticeOutcome['status'],
  code: string,
  invoice: Pick<FoundInvoice, 'id' | 'tenant_id'> | null = null,
  paymentId: string | null = null,
): NoticeOutcome {
  return {
    status,
    outcome: code,
    tenantId: invoice?.tenant_id ?? null,
    invoiceId: invoice?.id ?? null,
    paymentId,
    detail: null,
  }
}
