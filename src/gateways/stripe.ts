/** Stripe: an invoice is paid on a Checkout Session in payment mode, one for each reference. */
import { ProviderError } from '../kernel/payment-gateway.js'
import { sentAt } from './provider-failures.js'
import {
  earliest,
  fromProvider,
  type ProviderClocks,
  type ProviderConnection,
} from './provider-connection.js'
import { ourFields } from './our-fields.js'
import { toStripe } from './stripe-amounts.js'
import { stripeClient, stripeError } from './stripe-client.js'
import { checkoutOf, idOf, objectOf, paymentOf, refundOf } from './stripe-objects.js'
import type { Json } from './provider-json.js'
import { stripeEventTypes } from './stripe-webhooks.js'
import type Stripe from 'stripe'
import type { CheckoutRequest, PaymentGateway, ProviderCheckout } from '../kernel/payment-gateway.js'

/** How long Stripe remembers an idempotency key, and a little more. */
const keysLiveMs = 25 * 3_600_000
const page = 100

/** Shown to a payer where there is no listener to go back to; Stripe wants an address. */
const nowhere = 'https://stripe.com/'

export interface StripeOptions extends ProviderConnection, ProviderClocks {
  key: string
  live: boolean
}

export function stripeGateway(options: StripeOptions): PaymentGateway {
  const { key, live, clock } = options
  const sdk = stripeClient(key, options)
  const asked = <Answer>(work: () => Promise<Answer>) => answered(work, key)
  const checkout = async (session: unknown): Promise<ProviderCheckout> => {
    const object = objectOf(session, 'checkout.session')
    const read = checkoutOf(object)
    const expiresAt = read.expiresAt && fromProvider(read.expiresAt, options)
    return { ...read, expiresAt, status: (await isBounced(object)) ? 'expired' : read.status }
  }
  /** Complete and unpaid a session stays once the bank has said no, and nobody can pay on it: its payment tells. */
  const isBounced = async (session: Json): Promise<boolean> => {
    const payment = idOf(session.payment_intent)
    if (session.status !== 'complete' || session.payment_status !== 'unpaid' || payment === null) return false
    const { status } = await sdk.paymentIntents.retrieve(payment)
    return status === 'requires_payment_method' || status === 'canceled'
  }
  const gateway: PaymentGateway = {
    name: 'stripe',
    live,
    async check() {
      const began = clock.now().getTime()
      const account = await asked(() => accountOf(sdk))
      // In the middle of the call; the header counts whole seconds.
      const here = (began + clock.now().getTime()) / 2
      return {
        account: account.id,
        live,
        clockSkewMs: account.at && Math.round(account.at.getTime() + 500 - here),
      }
    },
    async openCheckout(request) {
      try {
        const session = await asked(() =>
          sdk.checkout.sessions.create(sessionOf(request), {
            idempotencyKey: `erpmax-checkout-${request.reference}`,
          }),
        )
        // A replay is the first answer again, word for word; what became of it since is asked for.
        if (!session.lastResponse.headers['idempotent-replayed']) return await asked(() => checkout(session))
        return await asked(async () => checkout(await sdk.checkout.sessions.retrieve(session.id)))
      } catch (error) {
        if (!(error instanceof ProviderError && /^(idempotency_error|replayed)$/.test(error.code)))
          throw error
        // The reference has been used with other particulars, or what Stripe remembers of it is its own failure: for a
        // day the same request gets the same answer, and only a look tells what it did.
        const first = await gateway.findCheckout(
          request.reference,
          new Date(clock.now().getTime() - keysLiveMs),
        )
        if (first) return first
        if (error.code === 'replayed')
          throw new ProviderError('stripe', 'refused', 'absent', 'Stripe failed, and made no page')
        throw new ProviderError('stripe', 'unknown', error.code, error.message, { status: error.status })
      }
    },
    readCheckout: (id) => known(() => asked(async () => checkout(await sdk.checkout.sessions.retrieve(id)))),
    findCheckout: (reference, since) =>
      asked(async () => {
        // Sessions cannot be asked for by time or metadata; they come newest first.
        const oldest = Math.floor(earliest(since, options).getTime() / 1000)
        for await (const session of sdk.checkout.sessions.list({ limit: page })) {
          if (session.created < oldest) return null
          if (session.metadata?.erpmax_reference === reference) return await checkout(session)
        }
        return null
      }),
    async closeCheckout(id) {
      try {
        return await asked(async () => checkout(await sdk.checkout.sessions.expire(id)))
      } catch (error) {
        // One that is not open any more cannot expire: what it is says why.
        if (!(error instanceof ProviderError && error.outcome === 'refused')) throw error
        const closed = await gateway.readCheckout(id)
        if (!closed || (closed.status === 'open' && closed.url !== null)) throw error
        return closed
      }
    },
    readPayment: (id) =>
      known(() =>
        asked(async () =>
          paymentOf(
            objectOf(await sdk.paymentIntents.retrieve(id, { expand: ['latest_charge'] }), 'payment_intent'),
            null,
          ),
        ),
      ),
    payments: (since) =>
      read(key, async function* () {
        const list = sdk.paymentIntents.list({
          ...from(earliest(since, options)),
          limit: page,
          expand: ['data.latest_charge'],
        })
        for await (const intent of list) yield paymentOf(objectOf(intent, 'payment_intent'), null)
      }),
    async refund(request) {
      try {
        return await asked(async () => {
          const { reference, paymentId, amount, reason } = request
          const refund = await sdk.refunds.create(
            {
              payment_intent: paymentId,
              amount: toStripe(amount),
              reason: 'requested_by_customer',
              metadata: { erpmax_reference: reference, erpmax_reason: reason.slice(0, 500) },
            },
            { idempotencyKey: `erpmax-refund-${reference}` },
          )
          const read = refundOf(objectOf(refund, 'refund'), null)
          if (!read) throw new SyntaxError('the refund names no payment')
          return read
        })
      } catch (error) {
        if (!(error instanceof ProviderError && error.code === 'replayed')) throw error
        // As for a page; but where it is not seen nothing is concluded: money would go back twice.
        const made = await asked(async () => {
          const wanted = { payment_intent: request.paymentId, limit: page }
          for await (const refund of sdk.refunds.list(wanted))
            if (refund.metadata?.erpmax_reference === request.reference)
              return refundOf(objectOf(refund, 'refund'), null)
          return null
        })
        if (made) return made
        throw error
      }
    },
    refunds: (since) =>
      read(key, async function* () {
        for await (const refund of sdk.refunds.list({ ...from(earliest(since, options)), limit: page })) {
          const found = refundOf(objectOf(refund, 'refund'), null)
          if (found) yield found
        }
      }),
    events: (since) =>
      read(key, async function* () {
        for await (const event of sdk.events.list({
          ...from(earliest(since, options)),
          limit: page,
          types: [...stripeEventTypes],
        }))
          yield { id: event.id, type: event.type, body: Buffer.from(JSON.stringify(event)) }
      }),
  }
  return gateway
}

function sessionOf(request: CheckoutRequest): Stripe.Checkout.SessionCreateParams {
  const metadata = ourFields(request)
  const description = request.description.slice(0, 1000)
  return {
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: request.amount.currency.toLowerCase(),
          unit_amount: toStripe(request.amount),
          product_data: { name: description },
        },
      },
    ],
    customer_email: request.customer.email,
    client_reference_id: request.reference,
    metadata,
    payment_intent_data: { metadata, description },
    // The payer is asked for the invoice's own amount in its own currency.
    adaptive_pricing: { enabled: false },
    success_url: request.returnUrl ?? nowhere,
    ...(request.returnUrl !== null && { cancel_url: request.returnUrl }),
  }
}

/** Restricted keys may not read the account: what they are for answers instead. */
async function accountOf(sdk: Stripe): Promise<{ id: string | null; at: Date | null }> {
  try {
    const account = await sdk.accounts.retrieveCurrent()
    return { id: account.id, at: sentAt(account.lastResponse.headers.date) }
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode !== 403) throw error
    const sessions = await sdk.checkout.sessions.list({ limit: 1 })
    return { id: null, at: sentAt(sessions.lastResponse.headers.date) }
  }
}

function from(since: Date): { created: { gte: number } } {
  return { created: { gte: Math.floor(since.getTime() / 1000) } }
}

async function answered<Answer>(work: () => Promise<Answer>, key: string): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    throw stripeError(error, [key])
  }
}

async function* read<Item>(key: string, items: () => AsyncIterable<Item>): AsyncGenerator<Item, void, void> {
  try {
    yield* items()
  } catch (error) {
    throw stripeError(error, [key])
  }
}

async function known<Answer>(work: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ProviderError && (error.status === 404 || error.code === 'resource_missing'))
      return null
    throw error
  }
}
