/** Stripe's webhooks: whether one is Stripe's, by its own SDK, and what it says. */
import Stripe from 'stripe'
import { fromStripe } from './stripe-amounts.js'
import { aboutOf, idOf, methodOf, paymentOf, refundOf } from './stripe-objects.js'
import {
  instant,
  instantOrNone,
  orNone,
  parseJson,
  record,
  recordOrNone,
  text,
  textOrNone,
  type Json,
} from './provider-json.js'
import type {
  PaymentNotice,
  ProviderPayment,
  SignatureFault,
  SignedEvent,
  WebhookReader,
} from '../kernel/payment-gateway.js'

const header = 'stripe-signature'
const toleranceSeconds = 300

/** The types that are read, which are those to ask Stripe for: at most 20 may be named in a request. */
export const stripeEventTypes = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.canceled',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refunded',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
] as const

export const stripeWebhooks: WebhookReader = {
  name: 'stripe',
  header,
  verify(body, headers, secrets, now) {
    const signature = headers[header]
    if (!signature) return { fault: 'missing' }
    const verdicts = secrets.map((secret) => verdictOf(body, signature, secret, toleranceSeconds, now))
    if (verdicts.includes('accepted')) {
      const event = identify(body)
      return event ? { event } : { fault: 'not_an_event' }
    }
    if (verdicts.includes('malformed')) return { fault: 'malformed' }
    return { fault: faultOf(body, signature, secrets, now) }
  },
  identify,
  read,
  sign(body, secret, now) {
    return {
      [header]: Stripe.webhooks.generateTestHeaderString({
        payload: body.toString('utf8'),
        secret,
        timestamp: Math.floor(now.getTime() / 1000),
      }),
    }
  },
}

/** The SDK's, of the signature alone: it fails in other ways over one of no form. A tolerance of 0 is none. */
function verdictOf(
  body: Buffer,
  signature: string,
  secret: string,
  tolerance: number,
  now: Date,
): 'accepted' | 'refused' | 'malformed' {
  try {
    const at = now.getTime()
    // Right only where it says so.
    const said = Stripe.webhooks.signature?.verifyHeader(body, signature, secret, tolerance, undefined, at)
    return said === true ? 'accepted' : 'refused'
  } catch (error) {
    return error instanceof Stripe.errors.StripeSignatureVerificationError ? 'refused' : 'malformed'
  }
}

/** Why the SDK refused it. */
function faultOf(body: Buffer, signature: string, secrets: readonly string[], now: Date): SignatureFault {
  const parts = signature.split(',').map((part) => part.split('='))
  const timed = parts.some(([name, value]) => name === 't' && /^\d+$/.test(value ?? ''))
  const signed = parts.some(([name, value]) => name === 'v1' && value)
  if (!timed || !signed || body.length === 0) return 'malformed'
  const young = secrets.some((secret) => verdictOf(body, signature, secret, 0, now) !== 'refused')
  return young ? 'stale' : 'wrong'
}

function identify(body: Buffer): SignedEvent | null {
  return orNone(() => {
    const event = eventOf(body)
    return {
      id: text(event, 'id'),
      type: text(event, 'type'),
      live: typeof event.livemode === 'boolean' ? event.livemode : null,
      happenedAt: instantOrNone(event, 'created'),
    }
  })
}

function eventOf(body: Buffer): Json {
  const event = parseJson(body)
  if (event.object !== 'event') throw new SyntaxError('the body is no event of Stripe')
  return event
}

function read(body: Buffer): PaymentNotice {
  const event = eventOf(body)
  const type = text(event, 'type')
  if (!(stripeEventTypes as readonly string[]).includes(type))
    return { kind: 'nothing', reason: 'unknown_type' }
  // An object's `created` is when it was made; when this happened to it only the event says.
  const at = instant(event, 'created')
  const object = record(record(event.data, 'data').object, 'data.object')
  const live = event.livemode === true
  if (type.startsWith('checkout.session.')) return readSession(type, object, at, live)
  if (type.startsWith('payment_intent.'))
    return { kind: 'payment', payment: intentAfter(type, object, at, live) }
  if (type.startsWith('charge.dispute.')) return readDispute(object, live)
  if (type === 'charge.refunded') return readRefundedCharge(object, live)
  const refund = refundOf(object, at)
  return refund ? { kind: 'refund', refund, live } : { kind: 'nothing', reason: 'refund_without_payment' }
}

function readSession(type: string, session: Json, at: Date, live: boolean): PaymentNotice {
  const checkoutId = text(session, 'id')
  const about = aboutOf(session)
  if (type === 'checkout.session.expired')
    return { kind: 'checkout_closed', checkoutId, status: 'expired', about, live }
  const id = idOf(session.payment_intent)
  // A subscription, a card to keep, or a total of nothing: not one of ours.
  if (id === null) return { kind: 'nothing', reason: 'session_without_payment' }
  const failed = type === 'checkout.session.async_payment_failed'
  if (!failed && session.payment_status !== 'paid') return { kind: 'nothing', reason: 'session_unpaid' }
  const payment: ProviderPayment = {
    id,
    status: failed ? 'failed' : 'succeeded',
    amount: fromStripe(session, 'amount_total'),
    refundedMinor: 0n,
    method: methodOf(session),
    at,
    live,
    failure: failed ? { code: 'async_payment_failed', message: "The payer's bank did not pay" } : null,
    about,
    checkoutId,
  }
  return { kind: 'payment', payment }
}

function intentAfter(type: string, intent: Json, at: Date, live: boolean): ProviderPayment {
  // The event tells what happened, whatever else its copy of the object remembers.
  const status = {
    'payment_intent.succeeded': 'succeeded',
    'payment_intent.processing': 'processing',
    'payment_intent.canceled': 'canceled',
  }[type]
  const then = status
    ? { ...intent, status }
    : {
        ...intent,
        status: 'requires_payment_method',
        last_payment_error: recordOrNone(intent.last_payment_error),
      }
  return { ...paymentOf(then, at), live }
}

/** What was given back of a payment in all; each refund has its own event beside this one. */
function readRefundedCharge(charge: Json, live: boolean): PaymentNotice {
  const id = idOf(charge.payment_intent)
  if (id === null) return { kind: 'nothing', reason: 'refund_without_payment' }
  const payment: ProviderPayment = {
    id,
    status: 'succeeded',
    amount: fromStripe(charge, 'amount_captured'),
    refundedMinor: fromStripe(charge, 'amount_refunded').amountMinor,
    method: methodOf({}, charge),
    at: instant(charge, 'created'),
    live,
    failure: null,
    about: aboutOf(charge),
    checkoutId: null,
  }
  return { kind: 'payment', payment }
}

function readDispute(dispute: Json, live: boolean): PaymentNotice {
  const paymentId = idOf(dispute.payment_intent)
  if (paymentId === null) return { kind: 'nothing', reason: 'dispute_without_payment' }
  const status = text(dispute, 'status')
  return {
    kind: 'dispute',
    id: text(dispute, 'id'),
    paymentId,
    // An inquiry that was closed, or one that was headed off, takes no money.
    status: status === 'lost' ? 'lost' : /^(won|warning_closed|prevented)$/.test(status) ? 'won' : 'open',
    amount: fromStripe(dispute, 'amount'),
    reason: textOrNone(dispute, 'reason'),
    respondBy: instantOrNone(recordOrNone(dispute.evidence_details), 'due_by'),
    live,
  }
}
