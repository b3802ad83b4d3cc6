/** Razorpay's objects as the words of the gateway: those its API answers with, and those its webhooks carry. */
import { aboutIn } from './our-fields.js'
import { redactCards } from '../kernel/secret.js'
import {
  instant,
  instantOrNone,
  money,
  record,
  recordOrNone,
  text,
  textOrNone,
  type Json,
} from './provider-json.js'
import type {
  InvoiceReference,
  ProviderCheckout,
  ProviderPayment,
  ProviderRefund,
} from '../kernel/payment-gateway.js'

/** A payment link has the reference in a field of its own, too. */
export function aboutOf(object: Json): InvoiceReference {
  const about = aboutIn(object.notes)
  return { ...about, reference: about.reference ?? textOrNone(object, 'reference_id') }
}

const linkStates: Readonly<Record<string, ProviderCheckout['status']>> = {
  created: 'open',
  issued: 'open',
  partially_paid: 'open',
  paid: 'paid',
  expired: 'expired',
  cancelled: 'cancelled',
}

/** @throws SyntaxError */
export function checkoutOf(link: Json, live: boolean): ProviderCheckout {
  const status = linkStates[text(link, 'status')]
  if (!status) throw new SyntaxError('the status of the link is not known')
  return {
    id: text(link, 'id'),
    status,
    url: status === 'open' ? textOrNone(link, 'short_url') : null,
    amount: money(link, 'amount'),
    paidMinor: money(link, 'amount_paid').amountMinor,
    paymentIds: linkPayments(link.payments),
    expiresAt: instantOrNone(link, 'expire_by'),
    live,
    about: aboutOf(link),
  }
}

/** Null, one, or a list of them. */
function linkPayments(payments: unknown): string[] {
  const all = (Array.isArray(payments) ? payments : [payments]).map(recordOrNone)
  return all
    .filter(({ status }) => status === undefined || status === 'captured')
    .map((payment) => textOrNone(payment, 'payment_id') ?? textOrNone(payment, 'id'))
    .filter((id) => id !== null)
}

/** @throws SyntaxError */
export function paymentOf(payment: Json, live: boolean | null): ProviderPayment {
  const state = text(payment, 'status')
  const status =
    state === 'captured' || state === 'refunded' ? 'succeeded' : state === 'failed' ? 'failed' : 'pending'
  return {
    id: text(payment, 'id'),
    status,
    amount: money(payment, 'amount'),
    refundedMinor: BigInt(typeof payment.amount_refunded === 'number' ? payment.amount_refunded : 0),
    method: textOrNone(payment, 'method') ?? 'other',
    at: instant(payment, 'created_at'),
    live,
    failure:
      status === 'failed'
        ? {
            code: textOrNone(payment, 'error_reason') ?? textOrNone(payment, 'error_code') ?? 'failed',
            message: redactCards(textOrNone(payment, 'error_description') ?? 'The payment failed'),
          }
        : null,
    about: aboutOf(payment),
    checkoutId: linkOf(payment) ?? orderId(textOrNone(payment, 'order_id')),
  }
}

/** A payment of a link says so in its description: `#` and the link's id without `plink_`. */
function linkOf(payment: Json): string | null {
  const [, id] = /^#([A-Za-z0-9]{14})$/.exec(textOrNone(payment, 'description') ?? '') ?? []
  return id === undefined ? null : `plink_${id}`
}

/** Orders inside webhooks of payment links lack the `order_` of their ids. */
export function orderId(id: string | null): string | null {
  return id === null || id.startsWith('order_') ? id : `order_${id}`
}

/** @throws SyntaxError */
export function refundOf(refund: Json): ProviderRefund {
  const status = text(refund, 'status')
  return {
    id: text(refund, 'id'),
    paymentId: text(refund, 'payment_id'),
    amount: money(refund, 'amount'),
    status: status === 'processed' ? 'succeeded' : status === 'failed' ? 'failed' : 'pending',
    reference: textOrNone(recordOrNone(refund.notes), 'erpmax_reference'),
    at: instant(refund, 'created_at'),
  }
}

/** The objects of an answer that lists them. @throws SyntaxError */
export function itemsOf(answer: unknown, name: string): Json[] {
  const items = record(answer, 'the answer')[name]
  if (!Array.isArray(items)) throw new SyntaxError(`the answer has no ${name}`)
  return items.map((item) => record(item, 'an item of the answer'))
}
