/** Razorpay: an invoice is paid on a Payment Link, one for each reference. */
import { minorDigits, type Money } from '../kernel/money.js'
import { ProviderError } from '../kernel/payment-gateway.js'
import { sentAt } from './provider-failures.js'
import {
  earliest,
  fromProvider,
  towardsProvider,
  type ProviderClocks,
  type ProviderConnection,
} from './provider-connection.js'
import { ourFields } from './our-fields.js'
import { razorpayClient, razorpayError } from './razorpay-client.js'
import { checkoutOf, itemsOf, paymentOf, refundOf } from './razorpay-objects.js'
import { record, type Json } from './provider-json.js'
import type { CheckoutRequest, PaymentGateway, ProviderCheckout } from '../kernel/payment-gateway.js'

const page = 100
const minute = 60_000
/** Razorpay wants 15 minutes at the least, and the request needs its own time. */
const shortest = 16 * minute
/** Six months, of which the shortest have 181 days. */
const longest = 180 * 24 * 60 * minute

export interface RazorpayOptions extends ProviderConnection, ProviderClocks {
  keyId: string
  keySecret: string
  live: boolean
}

export function razorpayGateway(options: RazorpayOptions): PaymentGateway {
  const { live, clock } = options
  const { sdk, requests } = razorpayClient(options.keyId, options.keySecret, options)
  const checkout = (link: unknown): ProviderCheckout => {
    const read = checkoutOf(record(link, 'the answer'), live)
    return { ...read, expiresAt: read.expiresAt && fromProvider(read.expiresAt, options) }
  }
  const gateway: PaymentGateway = {
    name: 'razorpay',
    live,
    async check() {
      const began = clock.now().getTime()
      const { headers } = await answered(() => requests.get('/v1/payments', { params: { count: 1 } }))
      const at = sentAt(headers.date)
      const here = (began + clock.now().getTime()) / 2
      return { account: null, live, clockSkewMs: at && Math.round(at.getTime() + 500 - here) }
    },
    async openCheckout(request) {
      assertPayable(request.amount)
      try {
        return await answered(async () =>
          checkout(await sdk.paymentLink.create(linkOf(request, options) as never)),
        )
      } catch (error) {
        if (!isTaken(error)) throw error
        // A reference is good for one link, for ever: it is that one.
        const first = await gateway.findCheckout(request.reference, request.expiresAt)
        if (first) return first
        throw error
      }
    },
    readCheckout: (id) => known(async () => checkout(await sdk.paymentLink.fetch(id))),
    findCheckout: (reference) =>
      answered(async () => {
        const links = itemsOf(
          await sdk.paymentLink.all({ reference_id: reference } as never),
          'payment_links',
        )
        const link = links.find(({ reference_id }) => reference_id === reference)
        return link ? checkout(link) : null
      }),
    async closeCheckout(id) {
      try {
        return await answered(async () => checkout(await sdk.paymentLink.cancel(id)))
      } catch (error) {
        // One that is not open any more cannot be cancelled: what it is says why.
        if (!(error instanceof ProviderError && error.outcome === 'refused')) throw error
        const closed = await gateway.readCheckout(id)
        if (!closed || closed.status === 'open') throw error
        return closed
      }
    },
    readPayment: (id) =>
      known(async () => paymentOf(record(await sdk.payments.fetch(id), 'the answer'), live)),
    payments: (since) =>
      pages(
        earliest(since, options),
        (range) => sdk.payments.all(range),
        (payment) => paymentOf(payment, live),
      ),
    refund: ({ reference, paymentId, amount, reason }) => {
      assertPayable(amount)
      return answered(async () => {
        const { data } = await requests.post(
          `/v1/payments/${encodeURIComponent(paymentId)}/refund`,
          {
            amount: Number(amount.amountMinor),
            speed: 'normal',
            receipt: reference,
            notes: { erpmax_reference: reference, erpmax_reason: reason.slice(0, 256) },
          },
          { headers: { 'X-Refund-Idempotency': reference } },
        )
        return refundOf(record(data, 'the answer'))
      })
    },
    refunds: (since) => pages(earliest(since, options), (range) => sdk.refunds.all(range), refundOf),
    events: () => null,
  }
  return gateway
}

function linkOf(request: CheckoutRequest, clocks: ProviderClocks): Json {
  const asked = request.expiresAt.getTime() - clocks.clock.now().getTime()
  const life = Math.min(Math.max(asked, shortest), longest)
  const until = towardsProvider(new Date(clocks.clock.now().getTime() + life), clocks)
  return {
    amount: Number(request.amount.amountMinor),
    currency: request.amount.currency,
    accept_partial: false,
    reference_id: request.reference,
    description: request.description.slice(0, 2048),
    customer: { name: request.customer.name.slice(0, 50), email: request.customer.email },
    // Our own mail has the link to our page; theirs would outlive it.
    notify: { sms: false, email: false },
    reminder_enable: false,
    notes: ourFields(request),
    expire_by: Math.floor(until.getTime() / 1000),
    ...(request.returnUrl !== null && { callback_url: request.returnUrl, callback_method: 'get' }),
  }
}

/** @throws ProviderError refused: Razorpay would say no as well, in words that name no currency */
function assertPayable({ amountMinor, currency }: Money): void {
  if (currency === 'INR' && amountMinor < 100n)
    throw new ProviderError(
      'razorpay',
      'refused',
      'amount_too_small',
      `Razorpay takes 1.00 INR or more: ${amountMinor} paise cannot be paid there`,
    )
  if (minorDigits(currency) === 3 && amountMinor % 10n !== 0n)
    throw new ProviderError(
      'razorpay',
      'refused',
      'amount_not_payable',
      `Razorpay takes amounts in ${currency} that end in 0: ${amountMinor} minor units cannot be paid there`,
    )
}

function isTaken(error: unknown): boolean {
  return error instanceof ProviderError && error.status === 400 && /reference_id/.test(error.message)
}

/** Newest first; what is made meanwhile moves the rest down, so that some may come twice and none is missed. */
async function* pages<Item>(
  since: Date,
  list: (range: { from: number; count: number; skip: number }) => Promise<unknown>,
  read: (item: Json) => Item,
): AsyncGenerator<Item, void, void> {
  // The SDK takes a `from` of 0 for none.
  const from = Math.max(1, Math.floor(since.getTime() / 1000))
  for (let skip = 0; ; skip += page) {
    const items = await answered(async () =>
      itemsOf(await list({ from, count: page, skip }), 'items').map(read),
    )
    yield* items
    if (items.length < page) return
  }
}

async function answered<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (thrown) {
    throw razorpayError(thrown)
  }
}

/** Razorpay answers 400 for an id it does not know. */
async function known<Answer>(work: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await answered(work)
  } catch (error) {
    if (error instanceof ProviderError && error.outcome === 'refused' && isUnknownId(error)) return null
    throw error
  }
}

function isUnknownId({ status, message }: ProviderError): boolean {
  return status === 404 || (status === 400 && /does not exist|not found/i.test(message))
}
