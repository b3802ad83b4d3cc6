/** Razorpay's webhooks: whether one is Razorpay's, and what it says. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { aboutOf, paymentOf, refundOf } from './razorpay-objects.js'
import {
  instantOrNone,
  integer,
  money,
  orNone,
  parseJson,
  record,
  recordOrNone,
  text,
  textOrNone,
  type Json,
} from './provider-json.js'
import type { PaymentNotice, ProviderPayment, SignedEvent, WebhookReader } from '../kernel/payment-gateway.js'

const header = 'x-razorpay-signature'
const idHeader = 'x-razorpay-event-id'

export const razorpayWebhooks: WebhookReader = {
  name: 'razorpay',
  header,
  verify(body, headers, secrets) {
    const signature = headers[header]
    if (!signature) return { fault: 'missing' }
    if (!/^[0-9a-f]{64}$/.test(signature)) return { fault: 'malformed' }
    const given = Buffer.from(signature, 'hex')
    // The SDK compares with `===`, and each secret is tried so that the time says nothing of which was right.
    const right = secrets
      .filter((secret) => secret !== '')
      .map((secret) => timingSafeEqual(given, hmac(body, secret)))
      .includes(true)
    if (!right) return { fault: 'wrong' }
    if (!isId(headers[idHeader])) return { fault: 'malformed' }
    const event = identify(body, headers)
    return event ? { event } : { fault: 'not_an_event' }
  },
  identify,
  read,
  sign: (body, secret, _now, eventId) => ({
    [header]: hmac(body, secret).toString('hex'),
    [idHeader]: eventId,
  }),
}

function hmac(body: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(body).digest()
}

/** Or none at all. */
function isId(given: string | undefined): boolean {
  return !given || /^[\x21-\x7e]{1,200}$/.test(given)
}

function identify(body: Buffer, headers: Readonly<Record<string, string | undefined>>): SignedEvent | null {
  const given = headers[idHeader]
  if (!isId(given)) return null
  return orNone(() => {
    const event = eventOf(body)
    return {
      // A repeated delivery has the same bytes; a proxy that drops the header must not cost the money.
      id: given || `sha256_${createHash('sha256').update(body).digest('hex')}`,
      type: text(event, 'event'),
      live: liveOf(recordOrNone(event.payload)),
      happenedAt: happenedAt(event),
    }
  })
}

function eventOf(body: Buffer): Json {
  const event = parseJson(body)
  if (event.entity !== 'event') throw new SyntaxError('the body is no event of Razorpay')
  return event
}

function entity(payload: Json, name: string): Json {
  return record(recordOrNone(payload[name]).entity, `payload.${name}.entity`)
}

/** Only the order of a payment link says which key it was made with, and samples blot it out. */
function liveOf(payload: Json): boolean | null {
  const order = recordOrNone(recordOrNone(payload.order).entity)
  const [, mode] = /^rzp_(live|test)_(?!X+$)/.exec(textOrNone(order, 'public_key') ?? '') ?? []
  return mode === undefined ? null : mode === 'live'
}

/** For payment links the event's own `created_at` is when the link was made. */
function happenedAt(event: Json): Date | null {
  if (!text(event, 'event').startsWith('payment_link.')) return instantOrNone(event, 'created_at')
  const payload = recordOrNone(event.payload)
  const link = recordOrNone(recordOrNone(payload.payment_link).entity)
  const payment = recordOrNone(recordOrNone(payload.payment).entity)
  return (
    instantOrNone(payment, 'created_at') ??
    instantOrNone(link, 'cancelled_at') ??
    instantOrNone(link, 'expired_at') ??
    instantOrNone(link, 'updated_at')
  )
}

function read(body: Buffer): PaymentNotice {
  const event = eventOf(body)
  const type = text(event, 'event')
  const payload = recordOrNone(event.payload)
  const live = liveOf(payload)
  switch (type) {
    case 'payment.authorized':
      return paid(payload, 'authorized', live)
    case 'payment.captured':
    case 'order.paid':
      return paid(payload, 'captured', live)
    case 'payment.failed':
      return paid(payload, 'failed', live)
    case 'payment_link.paid':
    case 'payment_link.partially_paid':
      return paidByLink(payload, live, type)
    case 'payment_link.cancelled':
    case 'payment_link.expired': {
      const link = entity(payload, 'payment_link')
      const status = type === 'payment_link.expired' ? 'expired' : 'cancelled'
      return { kind: 'checkout_closed', checkoutId: text(link, 'id'), status, about: aboutOf(link), live }
    }
    case 'refund.created':
    case 'refund.processed':
    case 'refund.failed':
    case 'refund.speed_changed':
    case 'refund.arn_updated':
      return { kind: 'refund', refund: refundOf(entity(payload, 'refund')), live }
    default:
      if (type.startsWith('payment.dispute.')) return readDispute(type, entity(payload, 'dispute'), live)
      return { kind: 'nothing', reason: 'unknown_type' }
  }
}

/** The event tells what happened: beside it, samples of failed payments say `captured: true`. */
function paid(
  payload: Json,
  status: 'authorized' | 'captured' | 'failed',
  live: boolean | null,
): PaymentNotice {
  return { kind: 'payment', payment: paymentOf({ ...entity(payload, 'payment'), status }, live) }
}

function paidByLink(payload: Json, live: boolean | null, type: string): PaymentNotice {
  const link = entity(payload, 'payment_link')
  const payment: ProviderPayment = {
    ...paymentOf({ ...entity(payload, 'payment'), status: 'captured' }, live),
    about: aboutOf(link),
    checkoutId: text(link, 'id'),
  }
  // Links of ours take no parts; one that was changed at Razorpay's console may, and its last part is "paid".
  const part =
    type === 'payment_link.partially_paid' ||
    (link.accept_partial === true && payment.amount.amountMinor < money(link, 'amount').amountMinor)
  return { kind: 'payment', payment, ...(part ? { part } : {}) }
}

function readDispute(type: string, dispute: Json, live: boolean | null): PaymentNotice {
  const status =
    type === 'payment.dispute.won' || type === 'payment.dispute.lost' ? type : text(dispute, 'status')
  return {
    kind: 'dispute',
    id: text(dispute, 'id'),
    paymentId: text(dispute, 'payment_id'),
    status: disputeStatus(status, dispute),
    amount: money(dispute, 'amount'),
    reason: textOrNone(dispute, 'reason_code'),
    respondBy: instantOrNone(dispute, 'respond_by'),
    live,
  }
}

/** One that is closed without a winner has taken what was deducted for it. */
function disputeStatus(status: string, dispute: Json): 'open' | 'won' | 'lost' {
  if (status.endsWith('won')) return 'won'
  if (status.endsWith('lost')) return 'lost'
  if (status !== 'closed') return 'open'
  return integer(dispute, 'amount_deducted') > 0 ? 'lost' : 'won'
}
