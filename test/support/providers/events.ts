/** Bodies of webhooks in the shapes that Stripe (API of 2026) and Razorpay document, for one invoice and its payment. */
import type { Delivery } from './stand-in.js'

export type Fields = Record<string, unknown>

/** One invoice, paid once. Ids are the provider's; times are when it was paid. */
export interface Scenario {
  invoice: string
  tenant: string
  reference: string
  /** Minor units as the provider writes them. */
  amount: number
  /** In capitals. */
  currency: string
  at: Date
  live: boolean
  /** Stripe: `cs_...`; Razorpay: `plink_...` */
  checkout: string
  /** Stripe: `pi_...`; Razorpay: `pay_...` */
  payment: string
  /** Stripe: `ch_...` */
  charge: string
  /** Razorpay: `order_...` */
  order: string
  refund: string
  dispute: string
  method: string
  /** Part of the amount that was given back, or is contested. */
  part: number
}

const particulars = {
  invoice: 'ERP/26-27/00001',
  tenant: 'acme',
  reference: 'ERP-26-27-00001-1',
  amount: 58_882,
  currency: 'INR',
  live: false,
  charge: 'ch_test_1',
  order: 'order_QflczVVaNJciLq',
  part: 10_000,
}

export function stripeScenario(given: Partial<Scenario> = {}): Scenario {
  return {
    ...particulars,
    at: new Date(),
    checkout: 'cs_test_a1',
    payment: 'pi_test_1',
    refund: 're_test_1',
    dispute: 'dp_test_1',
    method: 'card',
    ...given,
  }
}

export function razorpayScenario(given: Partial<Scenario> = {}): Scenario {
  return {
    ...particulars,
    at: new Date(),
    checkout: 'plink_QflcnnZqCekuvL',
    payment: 'pay_Qfldmt5StKZFCB',
    refund: 'rfnd_FS8TWyPrCsa0OB',
    dispute: 'disp_EsIAlDcoUr8CaQ',
    method: 'upi',
    ...given,
  }
}

export function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}

function metadata({ invoice, tenant, reference }: Scenario): Record<string, string> {
  return { erpmax_invoice: invoice, erpmax_tenant: tenant, erpmax_reference: reference }
}

/* Stripe. An object's `created` is an hour before what the event tells. */

export function stripeSession(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.checkout,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    amount_subtotal: of.amount,
    amount_total: of.amount,
    cancel_url: null,
    client_reference_id: of.reference,
    created: seconds(of.at) - 3600,
    currency: of.currency.toLowerCase(),
    customer: null,
    customer_details: { email: 'accounts@acme.test', name: null, tax_exempt: 'none', tax_ids: null },
    customer_email: 'accounts@acme.test',
    expires_at: seconds(of.at) + 82_800,
    livemode: of.live,
    metadata: metadata(of),
    mode: 'payment',
    payment_intent: of.payment,
    payment_method_types: [of.method],
    payment_status: 'paid',
    status: 'complete',
    success_url: 'https://billing.test/',
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: null,
    url: null,
    ...changes,
  }
}

export function stripeIntent(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.payment,
    object: 'payment_intent',
    amount: of.amount,
    amount_capturable: 0,
    amount_received: of.amount,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${of.payment}_secret_x`,
    created: seconds(of.at) - 3600,
    currency: of.currency.toLowerCase(),
    customer: null,
    description: null,
    last_payment_error: null,
    latest_charge: of.charge,
    livemode: of.live,
    metadata: metadata(of),
    payment_method: null,
    payment_method_types: [of.method],
    status: 'succeeded',
    ...changes,
  }
}

export function stripeCharge(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.charge,
    object: 'charge',
    amount: of.amount,
    amount_captured: of.amount,
    amount_refunded: 0,
    captured: true,
    created: seconds(of.at),
    currency: of.currency.toLowerCase(),
    disputed: false,
    livemode: of.live,
    metadata: metadata(of),
    paid: true,
    payment_intent: of.payment,
    payment_method_details: { type: of.method, [of.method]: { last4: '4242' } },
    refunded: false,
    status: 'succeeded',
    ...changes,
  }
}

export function stripeRefund(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.refund,
    object: 'refund',
    amount: of.part,
    balance_transaction: null,
    charge: of.charge,
    created: seconds(of.at),
    currency: of.currency.toLowerCase(),
    metadata: {},
    payment_intent: of.payment,
    reason: null,
    status: 'succeeded',
    ...changes,
  }
}

export function stripeDispute(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.dispute,
    object: 'dispute',
    amount: of.part,
    balance_transactions: [],
    charge: of.charge,
    created: seconds(of.at),
    currency: of.currency.toLowerCase(),
    evidence_details: { due_by: seconds(of.at) + 604_800, has_evidence: false, past_due: false },
    is_charge_refundable: true,
    livemode: of.live,
    metadata: {},
    payment_intent: of.payment,
    reason: 'general',
    status: 'needs_response',
    ...changes,
  }
}

const noMethod = {
  status: 'requires_payment_method',
  amount_received: 0,
  last_payment_error: {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
}

const stripeObjects = {
  'checkout.session.completed': (of, changes) => stripeSession(of, changes),
  'checkout.session.async_payment_succeeded': (of, changes) => stripeSession(of, changes),
  'checkout.session.async_payment_failed': (of, changes) =>
    stripeSession(of, { payment_status: 'unpaid', ...changes }),
  'checkout.session.expired': (of, changes) =>
    stripeSession(of, { payment_status: 'unpaid', status: 'expired', payment_intent: null, ...changes }),
  'payment_intent.succeeded': (of, changes) => stripeIntent(of, changes),
  'payment_intent.payment_failed': (of, changes) => stripeIntent(of, { ...noMethod, ...changes }),
  'payment_intent.processing': (of, changes) =>
    stripeIntent(of, { status: 'processing', amount_received: 0, ...changes }),
  'payment_intent.canceled': (of, changes) =>
    stripeIntent(of, {
      ...{ status: 'canceled', amount_received: 0, latest_charge: null },
      ...{ cancellation_reason: 'abandoned', canceled_at: seconds(of.at) },
      ...changes,
    }),
  'charge.succeeded': (of, changes) => stripeCharge(of, changes),
  'charge.refunded': (of, changes) =>
    stripeCharge(of, { amount_refunded: of.part, refunded: of.part === of.amount, ...changes }),
  'refund.created': (of, changes) => stripeRefund(of, changes),
  'refund.updated': (of, changes) => stripeRefund(of, changes),
  'refund.failed': (of, changes) =>
    stripeRefund(of, { status: 'failed', failure_reason: 'lost_or_stolen_card', ...changes }),
  'charge.dispute.created': (of, changes) => stripeDispute(of, changes),
  'charge.dispute.updated': (of, changes) => stripeDispute(of, { status: 'under_review', ...changes }),
  'charge.dispute.closed': (of, changes) => stripeDispute(of, { status: 'lost', ...changes }),
  'charge.dispute.funds_withdrawn': (of, changes) => stripeDispute(of, changes),
  'charge.dispute.funds_reinstated': (of, changes) => stripeDispute(of, { status: 'won', ...changes }),
  'customer.created': (of, changes) => ({ id: 'cus_1', object: 'customer', livemode: of.live, ...changes }),
} satisfies Record<string, (of: Scenario, changes: Fields) => Fields>

export type StripeEventType = keyof typeof stripeObjects

/** @param changes of the object inside */
export function stripeEvent(
  type: StripeEventType,
  of: Scenario = stripeScenario(),
  changes: Fields = {},
  id = `evt_${type.replaceAll('.', '_')}_${of.payment}`,
): Pick<Delivery, 'id' | 'type' | 'body'> {
  return stripeEnvelope(type, stripeObjects[type](of, changes), of, id)
}

export function stripeEnvelope(
  type: string,
  object: Fields,
  of: Pick<Scenario, 'at' | 'live'>,
  id: string,
): Pick<Delivery, 'id' | 'type' | 'body'> {
  const event = {
    ...{ id, object: 'event', api_version: '2026-10-28.endive', created: seconds(of.at), data: { object } },
    ...{ livemode: of.live, pending_webhooks: 1, request: { id: null, idempotency_key: null }, type },
  }
  return { id, type, body: Buffer.from(JSON.stringify(event, null, 2)) }
}

/* Razorpay. */

export function razorpayPayment(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.payment,
    entity: 'payment',
    amount: of.amount,
    currency: of.currency,
    base_amount: of.amount,
    status: 'captured',
    order_id: of.order,
    invoice_id: null,
    international: false,
    method: of.method,
    amount_refunded: 0,
    amount_transferred: 0,
    refund_status: null,
    captured: true,
    description: `#${of.checkout.replace('plink_', '')}`,
    card_id: null,
    bank: null,
    wallet: null,
    vpa: of.method === 'upi' ? 'acme@okexample' : null,
    email: 'accounts@acme.test',
    contact: '+919000090000',
    notes: metadata(of),
    fee: 2,
    tax: 0,
    error_code: null,
    error_description: null,
    error_source: null,
    error_step: null,
    error_reason: null,
    acquirer_data: { rrn: '103608848276' },
    created_at: seconds(of.at),
    ...changes,
  }
}

export function razorpayLink(of: Scenario, changes: Fields = {}): Fields {
  return {
    accept_partial: false,
    amount: of.amount,
    amount_paid: of.amount,
    cancelled_at: 0,
    created_at: seconds(of.at) - 3600,
    currency: of.currency,
    customer: { email: 'accounts@acme.test', name: 'Acme' },
    description: `Invoice ${of.invoice}`,
    expire_by: seconds(of.at) + 82_800,
    expired_at: 0,
    first_min_partial_amount: 0,
    id: of.checkout,
    notes: metadata(of),
    notify: { email: false, sms: false, whatsapp: false },
    reference_id: of.reference,
    reminder_enable: false,
    reminders: {},
    short_url: 'https://rzp.io/rzp/twH5w1Y',
    status: 'paid',
    updated_at: seconds(of.at),
    upi_link: false,
    user_id: '',
    whatsapp_link: false,
    ...changes,
  }
}

export function razorpayOrder(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.order,
    entity: 'order',
    amount: of.amount,
    amount_paid: of.amount,
    amount_due: 0,
    currency: of.currency,
    receipt: of.reference,
    offer_id: null,
    status: 'paid',
    attempts: 1,
    notes: metadata(of),
    created_at: seconds(of.at) - 60,
    ...changes,
  }
}

export function razorpayRefund(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.refund,
    entity: 'refund',
    amount: of.part,
    currency: of.currency,
    payment_id: of.payment,
    notes: [],
    receipt: null,
    acquirer_data: { arn: null },
    created_at: seconds(of.at),
    batch_id: null,
    status: 'processed',
    speed_processed: 'normal',
    speed_requested: 'normal',
    ...changes,
  }
}

export function razorpayDispute(of: Scenario, changes: Fields = {}): Fields {
  return {
    id: of.dispute,
    entity: 'dispute',
    payment_id: of.payment,
    amount: of.part,
    currency: of.currency,
    amount_deducted: 0,
    reason_code: 'processed_invalid_expired_card',
    respond_by: seconds(of.at) + 604_800,
    status: 'open',
    phase: 'chargeback',
    evidence: { amount: of.part, summary: null, submitted_at: null },
    created_at: seconds(of.at),
    ...changes,
  }
}

/** Inside the events of payment links an order has no `order_`, and its key is what says live or test. */
function linkOrder(of: Scenario): Fields {
  return razorpayOrder(of, {
    id: of.order.replace('order_', ''),
    product_type: 'payment_link_v2',
    product_id: of.checkout.replace('plink_', ''),
    public_key: of.live ? 'rzp_live_1DP5mmOlF5G5ag' : 'rzp_test_1DP5mmOlF5G5ag',
    notes: [],
  })
}

type Entities = Record<string, Fields>

const declined = {
  ...{ status: 'failed', captured: false, error_code: 'BAD_REQUEST_ERROR', error_source: 'issuer' },
  ...{
    error_description: 'Payment failed',
    error_step: 'payment_authorization',
    error_reason: 'payment_failed',
  },
}

/** The first entity is the one that `changes` are for. */
const razorpayEntities = {
  'payment.authorized': (of, changes) => ({
    payment: razorpayPayment(of, { status: 'authorized', captured: false, fee: null, tax: null, ...changes }),
  }),
  'payment.captured': (of, changes) => ({ payment: razorpayPayment(of, changes) }),
  'payment.failed': (of, changes) => ({ payment: razorpayPayment(of, { ...declined, ...changes }) }),
  'order.paid': (of, changes) => ({ payment: razorpayPayment(of, changes), order: razorpayOrder(of) }),
  'payment_link.paid': (of, changes) => ({
    payment_link: razorpayLink(of, changes),
    order: linkOrder(of),
    payment: razorpayPayment(of),
  }),
  'payment_link.partially_paid': (of, changes) => ({
    payment_link: razorpayLink(of, {
      accept_partial: true,
      status: 'partially_paid',
      amount_paid: of.part,
      ...changes,
    }),
    order: linkOrder(of),
    payment: razorpayPayment(of, { amount: of.part, base_amount: of.part }),
  }),
  'payment_link.cancelled': (of, changes) => ({
    payment_link: razorpayLink(of, {
      status: 'cancelled',
      amount_paid: 0,
      cancelled_at: seconds(of.at),
      ...changes,
    }),
  }),
  'payment_link.expired': (of, changes) => ({
    payment_link: razorpayLink(of, {
      status: 'expired',
      amount_paid: 0,
      expired_at: seconds(of.at),
      ...changes,
    }),
  }),
  'refund.created': (of, changes) => ({ refund: razorpayRefund(of, changes), payment: refunded(of) }),
  'refund.processed': (of, changes) => ({ refund: razorpayRefund(of, changes), payment: refunded(of) }),
  'refund.failed': (of, changes) => ({
    refund: razorpayRefund(of, { status: 'failed', ...changes }),
    payment: razorpayPayment(of),
  }),
  'payment.dispute.created': (of, changes) => ({
    dispute: razorpayDispute(of, changes),
    payment: razorpayPayment(of),
  }),
  'payment.dispute.under_review': (of, changes) => ({
    dispute: razorpayDispute(of, { status: 'under_review', ...changes }),
    payment: razorpayPayment(of),
  }),
  'payment.dispute.won': (of, changes) => ({
    dispute: razorpayDispute(of, { status: 'won', ...changes }),
    payment: razorpayPayment(of),
  }),
  'payment.dispute.lost': (of, changes) => ({
    dispute: razorpayDispute(of, { status: 'lost', amount_deducted: of.part, ...changes }),
    payment: razorpayPayment(of),
  }),
  'payment.dispute.closed': (of, changes) => ({
    dispute: razorpayDispute(of, { status: 'closed', ...changes }),
    payment: razorpayPayment(of),
  }),
  'invoice.paid': () => ({}),
} satisfies Record<string, (of: Scenario, changes: Fields) => Entities>

function refunded(of: Scenario): Fields {
  return razorpayPayment(of, {
    amount_refunded: of.part,
    refund_status: of.part === of.amount ? 'full' : 'partial',
  })
}

export type RazorpayEventType = keyof typeof razorpayEntities

/** @param changes of the entity the event is named after (for `order.paid`: the payment) */
export function razorpayEvent(
  type: RazorpayEventType,
  of: Scenario = razorpayScenario(),
  changes: Fields = {},
  id = `rzpevt_${type.replaceAll('.', '_')}_${of.payment}`,
): Pick<Delivery, 'id' | 'type' | 'body'> {
  return razorpayEnvelope(type, razorpayEntities[type](of, changes), of.at, id)
}

/** The `created_at` of an event of a payment link is the link's. */
export function razorpayEnvelope(
  type: string,
  entities: Entities,
  at: Date,
  id: string,
): Pick<Delivery, 'id' | 'type' | 'body'> {
  const link = type.startsWith('payment_link.') ? entities.payment_link?.created_at : undefined
  const event = {
    ...{ entity: 'event', account_id: 'acc_BFQ7uQEaa7j2z7', event: type, contains: Object.keys(entities) },
    payload: Object.fromEntries(Object.entries(entities).map(([name, entity]) => [name, { entity }])),
    created_at: link ?? seconds(at),
  }
  return { id, type, body: Buffer.from(JSON.stringify(event)) }
}
