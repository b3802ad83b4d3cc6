/** Webhooks as the providers send them, signed as their documentation says, with nothing of theirs or ours to do it. */
import { createHmac } from 'node:crypto'

/** What the listeners of tests are given; nothing may print them. */
export const webhookSettings = {
  STRIPE_WEBHOOK_SECRET: 'whsec_geheim-eins,whsec_geheim-zwei',
  RAZORPAY_WEBHOOK_SECRET: 'razorpay-geheim',
}

const [stripeSecret = ''] = webhookSettings.STRIPE_WEBHOOK_SECRET.split(',')

export interface Webhook {
  path: string
  headers: Record<string, string>
  body: string
}

interface StripeOptions {
  type?: string
  secret?: string
  /** Seconds since the epoch, of the signature. */
  at?: number
  /** Characters of padding. */
  size?: number
}

/** An event about nothing this installation knows. */
export function stripeWebhook(id: string, options: StripeOptions = {}): Webhook {
  const { type = 'payment_intent.succeeded', secret = stripeSecret, size = 1500 } = options
  const at = options.at ?? Math.floor(Date.now() / 1000)
  const object = {
    id: `pi_${id}`,
    ...{ object: 'payment_intent', amount: 58882, amount_received: 58882, currency: 'inr' },
    ...{
      status: 'succeeded',
      metadata: {},
      created: 1767225600,
      livemode: false,
      payment_method_types: ['card'],
    },
    description: 'x'.repeat(size),
  }
  const event = {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: 1767225600,
    livemode: false,
    type,
  }
  const body = JSON.stringify({ ...event, pending_webhooks: 1, request: null, data: { object } })
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
  return {
    path: '/webhooks/stripe',
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` },
    body,
  }
}

export function razorpayWebhook(
  id: string,
  { secret = webhookSettings.RAZORPAY_WEBHOOK_SECRET }: { secret?: string } = {},
): Webhook {
  const entity = {
    ...{
      id: `pay_${id}`,
      entity: 'payment',
      amount: 58882,
      currency: 'INR',
      status: 'captured',
      method: 'upi',
    },
    ...{ order_id: null, notes: [], captured: true, created_at: 1767225600 },
  }
  const body = JSON.stringify({
    ...{ entity: 'event', account_id: 'acc_1', event: 'payment.captured', contains: ['payment'] },
    ...{ payload: { payment: { entity } }, created_at: 1767225600 },
  })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return {
    path: '/webhooks/razorpay',
    headers: {
      'content-type': 'application/json',
      'x-razorpay-signature': signature,
      'x-razorpay-event-id': id,
    },
    body,
  }
}
