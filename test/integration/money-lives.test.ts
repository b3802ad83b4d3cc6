/** Whatever happens to the money of an invoice, in whatever order: each step is refused in words or booked, and the book is sound. */
import { expect } from 'chai'
import fc from 'fast-check'
import { auditBook } from '../../src/billing/audit/audit-book.js'
import { creditInvoice } from '../../src/billing/book/credit-invoice.js'
import { recordPayment } from '../../src/billing/book/record-payment.js'
import { oneRow, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { plainAmount } from '../../src/kernel/amounts.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { openCheckout } from '../../src/payments/checkout/open-checkout.js'
import { bookNotice } from '../../src/payments/notices/book-notice.js'
import { refundPayment } from '../../src/payments/refunds/refund-payment.js'
import { asOperator } from '../../src/tenants/move.js'
import { billing } from '../support/billing.js'
import { TestProvider, withProviders } from '../support/gateway.js'
import { faultsOf, issued, local, untaxed } from '../support/issued.js'
import { disputeSaid } from '../support/notices.js'
import { times } from '../support/place.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { PaymentNotice, ProviderPayment, ProviderRefund } from '../../src/kernel/payment-gateway.js'

const day = '2026-04-10'

type Step =
  | { does: 'open' | 'pay' }
  | { does: 'record' | 'credit'; amount: number }
  | { does: 'refund'; of: number; amount: number | null; reopen: boolean; fails: boolean }
  | { does: 'foreign'; of: number; amount: number; told: ProviderRefund['status'][] }
  | { does: 'dispute'; of: number; amount: number; told: ('open' | 'won' | 'lost')[] }

const amount = fc.oneof(
  fc.constantFrom(1000, 5000, 10_000, 11_800, 20_000),
  fc.integer({ min: 100, max: 13_000 }),
)
const of = fc.nat({ max: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant('open' as const) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pay' as const) }) },
  fc.record({ does: fc.constantFrom('record' as const, 'credit' as const), amount }),
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ does: fc.constant('refund' as const), of, amount: fc.option(amount) },
      ...{ reopen: fc.boolean(), fails: fc.boolean() },
    }),
  },
  fc.record({
    ...{ does: fc.constant('foreign' as const), of, amount },
    told: fc.shuffledSubarray(['pending', 'succeeded', 'failed'] as const, { minLength: 1 }),
  }),
  fc.record({
    ...{ does: fc.constant('dispute' as const), of, amount },
    told: fc.shuffledSubarray(['open', 'won', 'lost'] as const, { minLength: 1 }),
  }),
)

describe('the money of an invoice', () => {
  for (const [currency, line] of [
    ['INR', local(10_000n, 900n)],
    ['JPY', untaxed(11_800n)],
    ['KWD', untaxed(11_800n)],
  ] as const)
    it(`in ${currency}: no order of steps breaks the book`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) =>
          billing(day, async (outer) => {
            const india = { country: 'IN', currency: 'INR', timeZone: 'Asia/Kolkata' }
            const { id } = await subscribedTenant(outer, 'acme', { ...india, startedOn: day })
            await asOperator(outer)
            const { number } = await issued(outer, id, [line], { on: day, currency })
            const stripe = new TestProvider('stripe')
            const ctx = withProviders(outer, stripe)
            const life = new Life(ctx, stripe, number, currency)
            for (const one of steps) await life.take(one)
            await sound(ctx)
          }),
        ),
        { numRuns: times(8, 150) },
      )
    }).timeout(times(120_000, 1_800_000))
})

class Life {
  readonly #paid: ProviderPayment[] = []
  #serial = 0

  constructor(
    readonly ctx: Context,
    readonly stripe: TestProvider,
    readonly invoice: string,
    readonly currency: string,
  ) {}

  /** What is refused in words is well. */
  async take(one: Step): Promise<void> {
    try {
      await this.#do(one)
    } catch (error) {
      if (!(error instanceof ErpmaxError) || !['conflict', 'usage'].includes(error.kind)) throw error
    }
  }

  async #do(one: Step): Promise<void> {
    const { ctx, stripe, invoice } = this
    this.#serial += 1
    switch (one.does) {
      case 'open':
        await openCheckout(ctx, invoice)
        return
      case 'pay': {
        const [page] = stripe.open
        if (!page) return
        const payment = stripe.pay(page.id)
        this.#paid.push(payment)
        return this.#tell({ kind: 'payment', payment })
      }
      case 'record':
        await recordPayment(
          ctx,
          invoice,
          { amount: this.#text(one.amount), reference: `U${this.#serial}` },
          false,
        )
        return
      case 'credit':
        await creditInvoice(ctx, invoice, { ...words, line: null, amount: this.#text(one.amount) }, false)
        return
      case 'refund': {
        const payment = this.#paid[one.of]
        if (!payment) return
        stripe.refundStatus = 'pending'
        const text = one.amount === null ? null : this.#text(one.amount)
        const reference = `r${this.#serial}`
        await refundPayment(ctx, payment.id, { ...words, amount: text, reopen: one.reopen, reference }, false)
        const made = [...stripe.given.values()].at(-1)
        const status = one.fails ? ('failed' as const) : ('succeeded' as const)
        if (made) await this.#tell({ kind: 'refund', refund: { ...made, status }, live: false })
        return
      }
      case 'foreign': {
        const payment = this.#paid[one.of]
        if (!payment) return
        const refund = { id: `re_${this.#serial}`, paymentId: payment.id, amount: this.#money(one.amount) }
        for (const status of one.told)
          await this.#tell({
            ...{ kind: 'refund', live: false },
            refund: { ...refund, status, reference: null, at: new Date() },
          })
        return
      }
      case 'dispute': {
        const payment = this.#paid[one.of]
        if (!payment) return
        for (const status of one.told) {
          const said = disputeSaid(status, BigInt(one.amount), {
            id: `dp_${this.#serial}`,
            paymentId: payment.id,
          })
          await this.#tell({ ...said, amount: this.#money(one.amount) } as PaymentNotice)
        }
      }
    }
  }

  /** Nothing that a provider says is refused, and all of it may be said again. */
  async #tell(notice: PaymentNotice): Promise<void> {
    for (let again = 0; again < 2; again++)
      await transaction(this.ctx, (inner) => bookNotice(inner, 'stripe', notice)).catch((error: unknown) => {
        throw new Error('a notice was refused', { cause: error })
      })
  }

  #text(minor: number): string {
    return plainAmount(BigInt(minor), this.currency)
  }

  #money(minor: number): ProviderPayment['amount'] {
    return { amountMinor: BigInt(minor), currency: this.currency }
  }
}

const words = { reason: 'less', commercial: false }

async function sound(ctx: Context): Promise<void> {
  await rows(ctx.db, sql`set constraints all immediate`)
  await rows(ctx.db, sql`set constraints all deferred`)
  expect(await faultsOf(ctx)).to.deep.equal([])
  const { over } = await oneRow<{ over: number }>(
    ctx.db,
    sql`select count(*)::int as over from public.payments p
        where p.refunded_minor > p.amount_minor or p.refunded_minor <> (
          select coalesce(sum(amount_minor), 0) from public.refunds where payment_id = p.id and status <> 'failed')
          + (select coalesce(sum(amount_minor), 0) from public.disputes where payment_id = p.id and status = 'lost')`,
  )
  expect(over).to.equal(0)
  const events = auditBook(ctx, { from: null, to: null })
  for (;;) {
    const next = await events.next()
    if (!next.done) continue
    // The invoices of this test have no place of supply.
    return expect(next.value.findings.filter(({ code }) => !code.startsWith('tax.'))).to.deep.equal(
      [],
    ) as unknown as void
  }
}
