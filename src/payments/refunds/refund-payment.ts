/** Gives a payment back, whole or in part: ordered here, made at its provider, or recorded for one by hand. */
import { setTimeout as sleep } from 'node:timers/promises'
import { rehearse } from '../../database/rehearse.js'
import { firstRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney, moneyJson, type MoneyJson } from '../../kernel/money.js'
import { findInvoice } from '../../billing/book/find-invoice.js'
import { standingOf, type InvoiceStanding } from '../../billing/book/standing.js'
import { failureOf, notDone, providerError } from '../provider-failure.js'
import { askRefund, noteStays } from './ask-refund.js'
import { orderRefund, type OrderedRefund, type RefundInput } from './order-refund.js'
import { readRefunds, type RefundJson } from './read-refund.js'
import { findRefundedPayment, type RefundedPayment } from './refund-rows.js'
import type { PaymentGateway } from '../../kernel/payment-gateway.js'
import type { Context } from '../../kernel/context.js'

export interface Refunded {
  dry_run: boolean
  /** False where it was ordered before, and the provider knows it. */
  changed: boolean
  /** In a dry run its id is of nothing that stays. */
  refund: RefundJson
  /** Issued with it; without a number in a dry run. */
  credit_note: { number: string | null; total: MoneyJson; taxed: boolean } | null
  payment: {
    id: string
    tenant: string
    invoice: string | null
    provider: string
    amount: MoneyJson
    refunded: MoneyJson
  }
  /** Null for a payment that is for no invoice. */
  invoice: InvoiceStanding | null
  credit_balance: MoneyJson
}

const waitMs = 250
/** As long as a lease lasts. */
const patienceMs = 90_000

/**
 * Outside of any transaction.
 * @param text id of the payment, here or at its provider, or the reference of one recorded by hand
 * @throws what `orderRefund` throws; conflict `refund.books_differ`, `refund.failed`, `payment.refused`; usage
 *   `payment.not_configured`, `payment.keys_refused`; dependency `payment.provider_down`, `payment.outcome_unknown`;
 *   busy `refund.busy`
 */
export async function refundPayment(
  ctx: Context,
  text: string,
  input: RefundInput,
  dryRun: boolean,
): Promise<Refunded> {
  const payment = await findRefundedPayment(ctx, text)
  if (dryRun)
    return rehearse(ctx, async (inner) => resultOf(inner, await orderRefund(inner, payment.id, input), true))
  const gateway = payment.provider === 'manual' ? null : await ctx.openGateway(payment.provider)
  if (gateway) await requireSameBooks(gateway, payment)
  const order = await ordered(ctx, payment, input)
  if (gateway && (order.todo === 'ask' || order.todo === 'ask_again')) {
    if (order.todo === 'ask') await ctx.failpoint('refund.ordered')
    await askRefund(ctx, gateway, payment, order.row, order.todo === 'ask')
  }
  const result = await resultOf(ctx, order, false)
  if (result.refund.status === 'failed') throw failed(payment, result)
  return result
}

async function ordered(ctx: Context, payment: RefundedPayment, input: RefundInput): Promise<OrderedRefund> {
  const until = performance.now() + patienceMs
  for (;;) {
    const order = await transaction(ctx, (inner) => orderRefund(inner, payment.id, input))
    if (order.todo !== 'wait') return order
    if (ctx.signal.aborted || performance.now() > until)
      throw new ErpmaxError(
        'busy',
        'refund.busy',
        `Somebody else is giving back the same at ${payment.provider} and has no answer yet`,
        { hint: 'The same command again, in a minute' },
      )
    await sleep(waitMs, undefined, { signal: ctx.signal }).catch(() => {})
  }
}

/** What was given back at the provider alone is booked first: both would be too much. */
async function requireSameBooks(gateway: PaymentGateway, payment: RefundedPayment): Promise<void> {
  const { name } = gateway
  let there
  try {
    there = await gateway.readPayment(payment.provider_payment_id)
  } catch (thrown) {
    const error = providerError(name, thrown)
    const what = `The payment could not be looked at, and nothing was given back`
    // A question changes nothing, whatever became of it.
    throw failureOf(error.outcome === 'unknown' ? notDone(error) : error, what, '')
  }
  if (there !== null && there.refundedMinor <= payment.refunded_minor) return
  const { currency } = payment
  const text = (amountMinor: bigint): string => formatMoney({ amountMinor, currency })
  throw new ErpmaxError(
    'conflict',
    'refund.books_differ',
    there === null
      ? `${name} does not know the payment ${payment.provider_payment_id}: its keys may be of another account or mode`
      : `At ${name} ${text(there.refundedMinor)} were given back, and here ${text(payment.refunded_minor)}`,
    {
      hint: there === null ? 'erpmax payment providers check' : `erpmax payment reconcile --provider ${name}`,
      details: { provider: name, provider_payment_id: payment.provider_payment_id },
    },
  )
}

async function resultOf(
  ctx: Pick<Context, 'db'>,
  { todo, row }: OrderedRefund,
  dryRun: boolean,
): Promise<Refunded> {
  const [refund] = await readRefunds(ctx, sql`r.id = ${row.id}`)
  if (!refund) throw new Error('the refund was written')
  const payment = await findRefundedPayment(ctx, row.payment_id)
  const { id, tenant, tenant_id, invoice, invoice_id, provider, currency } = payment
  const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency })
  const note = await firstRow<{ number: string; total: bigint; taxed: boolean }>(
    ctx.db,
    sql`select number, total_minor as total, taxed from public.credit_notes where id = ${row.credit_note_id}`,
  )
  const balance = await firstRow<{ balance: bigint }>(
    ctx.db,
    sql`select balance_minor as balance from public.credit_balances where tenant_id = ${tenant_id} and currency = ${currency}`,
  )
  return {
    ...{ dry_run: dryRun, changed: todo !== 'known' },
    refund: dryRun ? { ...refund, credit_note: null } : refund,
    credit_note: note && { number: dryRun ? null : note.number, total: money(note.total), taxed: note.taxed },
    payment: {
      ...{ id, tenant, invoice, provider },
      ...{ amount: money(payment.amount_minor), refunded: money(payment.refunded_minor) },
    },
    invoice: invoice_id === null ? null : standingOf(await findInvoice(ctx, invoice_id)),
    credit_balance: money(balance?.balance ?? 0n),
  }
}

function failed({ provider, id }: RefundedPayment, { refund, credit_note }: Refunded): ErpmaxError {
  const kept = credit_note?.number ? noteStays(credit_note.number) : ''
  return new ErpmaxError('conflict', 'refund.failed', `${provider} could not give it back${kept}`, {
    hint: `erpmax payment show ${id}`,
    details: { refund_id: refund.id, credit_note: credit_note?.number ?? null },
  })
}
