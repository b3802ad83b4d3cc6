/** What each event of a provider means (rules 24, 27 and 28). */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { webhookReader } from '../../src/gateways/payment-providers.js'
import { stripeEventTypes } from '../../src/gateways/stripe-webhooks.js'
import { packageRoot } from '../../src/kernel/package-root.js'
import { meanings } from '../../src/terminal/webhook-meanings.js'
import { thrown } from '../support/errors.js'
import {
  razorpayEvent,
  razorpayScenario,
  stripeEvent,
  stripeScenario,
  type Fields,
  type RazorpayEventType,
  type StripeEventType,
} from '../support/providers/events.js'
import type { PaymentNotice } from '../../src/kernel/payment-gateway.js'

const at = new Date('2026-11-21T10:00:00Z')
const about = { invoice: 'ERP/26-27/00001', tenant: 'acme', reference: 'ERP-26-27-00001-1' }
const amount = { amountMinor: 58_882n, currency: 'INR' }
const part = { amountMinor: 10_000n, currency: 'INR' }

describe('notices', () => {
  describe('of Stripe', () => {
    const of = stripeScenario({ at })
    const read = async (type: StripeEventType, changes: Fields = {}, scenario = of): Promise<PaymentNotice> =>
      (await webhookReader('stripe')).read(stripeEvent(type, scenario, changes).body)
    const paid = {
      ...{ id: 'pi_test_1', status: 'succeeded', amount, refundedMinor: 0n, method: 'card', at },
      ...{ live: false, failure: null, about },
    }

    it('a session that is paid is a payment of amount_total, when the event happened', async () => {
      for (const type of ['checkout.session.completed', 'checkout.session.async_payment_succeeded'] as const)
        expect(await read(type, { amount_subtotal: 1 }), type).to.deep.equal({
          kind: 'payment',
          payment: { ...paid, checkoutId: 'cs_test_a1' },
        })
    })

    it('a session that is complete and unpaid is no payment', async () => {
      expect(await read('checkout.session.completed', { payment_status: 'unpaid' })).to.deep.equal({
        kind: 'nothing',
        reason: 'session_unpaid',
      })
    })

    it('a session without a PaymentIntent is none of ours', async () => {
      expect(await read('checkout.session.completed', { payment_intent: null })).to.deep.equal({
        kind: 'nothing',
        reason: 'session_without_payment',
      })
    })

    it('a PaymentIntent that was expanded is known by its id', async () => {
      const notice = await read('checkout.session.completed', {
        payment_intent: { id: 'pi_9', object: 'payment_intent' },
      })
      expect(notice).to.have.nested.property('payment.id', 'pi_9')
    })

    it('a payment that takes days and does not arrive has failed', async () => {
      const notice = await read('checkout.session.async_payment_failed')
      expect(notice).to.deep.include({ kind: 'payment' })
      expect(notice).to.have.nested.property('payment.status', 'failed')
      expect(notice).to.have.nested.property('payment.failure.code', 'async_payment_failed')
    })

    it('a session that expired is closed', async () => {
      expect(await read('checkout.session.expired')).to.deep.equal({
        ...{ kind: 'checkout_closed', checkoutId: 'cs_test_a1', status: 'expired', about, live: false },
      })
    })

    it('an intent that succeeded is a payment of amount_received', async () => {
      expect(await read('payment_intent.succeeded', { amount: 99_999 })).to.deep.equal({
        kind: 'payment',
        payment: { ...paid, checkoutId: null },
      })
    })

    it('an intent that succeeded after it failed has no failure, though it remembers it', async () => {
      const notice = await read('payment_intent.succeeded', { last_payment_error: { code: 'card_declined' } })
      expect(notice).to.deep.equal({ kind: 'payment', payment: { ...paid, checkoutId: null } })
    })

    it('an intent that failed says why', async () => {
      expect(await read('payment_intent.payment_failed')).to.deep.equal({
        kind: 'payment',
        payment: {
          ...{ ...paid, status: 'failed', checkoutId: null },
          failure: { code: 'insufficient_funds', message: 'Your card has insufficient funds.' },
        },
      })
    })

    it('an intent that failed without a reason has failed all the same', async () => {
      const notice = await read('payment_intent.payment_failed', { last_payment_error: null })
      expect(notice).to.have.nested.property('payment.status', 'failed')
      expect(notice).to.have.nested.property('payment.failure.code', 'failed')
    })

    it('an intent that is processed is pending, one that was cancelled has failed', async () => {
      expect(await read('payment_intent.processing')).to.have.nested.property('payment.status', 'pending')
      const cancelled = await read('payment_intent.canceled')
      expect(cancelled).to.have.nested.property('payment.status', 'failed')
      expect(cancelled).to.have.nested.property('payment.failure.code', 'abandoned')
    })

    it('an intent that offers several methods names none', async () => {
      const notice = await read('payment_intent.succeeded', { payment_method_types: ['card', 'link'] })
      expect(notice).to.have.nested.property('payment.method', 'other')
    })

    it('refunds are told by their own events, with the reference of ours', async () => {
      const refund = {
        ...{ id: 're_test_1', paymentId: 'pi_test_1', amount: part, status: 'succeeded', at },
        reference: 'refund-0001',
      }
      const ours = { metadata: { erpmax_reference: 'refund-0001' } }
      expect(await read('refund.created', ours)).to.deep.equal({ kind: 'refund', refund, live: false })
      expect(await read('refund.updated', { status: 'pending' })).to.deep.equal({
        kind: 'refund',
        refund: { ...refund, status: 'pending', reference: null },
        live: false,
      })
      expect(await read('refund.failed')).to.have.nested.property('refund.status', 'failed')
      expect(await read('refund.updated', { status: 'canceled' })).to.have.nested.property(
        'refund.status',
        'failed',
      )
      expect(await read('refund.updated', { status: 'requires_action' })).to.have.nested.property(
        'refund.status',
        'pending',
      )
    })

    it('a refund of a charge without an intent is none of ours', async () => {
      expect(await read('refund.created', { payment_intent: null })).to.deep.equal({
        kind: 'nothing',
        reason: 'refund_without_payment',
      })
    })

    it('a charge that was refunded is its payment, with what was given back in all', async () => {
      expect(await read('charge.refunded')).to.deep.equal({
        kind: 'payment',
        payment: { ...paid, refundedMinor: 10_000n, checkoutId: null },
      })
    })

    it('disputes are open until they are won or lost', async () => {
      const dispute = {
        ...{
          kind: 'dispute',
          id: 'dp_test_1',
          paymentId: 'pi_test_1',
          amount: part,
          reason: 'general',
          live: false,
        },
        respondBy: new Date('2026-11-28T10:00:00Z'),
      }
      expect(await read('charge.dispute.created')).to.deep.equal({ ...dispute, status: 'open' })
      expect(await read('charge.dispute.updated')).to.deep.equal({ ...dispute, status: 'open' })
      expect(await read('charge.dispute.funds_withdrawn')).to.deep.equal({ ...dispute, status: 'open' })
      expect(await read('charge.dispute.closed')).to.deep.equal({ ...dispute, status: 'lost' })
      expect(await read('charge.dispute.closed', { status: 'won' })).to.deep.equal({
        ...dispute,
        status: 'won',
      })
      expect(await read('charge.dispute.closed', { status: 'warning_closed' })).to.deep.equal({
        ...dispute,
        status: 'won',
      })
      expect(await read('charge.dispute.funds_reinstated')).to.deep.equal({ ...dispute, status: 'won' })
    })

    it('live is what the event says', async () => {
      const live = stripeScenario({ at, live: true })
      expect(await read('payment_intent.succeeded', {}, live)).to.have.nested.property('payment.live', true)
      expect(await read('refund.created', {}, live)).to.have.property('live', true)
    })

    it('what carries nothing of ours says so', async () => {
      expect(await read('payment_intent.succeeded', { metadata: null })).to.have.deep.nested.property(
        'payment.about',
        {
          ...{ invoice: null, tenant: null, reference: null },
        },
      )
    })

    it('currencies that Stripe counts otherwise come back in the minor units of ISO 4217', async () => {
      // 5 ISK are 500 there, 1,000 UGX 100000, 12 MGA 12, 1.230 KWD 1230, 588 JPY 588.
      const counted = {
        ISK: [500, 5n],
        UGX: [100_000, 1000n],
        MGA: [12, 1200n],
        KWD: [1230, 1230n],
        JPY: [588, 588n],
      }
      for (const [currency, [there, here]] of Object.entries(counted)) {
        const notice = await read(
          'payment_intent.succeeded',
          {},
          stripeScenario({ at, currency, amount: Number(there) }),
        )
        expect(notice, currency).to.have.deep.nested.property('payment.amount', {
          amountMinor: here,
          currency,
        })
      }
    })

    it('other types are nothing', async () => {
      expect(await read('customer.created')).to.deep.equal({ kind: 'nothing', reason: 'unknown_type' })
      expect(await read('charge.succeeded')).to.deep.equal({ kind: 'nothing', reason: 'unknown_type' })
    })

    it('asks for no more types than Stripe takes', () => expect(stripeEventTypes.length).to.be.at.most(20))

    it('what is no event, or half of one, is a SyntaxError', async () => {
      const reader = await webhookReader('stripe')
      const half = stripeEvent('payment_intent.succeeded', of, { amount_received: null }).body
      const fraction = stripeEvent('payment_intent.succeeded', of, { amount_received: 588.82 }).body
      for (const body of [
        half,
        fraction,
        Buffer.from('{}'),
        Buffer.from('x'),
        Buffer.from([0x7b, 0xff, 0x7d]),
      ])
        expect(
          thrown(() => reader.read(body)),
          body.toString(),
        ).to.be.instanceOf(Error)
      expect(thrown(() => reader.read(half))).to.be.instanceOf(SyntaxError)
      expect(thrown(() => reader.read(Buffer.from('{}')))).to.be.instanceOf(SyntaxError)
    })
  })

  describe('of Razorpay', () => {
    const of = razorpayScenario({ at })
    const read = async (
      type: RazorpayEventType,
      changes: Fields = {},
      scenario = of,
    ): Promise<PaymentNotice> =>
      (await webhookReader('razorpay')).read(razorpayEvent(type, scenario, changes).body)
    const paid = {
      ...{ id: 'pay_Qfldmt5StKZFCB', status: 'succeeded', amount, refundedMinor: 0n, method: 'upi', at },
      ...{ live: null, failure: null, about, checkoutId: 'plink_QflcnnZqCekuvL' },
    }

    it('four events of one payment say the same, and only the last knows its mode', async () => {
      expect(await read('payment.authorized')).to.deep.equal({
        kind: 'payment',
        payment: { ...paid, status: 'pending' },
      })
      expect(await read('payment.captured')).to.deep.equal({ kind: 'payment', payment: paid })
      expect(await read('order.paid')).to.deep.equal({ kind: 'payment', payment: paid })
      expect(await read('payment_link.paid')).to.deep.equal({
        kind: 'payment',
        payment: { ...paid, live: false },
      })
      const live = razorpayScenario({ at, live: true })
      expect(await read('payment_link.paid', {}, live)).to.have.nested.property('payment.live', true)
    })

    it('a key that is blotted out says nothing of the mode', async () => {
      const { body } = razorpayEvent('payment_link.paid', of)
      const reader = await webhookReader('razorpay')
      const blotted = Buffer.from(body.toString().replace(/rzp_test_\w+/, 'rzp_live_XXXXXXXXXXXXXX'))
      expect(reader.read(blotted)).to.have.nested.property('payment.live', null)
      expect(reader.identify(blotted, {})?.live).to.equal(null)
    })

    it('the event says what happened, not what the copy of the payment remembers', async () => {
      expect(await read('payment.authorized', { captured: true })).to.have.nested.property(
        'payment.status',
        'pending',
      )
      expect(await read('payment.failed', { captured: true })).to.have.nested.property(
        'payment.status',
        'failed',
      )
    })

    it('a payment that failed says why, though not always', async () => {
      expect(await read('payment.failed')).to.have.deep.nested.property('payment.failure', {
        code: 'payment_failed',
        message: 'Payment failed',
      })
      const silent = { error_code: '', error_description: '', error_reason: null }
      expect(await read('payment.failed', silent)).to.have.nested.property('payment.failure.code', 'failed')
    })

    it('notes may be a list, an object or null', async () => {
      const none = { invoice: null, tenant: null, reference: null }
      for (const notes of [[], {}, null])
        expect(await read('payment.captured', { notes })).to.have.deep.nested.property('payment.about', none)
      for (const notes of [[], {}, null])
        expect(await read('payment_link.paid', { notes })).to.have.deep.nested.property('payment.about', {
          ...none,
          reference: about.reference,
        })
    })

    it('a payment names its link, else its order, with the prefix that some events leave out', async () => {
      const order = { description: null, order_id: 'order_QflczVVaNJciLq' }
      expect(await read('payment.captured', order)).to.have.nested.property(
        'payment.checkoutId',
        'order_QflczVVaNJciLq',
      )
      const bare = { description: '#inv_EpitssSmeINDJU', order_id: 'QflczVVaNJciLq' }
      expect(await read('payment.captured', bare)).to.have.nested.property(
        'payment.checkoutId',
        'order_QflczVVaNJciLq',
      )
      const neither = { description: null, order_id: null }
      expect(await read('payment.captured', neither)).to.have.nested.property('payment.checkoutId', null)
    })

    it('a link that is paid in part is a payment of that part', async () => {
      const notice = await read('payment_link.partially_paid')
      expect(notice).to.have.deep.nested.property('payment.amount', part)
      expect(notice).to.have.property('part', true)
    })

    it('links that are closed', async () => {
      for (const status of ['expired', 'cancelled'] as const)
        expect(await read(`payment_link.${status}`)).to.deep.equal({
          ...{ kind: 'checkout_closed', checkoutId: 'plink_QflcnnZqCekuvL', status, about, live: null },
        })
    })

    it('when it happened is not when the link was made', async () => {
      const reader = await webhookReader('razorpay')
      for (const type of [
        'payment_link.paid',
        'payment_link.cancelled',
        'payment_link.expired',
        'payment.captured',
      ] as const)
        expect(reader.identify(razorpayEvent(type, of).body, {})?.happenedAt, type).to.deep.equal(at)
    })

    it('refunds, with the reference of ours', async () => {
      const refund = {
        ...{
          id: 'rfnd_FS8TWyPrCsa0OB',
          paymentId: 'pay_Qfldmt5StKZFCB',
          amount: part,
          status: 'succeeded',
          at,
        },
        reference: 'refund-0001',
      }
      const ours = { notes: { erpmax_reference: 'refund-0001' } }
      expect(await read('refund.processed', ours)).to.deep.equal({ kind: 'refund', refund, live: null })
      expect(await read('refund.created', { status: 'pending' })).to.have.nested.property(
        'refund.status',
        'pending',
      )
      expect(await read('refund.created', { status: 'pending' })).to.have.nested.property(
        'refund.reference',
        null,
      )
      expect(await read('refund.failed')).to.have.nested.property('refund.status', 'failed')
    })

    it('disputes are open until they are won or lost', async () => {
      const dispute = {
        ...{
          kind: 'dispute',
          id: 'disp_EsIAlDcoUr8CaQ',
          paymentId: 'pay_Qfldmt5StKZFCB',
          amount: part,
          live: null,
        },
        ...{ reason: 'processed_invalid_expired_card', respondBy: new Date('2026-11-28T10:00:00Z') },
      }
      expect(await read('payment.dispute.created')).to.deep.equal({ ...dispute, status: 'open' })
      expect(await read('payment.dispute.under_review')).to.deep.equal({ ...dispute, status: 'open' })
      expect(await read('payment.dispute.won')).to.deep.equal({ ...dispute, status: 'won' })
      expect(await read('payment.dispute.lost')).to.deep.equal({ ...dispute, status: 'lost' })
      expect(await read('payment.dispute.closed')).to.deep.equal({ ...dispute, status: 'won' })
      expect(await read('payment.dispute.closed', { amount_deducted: 10_000 })).to.deep.equal({
        ...dispute,
        status: 'lost',
      })
    })

    it('currencies are in capitals, amounts whole numbers of minor units', async () => {
      expect(await read('payment.captured', { currency: 'inr' })).to.have.deep.nested.property(
        'payment.amount',
        amount,
      )
      const reader = await webhookReader('razorpay')
      const { body } = razorpayEvent('payment.captured', of, { amount: '58882' })
      expect(thrown(() => reader.read(body))).to.be.instanceOf(SyntaxError)
    })

    it('other types are nothing; what is no event is a SyntaxError', async () => {
      expect(await read('invoice.paid')).to.deep.equal({ kind: 'nothing', reason: 'unknown_type' })
      const reader = await webhookReader('razorpay')
      for (const text of [
        '{}',
        '[]',
        'x',
        '{"entity":"event"}',
        '{"entity":"event","event":"payment.captured"}',
      ])
        expect(
          thrown(() => reader.read(Buffer.from(text))),
          text,
        ).to.be.instanceOf(SyntaxError)
    })
  })
})

describe('what is parked', () => {
  it('has a meaning for people, each outcome there is and no other', () => {
    const payments = path.join(packageRoot(), 'src', 'payments')
    const code = readdirSync(payments, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join(payments, file), 'utf8'))
      .join('\n')
    const named = [...code.matchAll(/\bparked\(\s*'([^']+)'|\boutcome\(\s*'parked',\s*'([^']+)'/g)]
    // A code that stands in a variable would be passed over: none may.
    const calls = [...code.matchAll(/(?<!function )\bparked\(|\boutcome\(\s*'parked'/g)]
    expect(named).to.have.length(calls.length).above(10)
    const outcomes = new Set(named.map(([, called, given]) => called ?? given))
    expect(Object.keys(meanings)).to.have.members([...outcomes])
  })
})
