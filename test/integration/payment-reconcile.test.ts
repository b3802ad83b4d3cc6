/** `payment reconcile`: what is unknown is settled once, both books agree afterwards, and what does not fit is told. */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { openCheckout } from '../../src/payments/checkout/open-checkout.js'
import { bookNotice } from '../../src/payments/notices/book-notice.js'
import {
  reconcile,
  type ReconciledPayments,
  type ReconcileInput,
} from '../../src/payments/reconcile/reconcile.js'
import { refundPayment } from '../../src/payments/refunds/refund-payment.js'
import { asOperator } from '../../src/tenants/move.js'
import { billing } from '../support/billing.js'
import { refusalOf } from '../support/errors.js'
import { faults, TestProvider, withProviders, type Fault } from '../support/gateway.js'
import { issued, local, standing } from '../support/issued.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { ProviderPayment } from '../../src/kernel/payment-gateway.js'

const day = '2026-04-10'

interface Scene {
  ctx: Context
  stripe: TestProvider
  /** Open, of 118.00 each. */
  invoices: { id: string; number: string }[]
  run(input?: Partial<ReconcileInput>): Promise<ReconciledPayments>
  /** `checkout.open ok ERP/26-27/00001`, as `run` gives them. */
  told(input?: Partial<ReconcileInput>): Promise<string[]>
  pay(index: number): Promise<ProviderPayment>
}

function scene(work: (scene: Scene) => Promise<void>): Promise<void> {
  return billing(day, async (outer) => {
    const india = { country: 'IN', currency: 'INR', timeZone: 'Asia/Kolkata' }
    const { id } = await subscribedTenant(outer, 'acme', { ...india, startedOn: day })
    await asOperator(outer)
    const stripe = new TestProvider('stripe')
    const ctx = withProviders(outer, stripe)
    const invoices: Scene['invoices'] = []
    for (let made = 0; made < 2; made++)
      invoices.push(await issued(outer, id, [local(10000n, 900n)], { on: day }))
    const run = async (input: Partial<ReconcileInput> = {}): Promise<ReconciledPayments> => {
      const since = new Date('2026-04-03T12:00:00Z')
      const events = reconcile(ctx, { since, provider: null, dryRun: false, ...input })
      for (;;) {
        const next = await events.next()
        if (next.done) return next.value
      }
    }
    await work({
      ...{ ctx, stripe, invoices, run },
      told: async (input) =>
        (await run(input)).items.map(
          ({ outcome, settled, invoice }) => `${outcome} ${settled ? 'ok' : 'left'} ${invoice ?? '-'}`,
        ),
      async pay(index) {
        const { checkout } = await openCheckout(ctx, invoices[index]?.number ?? '')
        return stripe.pay(checkout.provider_checkout_id ?? '')
      },
    })
  })
}

const whole = { amount: null, reason: 'gone', reopen: false, commercial: false, reference: null }
const first = 'ERP/26-27/00001'

describe('payment reconcile', () => {
  it('told to come again later comes again, so often, and no later than a person would wait', () =>
    scene(async ({ ctx, stripe, run }) => {
      await openCheckout(ctx, first)
      const later = (retryAfterMs: number): Fault => ({ ...faults.down, retryAfterMs })
      for (const [pauses, error] of [
        [[1, 1, 1], null],
        [[1, 1, 1, 1], 'payment.provider_down'],
        [[600_000], 'payment.provider_down'],
      ] as const) {
        stripe.calls.length = 0
        stripe.faults.readCheckout = pauses.map(later)
        const ran = run()
        if (error) expect(await refusalOf(ran)).to.equal(`dependency ${error}`)
        else expect((await ran).left).to.equal(0)
        expect(stripe.calls.filter((call) => call === 'readCheckout').length).to.equal(
          error ? pauses.length : pauses.length + 1,
        )
      }
    }))

  it('goes on with the others where the tenant of one is not there to be booked for', () =>
    scene(async ({ ctx, told, pay }) => {
      await pay(0)
      const refunded = await pay(1)
      await bookNotice(ctx, 'stripe', { kind: 'payment', payment: refunded })
      const india = { country: 'IN', currency: 'INR', timeZone: 'Asia/Kolkata' }
      const { id } = await subscribedTenant(ctx, 'beta', { ...india, startedOn: day })
      const third = await issued(ctx, id, [local(10000n, 900n)], { on: day })
      const { checkout } = await openCheckout(ctx, third.number)
      const gateway = await ctx.openGateway('stripe')
      ;(gateway as TestProvider).pay(checkout.provider_checkout_id ?? '')
      ;(gateway as TestProvider).giveBack(refunded.id, 1000n)
      await rows(ctx.db, sql`set local session_replication_role = replica`)
      await execute(ctx.db, sql`update public.tenants set status = 'restoring' where subdomain = 'acme'`)
      await rows(ctx.db, sql`set local session_replication_role = origin`)
      for (const dryRun of [true, false])
        expect((await told({ dryRun })).sort(), `dry ${dryRun}`).to.deep.equal([
          'checkout.paid ok ERP/26-27/00003',
          ...(dryRun ? ['payment.booked ok ERP/26-27/00003'] : []),
          'payment.refunded_differs left ERP/26-27/00002',
          ...Array<string>(2).fill('tenant.not_active left ERP/26-27/00001'),
          'tenant.not_active left ERP/26-27/00002',
        ])
    }))

  it('has nothing to say where both books agree', () =>
    scene(async ({ ctx, stripe, run, pay }) => {
      await bookNotice(ctx, 'stripe', { kind: 'payment', payment: await pay(0) })
      await openCheckout(ctx, 'ERP/26-27/00002')
      const { items, checked, providers, left } = await run()
      expect([items, left]).to.deep.equal([[], 0])
      expect(checked).to.deep.equal({
        checkouts: 1,
        refunds: 0,
        payments: 1,
        provider_payments: 1,
        provider_refunds: 0,
      })
      expect(providers).to.deep.equal([{ provider: 'stripe', live: false, error: null }])
      expect(stripe.checkouts.size).to.equal(2)
    }))

  for (const [how, fault] of [
    ['before', faults.lost],
    ['after', faults.lostAfterwards],
  ] as const) {
    it(`settles a checkout that got no answer, lost ${how} acting: one page, and it is the one`, () =>
      scene(async ({ ctx, stripe, told, invoices: [invoice] }) => {
        const number = invoice?.number ?? ''
        stripe.faults.openCheckout = [fault]
        expect(await refusalOf(openCheckout(ctx, number))).to.include('outcome_unknown')
        const planned = await told({ dryRun: true })
        expect(planned).to.deep.equal([
          how === 'after' ? `checkout.open ok ${first}` : `checkout.asked_again ok ${first}`,
        ])
        expect(stripe.checkouts.size).to.equal(how === 'after' ? 1 : 0)
        expect(await told()).to.deep.equal([`checkout.open ok ${first}`])
        expect(await told()).to.deep.equal([])
        const { created, checkout } = await openCheckout(ctx, number)
        expect([created, checkout.attempt, stripe.checkouts.size]).to.deep.equal([false, 1, 1])
      }))

    it(`settles a refund that got no answer, lost ${how} acting: given back once`, () =>
      scene(async ({ ctx, stripe, told, pay, invoices: [invoice] }) => {
        const payment = await pay(0)
        await bookNotice(ctx, 'stripe', { kind: 'payment', payment })
        stripe.faults.refund = [fault]
        expect(await refusalOf(refundPayment(ctx, payment.id, whole, false))).to.include('outcome_unknown')
        const outcome = how === 'after' ? 'refund.succeeded' : 'refund.asked_again'
        expect(await told({ dryRun: true })).to.deep.equal([`${outcome} ok ${first}`])
        expect(await told()).to.deep.equal([`refund.succeeded ok ${first}`])
        expect(await told()).to.deep.equal([])
        expect((await refundPayment(ctx, payment.id, whole, false)).changed).to.equal(false)
        expect(stripe.given.size).to.equal(1)
        expect(await standing(ctx, invoice?.id ?? '')).to.match(/^paid paid 11800 .* balance 0$/)
      }))
  }

  it('what stays without an answer stays unknown', () =>
    scene(async ({ ctx, stripe, run, invoices: [invoice] }) => {
      stripe.faults.openCheckout = [faults.lost, faults.lost, faults.down]
      expect(await refusalOf(openCheckout(ctx, invoice?.number ?? ''))).to.include('outcome_unknown')
      for (const code of ['payment.outcome_unknown', 'payment.provider_down'])
        expect(await refusalOf(run())).to.equal(`dependency ${code}`)
      const found = await rows<{ status: string }>(ctx.db, sql`select status from public.checkouts`)
      expect(found).to.deep.equal([{ status: 'unknown' }])
    }))

  it('an old refund that the provider does not know has failed, and its money is in the balance', () =>
    scene(async ({ ctx, stripe, told, pay, invoices: [invoice] }) => {
      const payment = await pay(0)
      await bookNotice(ctx, 'stripe', { kind: 'payment', payment })
      stripe.faults.refund = [faults.lost]
      expect(await refusalOf(refundPayment(ctx, payment.id, whole, false))).to.include('outcome_unknown')
      await execute(ctx.db, sql`update public.refunds set created_at = created_at - interval '13 hours'`)
      expect(await told()).to.deep.equal([`refund.failed ok ${first}`])
      expect(await standing(ctx, invoice?.id ?? '')).to.match(/balance 11800$/)
      expect(stripe.given.size).to.equal(0)
    }))

  it('books once what was paid and given back at the provider while nobody listened', () =>
    scene(async ({ ctx, stripe, told, pay, invoices: [one, two] }) => {
      const payment = await pay(0)
      const other = await pay(1)
      await execute(
        ctx.db,
        sql`update public.checkouts set status = 'expired' where provider_checkout_id = ${other.checkoutId}`,
      )
      stripe.giveBack(other.id, 1800n)
      expect((await told({ dryRun: true })).sort()).to.deep.equal([
        `checkout.paid ok ${first}`,
        'payment.booked ok ERP/26-27/00001',
        'payment.booked ok ERP/26-27/00002',
      ])
      expect(await standing(ctx, one?.id ?? ''), 'after the dry run').to.match(/^open paid 0/)
      expect(await told()).to.deep.equal([
        ...[
          `checkout.paid ok ${first}`,
          'payment.booked ok ERP/26-27/00002',
          'refund.reopened_invoice left ERP/26-27/00002',
        ],
      ])
      expect(await told()).to.deep.equal([])
      expect(await standing(ctx, one?.id ?? '')).to.match(/^paid paid 11800/)
      expect(await standing(ctx, two?.id ?? '')).to.match(/^open paid 10000/)
      expect(payment.status).to.equal('succeeded')
    }))

  it('closes a page whose invoice was paid otherwise, and notes one that is over', () =>
    scene(async ({ ctx, stripe, told, invoices: [one, two] }) => {
      await openCheckout(ctx, one?.number ?? '')
      const { checkout } = await openCheckout(ctx, two?.number ?? '')
      await execute(
        ctx.db,
        sql`insert into public.settlement_lines (invoice_id, kind, amount_minor, operator) values (${one?.id}, 'write_off', 11800, 'me')`,
      )
      await stripe.closeCheckout(checkout.provider_checkout_id ?? '')
      expect(await told({ dryRun: true })).to.deep.equal([
        `checkout.closed ok ${first}`,
        'checkout.expired ok ERP/26-27/00002',
      ])
      expect(await told()).to.deep.equal([
        `checkout.expired ok ${first}`,
        'checkout.expired ok ERP/26-27/00002',
      ])
      expect(stripe.open).to.deep.equal([])
    }))

  it('tells what fits no invoice, what differs and what the provider does not have', () =>
    scene(async ({ ctx, stripe, told, pay }) => {
      const payment = await pay(0)
      await bookNotice(ctx, 'stripe', { kind: 'payment', payment })
      const other = await pay(1)
      await bookNotice(ctx, 'stripe', { kind: 'payment', payment: other })
      stripe.paid.set(payment.id, { ...payment, amount: { amountMinor: 11801n, currency: 'INR' } })
      stripe.paid.delete(other.id)
      const about = { reference: 'nobody', invoice: 'ERP/26-27/99999', tenant: 'acme' }
      stripe.paid.set('orphan', { ...payment, id: 'orphan', about, checkoutId: null })
      expect((await told()).sort()).to.deep.equal([
        ...[
          'invoice.unknown left -',
          'payment.absent left ERP/26-27/00002',
          `payment.amount_differs left ${first}`,
        ],
      ])
    }))

  it('a provider that is down does not keep the other from being asked; without any it ends', () =>
    scene(async ({ ctx, stripe, invoices: [one] }) => {
      const razorpay = new TestProvider('razorpay')
      const both = withProviders(ctx, stripe, razorpay)
      const { checkout } = await openCheckout(both, one?.number ?? '')
      razorpay.pay(checkout.provider_checkout_id ?? '')
      const down = (): Fault[] => [{ ...faults.down }]
      stripe.faults.payments = down()
      const events = reconcile(both, {
        since: new Date('2026-04-03T12:00:00Z'),
        provider: null,
        dryRun: false,
      })
      let next = await events.next()
      while (!next.done) next = await events.next()
      expect(next.value.providers.map(({ provider, error }) => [provider, error?.code])).to.deep.equal([
        ['stripe', 'payment.provider_down'],
        ['razorpay', undefined],
      ])
      expect(next.value).to.include({ settled: 1, left: 1 })
      const none = withProviders(ctx)
      const events2 = reconcile(none, { since: new Date(), provider: null, dryRun: false })
      expect(await refusalOf(events2.next())).to.equal('usage payment.not_configured')
    }))
})
