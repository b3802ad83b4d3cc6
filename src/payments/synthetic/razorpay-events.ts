/** Events as Razorpay documents them, made up for an invoice. */
import { madeUp, type Sale } from './sale.js'

type Fields = Record<string, unknown>
type Entities = Record<string, Fields>

const declined = {
  ...{ status: 'failed', captured: false, error_code: 'BAD_REQUEST_ERROR', error_source: 'issuer' },
  ...{
    error_description: 'Payment failed',
    error_step: 'payment_authorization',
    error_reason: 'payment_failed',
  },
}

/** What is inside an event of each type that can be made up. */
export const razorpayEntities = {
  'payment.authorized': (sale) => ({ payment: payment(sale, { status: 'authorized', captured: false }) }),
  'payment.captured': (sale) => ({ payment: payment(sale) }),
  'payment.failed': (sale) => ({ payment: payment(sale, declined) }),
  'order.paid': (sale) => ({ payment: payment(sale), order: order(sale) }),
  'payment_link.paid': (sale) => ({
    payment_link: link(sale),
    // Inside the events of links an order has no `order_`.
    order: order(sale, { id: madeUp('', sale.payment), public_key: 'rzp_test_erpmaxerpmax00' }),
    payment: payment(sale),
  }),
  'payment_link.cancelled': (sale) => ({
    payment_link: link(sale, { status: 'cancelled', amount_paid: 0, cancelled_at: seconds(sale.at) }),
  }),
  'payment_link.expired': (sale) => ({
    payment_link: link(sale, { status: 'expired', amount_paid: 0, expired_at: seconds(sale.at) }),
  }),
  'refund.created': (sale) => ({ refund: refund(sale, { status: 'pending' }), payment: payment(sale) }),
  'refund.processed': (sale) => ({ refund: refund(sale), payment: payment(sale) }),
  'refund.failed': (sale) => ({ refund: refund(sale, { status: 'failed' }), payment: payment(sale) }),
  'payment.dispute.created': (sale) => ({ payment: payment(sale), dispute: dispute(sale, 'open') }),
  'payment.dispute.won': (sale) => ({ payment: payment(sale), dispute: dispute(sale, 'won') }),
  'payment.dispute.lost': (sale) => ({ payment: payment(sale), dispute: dispute(sale, 'lost') }),
} satisfies Record<string, (sale: Sale) => Entities>

export type RazorpayType = keyof typeof razorpayEntities

/** The id of an event goes with it in a header. The `created_at` of an event of a link is the link's. */
export function razorpayEvent(type: RazorpayType, sale: Sale): Buffer {
  const entities: Entities = razorpayEntities[type](sale)
  const event = {
    ...{ entity: 'event', account_id: 'acc_erpmaxerpmax00', event: type, contains: Object.keys(entities) },
    payload: Object.fromEntries(Object.entries(entities).map(([name, entity]) => [name, { entity }])),
    created_at: entities.payment_link?.created_at ?? seconds(sale.at),
  }
  return Buffer.from(JSON.stringify(event))
}

function payment(sale: Sale, changes: Fields = {}): Fields {
  return {
    ...{ id: sale.payment, entity: 'payment', ...money(sale), base_amount: Number(sale.amount.amountMinor) },
    ...{ status: 'captured', captured: true, order_id: madeUp('order_', sale.payment), method: 'upi' },
    ...{ description: `#${sale.checkout.replace('plink_', '')}`, notes: notes(sale), amount_refunded: 0 },
    ...{ error_code: null, error_description: null, created_at: seconds(sale.at) },
    ...changes,
  }
}

function link(sale: Sale, changes: Fields = {}): Fields {
  return {
    ...{
      id: sale.checkout,
      ...money(sale),
      amount_paid: Number(sale.amount.amountMinor),
      accept_partial: false,
    },
    ...{
      reference_id: sale.reference ?? '',
      notes: notes(sale),
      status: 'paid',
      cancelled_at: 0,
      expired_at: 0,
    },
    ...{ created_at: seconds(sale.at) - 3600, updated_at: seconds(sale.at) },
    ...changes,
  }
}

function order(sale: Sale, changes: Fields = {}): Fields {
  return {
    ...{ id: madeUp('order_', sale.payment), entity: 'order', ...money(sale), amount_due: 0 },
    ...{ amount_paid: Number(sale.amount.amountMinor), receipt: sale.reference, status: 'paid', notes: [] },
    ...{ created_at: seconds(sale.at) - 60 },
    ...changes,
  }
}

function refund(sale: Sale, changes: Fields = {}): Fields {
  return {
    ...{ id: madeUp('rfnd_', sale.payment), entity: 'refund', ...money(sale), payment_id: sale.payment },
    ...{ notes: [], receipt: null, status: 'processed', created_at: seconds(sale.at) },
    ...changes,
  }
}

function dispute(sale: Sale, status: string): Fields {
  return {
    ...{ id: madeUp('disp_', sale.payment), entity: 'dispute', ...money(sale), payment_id: sale.payment },
    ...{ amount_deducted: status === 'lost' ? Number(sale.amount.amountMinor) : 0, status },
    ...{ reason_code: 'goods_or_services_not_received', respond_by: seconds(sale.at) + 604_800 },
    created_at: seconds(sale.at),
  }
}

function money({ amount }: Sale): Fields {
  return { amount: Number(amount.amountMinor), currency: amount.currency }
}

function notes({ invoice, tenant, reference }: Sale): Fields {
  return {
    ...{ erpmax_invoice: invoice, erpmax_tenant: tenant },
    ...(reference === null ? {} : { erpmax_reference: reference }),
  }
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
