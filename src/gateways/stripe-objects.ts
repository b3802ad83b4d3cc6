/** Stripe's objects as the words of the gateway: those its API answers with, and those its webhooks carry. */
import { aboutIn } from './our-fields.js'
import { redactCards } from '../kernel/secret.js'
import { fromStripe } from './stripe-amounts.js'
import { instant, instantOrNone, record, recordOrNone, text, textOrNone, type Json } from './provider-json.js'
import type {
  InvoiceReference,
  ProviderCheckout,
  ProviderPayment,
  ProviderRefund,
} from '../kernel/payment-gateway.js'

export function aboutOf(object: Json): InvoiceReference {
  return aboutIn(object.metadata)
}

/** A reference to another object, which is its id unless it was expanded. */
export function idOf(value: unknown): string | null {
  return typeof value === 'string' ? value : textOrNone(recordOrNone(value), 'id')
}

/** @throws SyntaxError */
export function checkoutOf(session: Json): ProviderCheckout {
  const paid = session.payment_status === 'paid'
  const status = text(session, 'status')
  const amount = fromStripe(session, 'amount_total')
  const payment = idOf(session.payment_intent)
  return {
    id: text(session, 'id'),
    // Complete and not paid: the payer's bank takes its days, and nothing else can be paid there meanwhile.
    status: status === 'expired' ? 'expired' : status === 'complete' && paid ? 'paid' : 'open',
    url: status === 'open' ? textOrNone(session, 'url') : null,
    amount,
    paidMinor: paid ? amount.amountMinor : 0n,
    paymentIds: paid && payment !== null ? [payment] : [],
    expiresAt: instantOrNone(session, 'expires_at'),
    live: session.livemode === true,
    about: aboutOf(session),
  }
}

/**
 * @param at when it came to this, where an event tells it; else when it was charged
 * @throws SyntaxError
 */
export function paymentOf(intent: Json, at: Date | null): ProviderPayment {
  const charge = recordOrNone(intent.latest_charge)
  const succeeded = intent.status === 'succeeded'
  const failure = recordOrNone(intent.last_payment_error)
  const status = succeeded ? 'succeeded' : statusOf(intent)
  return {
    id: text(intent, 'id'),
    status,
    amount: fromStripe(intent, succeeded ? 'amount_received' : 'amount'),
    refundedMinor:
      charge.amount_refunded === undefined ? 0n : fromStripe(charge, 'amount_refunded').amountMinor,
    method: methodOf(intent, charge),
    at: at ?? instantOrNone(charge, 'created') ?? instant(intent, 'created'),
    live: intent.livemode === true,
    failure:
      status === 'failed'
        ? {
            code:
              textOrNone(failure, 'decline_code') ??
              textOrNone(failure, 'code') ??
              textOrNone(intent, 'cancellation_reason') ??
              'failed',
            message: redactCards(textOrNone(failure, 'message') ?? 'The payment failed'),
          }
        : null,
    about: aboutOf(intent),
    checkoutId: null,
  }
}

/** An intent that waits for another try after one that failed has failed so far; a later success overrides it. */
function statusOf(intent: Json): 'pending' | 'failed' {
  if (intent.status === 'canceled') return 'failed'
  return intent.status === 'requires_payment_method' && intent.last_payment_error ? 'failed' : 'pending'
}

/** What it was paid with, where that is said: an intent that offers several names none. */
export function methodOf(object: Json, charge: Json = {}): string {
  const used = textOrNone(recordOrNone(charge.payment_method_details), 'type')
  const offered = Array.isArray(object.payment_method_types) ? (object.payment_method_types as unknown[]) : []
  return used ?? (offered.length === 1 && typeof offered[0] === 'string' ? offered[0] : 'other')
}

/**
 * Null for one of a charge that had no PaymentIntent: none of ours.
 * @throws SyntaxError
 */
export function refundOf(refund: Json, at: Date | null): ProviderRefund | null {
  const paymentId = idOf(refund.payment_intent)
  if (paymentId === null) return null
  const status = text(refund, 'status')
  return {
    id: text(refund, 'id'),
    paymentId,
    amount: fromStripe(refund, 'amount'),
    status: status === 'succeeded' ? 'succeeded' : /^(failed|canceled)$/.test(status) ? 'failed' : 'pending',
    reference: textOrNone(recordOrNone(refund.metadata), 'erpmax_reference'),
    at: at ?? instant(refund, 'created'),
  }
}

/** @throws SyntaxError where it is not the object that was asked for */
export function objectOf(answer: unknown, kind: string): Json {
  const object = record(answer, 'the answer')
  if (object.object !== kind) throw new SyntaxError(`the answer is no ${kind}`)
  return object
}
