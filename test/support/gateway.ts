/** A payment provider in this process, by the rules both have: one page and one refund for each reference; faults on call. */
import { ProviderError, type CallOutcome } from '../../src/kernel/payment-gateway.js'
import { withSettings } from './settings.js'
import type { Context } from '../../src/kernel/context.js'
import type {
  CheckoutRequest,
  PaymentGateway,
  ProviderCheckout,
  ProviderName,
  ProviderPayment,
  ProviderRefund,
} from '../../src/kernel/payment-gateway.js'

/** `before` acting, so that nothing happens, or `after`; null in a queue of faults: this call succeeds. */
export interface Fault {
  outcome: CallOutcome
  acts: boolean
  code?: string
  retryAfterMs?: number
}

export const faults = {
  down: { outcome: 'not_done', acts: false, code: 'rate_limited' },
  refused: { outcome: 'refused', acts: false, code: 'parameter_invalid' },
  lost: { outcome: 'unknown', acts: false, code: 'connection' },
  lostAfterwards: { outcome: 'unknown', acts: true, code: 'timeout' },
} satisfies Record<string, Fault>

type Call = 'openCheckout' | 'closeCheckout' | 'readCheckout' | 'refund' | 'readPayment' | 'payments'

export class TestProvider implements PaymentGateway {
  readonly checkouts = new Map<string, ProviderCheckout>()
  readonly paid = new Map<string, ProviderPayment>()
  readonly given = new Map<string, ProviderRefund>()
  readonly calls: string[] = []
  readonly faults: Partial<Record<Call, (Fault | null)[]>> = {}
  /** Of refunds that are made. */
  refundStatus: ProviderRefund['status'] = 'succeeded'
  /** A call waits for it. */
  gate: Promise<void> = Promise.resolve()
  live = false
  #made = 0

  constructor(readonly name: ProviderName) {}

  check() {
    return Promise.resolve({ account: null, live: this.live, clockSkewMs: 0 })
  }

  openCheckout(request: CheckoutRequest) {
    return this.#call('openCheckout', () => {
      const known = this.#byReference(request.reference)
      if (known) return known
      const id = `${this.name}_c${++this.#made}`
      const made: ProviderCheckout = {
        ...{ id, status: 'open', url: `https://pay.test/${id}`, amount: request.amount, paidMinor: 0n },
        ...{ paymentIds: [], expiresAt: request.expiresAt, live: this.live },
        about: { reference: request.reference, invoice: request.invoice, tenant: request.tenant },
      }
      this.checkouts.set(id, made)
      return made
    })
  }

  readCheckout(id: string) {
    return this.#call('readCheckout', () => this.checkouts.get(id) ?? null)
  }

  findCheckout(reference: string) {
    return this.#call('readCheckout', () => this.#byReference(reference))
  }

  closeCheckout(id: string) {
    return this.#call('closeCheckout', () => {
      const known = this.checkouts.get(id)
      if (!known) throw new ProviderError(this.name, 'refused', 'not_found', 'no such page')
      if (known.status === 'open') this.checkouts.set(id, { ...known, status: 'expired', url: null })
      return this.checkouts.get(id) ?? known
    })
  }

  readPayment(id: string) {
    return this.#call('readPayment', () => this.paid.get(id) ?? null)
  }

  async *payments() {
    yield* await this.#call('payments', () => [...this.paid.values()])
  }

  refund({ reference, paymentId, amount }: Parameters<PaymentGateway['refund']>[0]) {
    return this.#call('refund', () => {
      const known = this.given.get(reference)
      if (known) return known
      return this.giveBack(paymentId, amount.amountMinor, reference)
    })
  }

  async *refunds() {
    yield* await this.#call('payments', () => [...this.given.values()])
  }

  events() {
    return null
  }

  /** The customer pays the page. */
  pay(checkoutId: string): ProviderPayment {
    const page = this.checkouts.get(checkoutId)
    if (page?.status !== 'open') throw new Error(`${checkoutId} cannot be paid`)
    const payment: ProviderPayment = {
      ...{ id: `${this.name}_p${++this.#made}`, status: 'succeeded', amount: page.amount, refundedMinor: 0n },
      ...{ method: 'card', at: new Date(), live: this.live, failure: null, about: page.about, checkoutId },
    }
    this.paid.set(payment.id, payment)
    this.checkouts.set(checkoutId, {
      ...{ ...page, status: 'paid', url: null, paidMinor: page.amount.amountMinor },
      paymentIds: [payment.id],
    })
    return payment
  }

  /** At the provider's own console where no reference is given. */
  giveBack(paymentId: string, amountMinor: bigint, reference: string | null = null): ProviderRefund {
    const payment = this.paid.get(paymentId)
    if (!payment) throw new ProviderError(this.name, 'refused', 'not_found', 'no such payment')
    if (payment.refundedMinor + amountMinor > payment.amount.amountMinor)
      throw new ProviderError(this.name, 'refused', 'amount_too_large', 'more than is left')
    this.paid.set(paymentId, { ...payment, refundedMinor: payment.refundedMinor + amountMinor })
    const made: ProviderRefund = {
      ...{ id: `${this.name}_r${++this.#made}`, paymentId, reference, at: new Date() },
      amount: { amountMinor, currency: payment.amount.currency },
      status: this.refundStatus,
    }
    this.given.set(reference ?? made.id, made)
    return made
  }

  get open(): ProviderCheckout[] {
    return [...this.checkouts.values()].filter(({ status }) => status === 'open')
  }

  #byReference(wanted: string): ProviderCheckout | null {
    return [...this.checkouts.values()].find(({ about }) => about.reference === wanted) ?? null
  }

  async #call<Answer>(call: Call, act: () => Answer): Promise<Answer> {
    this.calls.push(call)
    await this.gate
    const fault = this.faults[call]?.shift() ?? null
    if (fault === null) return act()
    if (fault.acts) act()
    throw new ProviderError(this.name, fault.outcome, fault.code ?? 'x', `fault of the test: ${fault.code}`, {
      retryAfterMs: fault.retryAfterMs ?? null,
    })
  }
}

/** A context whose providers are these; only theirs are the keys that are set. */
export function withProviders<C extends Context>(ctx: C, ...providers: TestProvider[]): C {
  const keys: Record<ProviderName, Record<string, string>> = {
    stripe: { STRIPE_SECRET_KEY: 'sk_test_x' },
    razorpay: { RAZORPAY_KEY_ID: 'rzp_test_x', RAZORPAY_KEY_SECRET: 'x' },
  }
  const values = Object.assign({}, ...providers.map(({ name }) => keys[name])) as Record<string, string>
  return {
    ...withSettings(ctx, values),
    openGateway: (wanted) => {
      const found = providers.find(({ name }) => name === wanted)
      return found ? Promise.resolve(found) : Promise.reject(new Error(`no ${wanted}`))
    },
  }
}
