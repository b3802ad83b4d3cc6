/** Payment providers as those who ask for money see them: pages to pay on, what became of them, and what webhooks say. */
import type { Money } from './money.js'

export const providerNames = ['stripe', 'razorpay'] as const

export type ProviderName = (typeof providerNames)[number]

export const providerTitles: Readonly<Record<ProviderName, string>> = {
  stripe: 'Stripe',
  razorpay: 'Razorpay',
}

/** What a provider is told about an invoice, and gives back with every payment and event of it. */
export interface InvoiceReference {
  /** `checkouts.reference`, at most 40 characters; null where the provider's object does not carry it. */
  reference: string | null
  /** The number of the invoice, `ERP/26-27/00041`. */
  invoice: string | null
  /** The subdomain of the tenant. */
  tenant: string | null
}

export interface CheckoutRequest {
  /** Makes the request one however often it is sent: it is the idempotency key, or what the key is made of. */
  reference: string
  invoice: string
  tenant: string
  amount: Money
  description: string
  customer: { name: string; email: string }
  /** Where the payer goes afterwards; null where there is no listener. */
  returnUrl: string | null
  /** Razorpay: kept within 15 minutes and 6 months. Stripe: left to its own 24 hours. */
  expiresAt: Date
}

export interface ProviderCheckout {
  /** `cs_...`, `plink_...` */
  id: string
  status: 'open' | 'paid' | 'expired' | 'cancelled'
  /** Where the customer pays; null once it is closed, or while the bank of the payer takes its days. */
  url: string | null
  amount: Money
  paidMinor: bigint
  /** `pi_...`, `pay_...`: of payments that succeeded. */
  paymentIds: string[]
  expiresAt: Date | null
  live: boolean
  about: InvoiceReference
}

export interface ProviderPayment {
  /** Stripe: the PaymentIntent. Razorpay: the payment. */
  id: string
  status: 'pending' | 'succeeded' | 'failed'
  amount: Money
  refundedMinor: bigint
  /** `card`, `upi`, `netbanking`, ... */
  method: string
  at: Date
  /** Null where a webhook does not say: most of Razorpay's do not. */
  live: boolean | null
  failure: { code: string; message: string } | null
  about: InvoiceReference
  /** The checkout it was made on, where the object says so; Razorpay: the order, where no link is named. */
  checkoutId: string | null
}

export interface ProviderRefund {
  id: string
  paymentId: string
  amount: Money
  status: 'pending' | 'succeeded' | 'failed'
  /** `refunds.reference`; null for one made at the provider's own console. */
  reference: string | null
  at: Date
}

/** What an event of a provider means, in words that both have. */
export type PaymentNotice =
  /** `part`: the provider itself calls it a part of what was asked for (Razorpay: `payment_link.partially_paid`). */
  | { kind: 'payment'; payment: ProviderPayment; part?: boolean }
  | {
      kind: 'checkout_closed'
      checkoutId: string
      status: 'expired' | 'cancelled'
      about: InvoiceReference
      live: boolean | null
    }
  | { kind: 'refund'; refund: ProviderRefund; live: boolean | null }
  | {
      kind: 'dispute'
      id: string
      paymentId: string
      status: 'open' | 'won' | 'lost'
      amount: Money
      reason: string | null
      respondBy: Date | null
      live: boolean | null
    }
  /** A type nobody asked for, or one that says nothing that counts: `reason` is a dotted code. */
  | { kind: 'nothing'; reason: string }

export interface SignedEvent {
  id: string
  type: string
  live: boolean | null
  happenedAt: Date | null
}

export type SignatureFault = 'missing' | 'malformed' | 'wrong' | 'stale' | 'not_an_event'

/** What a provider's webhooks are read by; needs no key of its API. */
export interface WebhookReader {
  name: ProviderName
  /** The header that carries the signature, in lower case. */
  header: string
  /**
   * Whether one of the secrets signed these bytes, in constant time.
   * @param secrets newest first
   * @param headers names in lower case
   * @param now what was signed over 300 s before is stale (Stripe; Razorpay's signature has no time)
   */
  verify(
    body: Buffer,
    headers: Readonly<Record<string, string | undefined>>,
    secrets: readonly string[],
    now: Date,
  ): { event: SignedEvent } | { fault: SignatureFault }
  /**
   * What identifies an event whose signature is not in question: one from the provider's API, or from a file; null
   * where the body is none. Razorpay's bodies carry no id: without the header it is made from the bytes.
   */
  identify(body: Buffer, headers: Readonly<Record<string, string | undefined>>): SignedEvent | null
  /** @throws SyntaxError where the body is no event of this provider */
  read(body: Buffer): PaymentNotice
  /** Headers under which a body would be accepted: for tests and `webhook trigger`. */
  sign(body: Buffer, secret: string, now: Date, eventId: string): Record<string, string>
}

/**
 * How a call ended that did not answer as it should. `refused`: the provider said no, nothing was done. `not_done`: it
 * certainly was not reached, or asks to come again later. `unknown`: it may have been done.
 */
export type CallOutcome = 'refused' | 'not_done' | 'unknown'

export class ProviderError extends Error {
  readonly provider: ProviderName
  readonly outcome: CallOutcome
  /**
   * The provider's own code, or ours: `timeout`, `connection`, `rate_limited`, `bad_answer`, `authentication`; `replayed`,
   * the failure that it remembers under this reference; `absent`, its failure is known to have made nothing.
   */
  readonly code: string
  readonly status: number | null
  readonly retryAfterMs: number | null

  constructor(
    provider: ProviderName,
    outcome: CallOutcome,
    code: string,
    message: string,
    {
      status = null,
      retryAfterMs = null,
      cause,
    }: { status?: number | null; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ProviderError'
    this.provider = provider
    this.outcome = outcome
    this.code = code
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** Each call has a time limit and throws `ProviderError`. None is made inside a transaction. */
export interface PaymentGateway {
  name: ProviderName
  /** Whether its keys move real money. */
  live: boolean
  /** The keys are right; the clock's distance to the provider's in ms, where its answer tells. */
  check(): Promise<{ account: string | null; live: boolean; clockSkewMs: number | null }>
  /** The same reference twice gives the same checkout. */
  openCheckout(request: CheckoutRequest): Promise<ProviderCheckout>
  readCheckout(id: string): Promise<ProviderCheckout | null>
  /** By the reference it was asked for with; null where the provider knows none. */
  findCheckout(reference: string, since: Date): Promise<ProviderCheckout | null>
  /** Safe to repeat; answers with what it is now, which may be paid. */
  closeCheckout(id: string): Promise<ProviderCheckout>
  readPayment(id: string): Promise<ProviderPayment | null>
  payments(since: Date): AsyncIterable<ProviderPayment>
  /** The same reference twice gives the same refund. */
  refund(request: {
    reference: string
    paymentId: string
    amount: Money
    reason: string
  }): Promise<ProviderRefund>
  refunds(since: Date): AsyncIterable<ProviderRefund>
  /** What the provider has told, or would have; null where its API does not list events (Razorpay). */
  events(since: Date): AsyncIterable<{ id: string; type: string; body: Buffer }> | null
}
