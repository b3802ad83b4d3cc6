/** Events as Stripe documents them, made up for an invoice in test mode. */
import { toStripe } from '../../gateways/stripe-amounts.js'
import { madeUp, type Sale } from './sale.js'

type Fields = Record<string, unknown>

const unpaid = { payment_status: 'unpaid' }
const declined = {
  ...{ status: 'requires_payment_method', amount_received: 0 },
  last_payment_error: {
    ...{ type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' },
    message: 'Your card has insufficient funds.',
  },
}

/** The object inside an event of each type that can be made up. */
export const stripeObjects = {
  'checkout.session.completed': (sale) => session(sale),
  'checkout.session.async_payment_succeeded': (sale) => session(sale),
  'checkout.session.async_payment_failed': (sale) => session(sale, unpaid),
  'checkout.session.expired': (sale) => session(sale, { ...unpaid, status: 'expired', payment_intent: null }),
  'payment_intent.succeeded': (sale) => intent(sale),
  'payment_intent.payment_failed': (sale) => intent(sale, declined),
  'payment_intent.processing': (sale) => intent(sale, { status: 'processing', amount_received: 0 }),
  'payment_intent.canceled': (sale) => intent(sale, { status: 'canceled', amount_received: 0 }),
  'refund.created': (sale) => refund(sale),
  'refund.failed': (sale) => refund(sale, { status: 'failed', failure_reason: 'lost_or_stolen_card' }),
  'charge.dispute.created': (sale) => dispute(sale, 'needs_response'),
  'charge.dispute.closed': (sale) => dispute(sale, 'lost'),
  'charge.dispute.funds_reinstated': (sale) => dispute(sale, 'won'),
} satisfies Record<string, (sale: Sale) => Fields>

export type StripeType = keyof typeof stripeObjects

export function stripeEvent(type: StripeType, sale: Sale, id: string): Buffer {
  const event = {
    ...{ id, object: 'event', api_version: '2026-10-28.endive', created: seconds(sale.at), type },
    data: { object: stripeObjects[type](sale) },
    ...{ livemode: false, pending_webhooks: 1, request: { id: null, idempotency_key: null } },
  }
  return Buffer.from(JSON.stringify(event, null, 2))
}

function session(sale: Sale, changes: Fields = {}): Fields {
  return {
    ...{ id: sale.checkout, object: 'checkout.session', ...common(sale), mode: 'payment' },
    ...{ amount_subtotal: toStripe(sale.amount), amount_total: toStripe(sale.amount) },
    ...{ client_reference_id: sale.reference, payment_intent: sale.payment, payment_method_types: ['card'] },
    ...{ payment_status: 'paid', status: 'complete', url: null, expires_at: seconds(sale.at) + 86_400 },
    ...changes,
  }
}

function intent(sale: Sale, changes: Fields = {}): Fields {
  const amount = toStripe(sale.amount)
  return {
    ...{ id: sale.payment, object: 'payment_intent', ...common(sale), amount, amount_received: amount },
    ...{ latest_charge: madeUp('ch_', sale.payment), last_payment_error: null, status: 'succeeded' },
    ...{ payment_method_types: ['card'], cancellation_reason: null },
    ...changes,
  }
}

function refund(sale: Sale, changes: Fields = {}): Fields {
  return {
    ...{ id: madeUp('re_', sale.payment), object: 'refund', ...common(sale), metadata: {} },
    ...{ amount: toStripe(sale.amount), charge: madeUp('ch_', sale.payment), payment_intent: sale.payment },
    ...{ reason: null, status: 'succeeded' },
    ...changes,
  }
}

function dispute(sale: Sale, status: string): Fields {
  return {
    ...{ id: madeUp('dp_', sale.payment), object: 'dispute', ...common(sale), metadata: {} },
    ...{ amount: toStripe(sale.amount), charge: madeUp('ch_', sale.payment), payment_intent: sale.payment },
    ...{ reason: 'general', status, evidence_details: { due_by: seconds(sale.at) + 604_800 } },
  }
}

function common({ at, amount, invoice, tenant, reference }: Sale): Fields {
  return {
    ...{ created: seconds(at), currency: amount.currency.toLowerCase(), livemode: false },
    metadata: {
      ...{ erpmax_invoice: invoice, erpmax_tenant: tenant },
      ...(reference === null ? {} : { erpmax_reference: reference }),
    },
  }
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
