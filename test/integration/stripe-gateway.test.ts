/** Stripe's gateway against the stand-in, by HTTP: what is asked for, what comes back, and what each fault means. */
import { expect } from 'chai'
import { stripeGateway } from '../../src/gateways/stripe.js'
import { ProviderError, type CheckoutRequest, type PaymentGateway } from '../../src/kernel/payment-gateway.js'
import { rejection } from '../support/errors.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import { failure, gathered, unusedUrl } from '../support/providers/calls.js'

const longAgo = new Date('2020-01-01T00:00:00Z')

describe('the gateway of Stripe', () => {
  let stripe: StripeStandIn
  let gateway: PaymentGateway
  beforeEach(async () => {
    stripe = await startStripe()
    gateway = gatewayTo(stripe.url)
  })
  afterEach(() => stripe.close())

  function gatewayTo(url: string, key = stripe.key, now = () => new Date()): PaymentGateway {
    return stripeGateway({
      ...{ key, live: false, base: new URL(url), timeLimitMs: 400 },
      ...{ clock: { now }, wall: { now: () => new Date() } },
    })
  }

  const request: CheckoutRequest = {
    ...{ reference: 'ERP-26-27-00041-1', invoice: 'ERP/26-27/00041', tenant: 'acme' },
    amount: { amountMinor: 58_882n, currency: 'INR' },
    description: 'Invoice ERP/26-27/00041',
    customer: { name: 'Acme', email: 'accounts@acme.test' },
    returnUrl: 'https://billing.test/pay/token',
    expiresAt: new Date(Date.now() + 7_200_000),
  }
  const about = { invoice: request.invoice, tenant: request.tenant, reference: request.reference }
  const asked = (index = -1) => new URLSearchParams(stripe.requests.at(index)?.body)

  it('opens a session in payment mode, whose metadata name invoice, tenant and reference twice', async () => {
    const checkout = await gateway.openCheckout(request)
    expect(checkout).to.deep.include({
      ...{ status: 'open', amount: request.amount, paidMinor: 0n, paymentIds: [], live: false, about },
    })
    expect(checkout.url).to.match(/^http/)
    expect(checkout.expiresAt?.getTime()).to.be.within(Date.now() + 86_390_000, Date.now() + 86_410_000)
    expect(Object.fromEntries(asked())).to.deep.equal({
      mode: 'payment',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'inr',
      'line_items[0][price_data][unit_amount]': '58882',
      'line_items[0][price_data][product_data][name]': 'Invoice ERP/26-27/00041',
      customer_email: 'accounts@acme.test',
      client_reference_id: request.reference,
      'metadata[erpmax_invoice]': request.invoice,
      'metadata[erpmax_tenant]': 'acme',
      'metadata[erpmax_reference]': request.reference,
      'payment_intent_data[metadata][erpmax_invoice]': request.invoice,
      'payment_intent_data[metadata][erpmax_tenant]': 'acme',
      'payment_intent_data[metadata][erpmax_reference]': request.reference,
      'payment_intent_data[description]': 'Invoice ERP/26-27/00041',
      'adaptive_pricing[enabled]': 'false',
      success_url: 'https://billing.test/pay/token',
      cancel_url: 'https://billing.test/pay/token',
    })
  })

  it('the same reference twice is one session, as it is now', async () => {
    const first = await gateway.openCheckout(request)
    expect(await gateway.openCheckout(request)).to.deep.equal(first)
    stripe.pay(first.id)
    const again = await gateway.openCheckout(request)
    expect([again.id, again.status, again.paidMinor]).to.deep.equal([first.id, 'paid', 58_882n])
    expect(stripe.sessions.size).to.equal(1)
  })

  it('the same reference with other particulars is the session it was used for', async () => {
    const first = await gateway.openCheckout(request)
    const other = await gateway.openCheckout({ ...request, amount: { amountMinor: 100n, currency: 'INR' } })
    expect([other.id, other.amount]).to.deep.equal([first.id, request.amount])
    expect(stripe.sessions.size).to.equal(1)
  })

  it('without a listener there is still an address to go back to', async () => {
    await gateway.openCheckout({ ...request, returnUrl: null })
    expect(asked().get('success_url')).to.match(/^https:/)
    expect(asked().has('cancel_url')).to.equal(false)
  })

  it('currencies go out as Stripe counts them', async () => {
    const counted = {
      JPY: [588n, '588'],
      KWD: [12_340n, '12340'],
      ISK: [500n, '50000'],
      MGA: [120_000n, '1200'],
    } as const
    for (const [currency, [amountMinor, there]] of Object.entries(counted)) {
      const checkout = await gateway.openCheckout({
        ...request,
        reference: currency,
        amount: { amountMinor, currency },
      })
      expect(asked().get('line_items[0][price_data][unit_amount]'), currency).to.equal(there)
      expect(checkout.amount).to.deep.equal({ amountMinor, currency })
    }
  })

  it('what cannot be paid there is refused before anybody is asked', async () => {
    for (const [currency, amountMinor] of [
      ['KWD', 12_345n],
      ['MGA', 120_050n],
    ] as const) {
      const refused = await failure(gateway.openCheckout({ ...request, amount: { amountMinor, currency } }))
      expect(refused).to.deep.equal(['refused', 'amount_not_payable', null])
    }
    expect(stripe.requests).to.deep.equal([])
  })

  it('what Stripe refuses is refused, with its code', async () => {
    const small = { ...request, amount: { amountMinor: 49n, currency: 'INR' } }
    expect(await failure(gateway.openCheckout(small))).to.deep.equal(['refused', 'amount_too_small', 400])
    const unmailed = { ...request, customer: { name: 'Acme', email: 'nobody' } }
    expect(await failure(gateway.openCheckout(unmailed))).to.deep.equal(['refused', 'email_invalid', 400])
  })

  it('a wrong key is refused, and never repeated', async () => {
    const error = await rejection(gatewayTo(stripe.url, 'sk_test_wrong_key').openCheckout(request))
    expect(error).to.include({ outcome: 'refused', code: 'authentication', status: 401 })
    expect(
      JSON.stringify([String(error), Object.entries(error as object), (error as Error).cause ?? null]),
    ).to.not.include('wrong_key')
  })

  it('finds a session by its reference, page after page, and none that is older', async () => {
    for (let index = 0; index < 105; index++)
      await gateway.openCheckout({ ...request, reference: `reference-${index}` })
    expect(await gateway.findCheckout('reference-0', longAgo)).to.have.nested.property(
      'about.reference',
      'reference-0',
    )
    expect(await gateway.findCheckout('reference-105', longAgo)).to.equal(null)
    const since = new Date(Date.now() + 60_000)
    const before = stripe.requests.length
    expect(await gateway.findCheckout('reference-0', since)).to.equal(null)
    expect(stripe.requests.length - before).to.equal(1)
  }).timeout(30_000)

  it('reads a session through its life', async () => {
    const { id } = await gateway.openCheckout(request)
    stripe.fail(id)
    expect(await gateway.readCheckout(id)).to.include({ status: 'open', paidMinor: 0n })
    stripe.pay(id)
    expect(await gateway.readCheckout(id)).to.deep.include({
      ...{ status: 'paid', url: null, paidMinor: 58_882n, paymentIds: [stripe.paymentOf(id)] },
    })
    expect(await gateway.readCheckout('cs_test_nobody')).to.equal(null)
  })

  it('a session whose payment takes days is open, and nothing can be paid on it', async () => {
    const { id } = await gateway.openCheckout(request)
    stripe.pay(id, { async: true })
    expect(await gateway.readCheckout(id)).to.include({ status: 'open', url: null, paidMinor: 0n })
    expect(await gateway.closeCheckout(id)).to.include({ status: 'open', url: null })
    stripe.settle(id)
    expect(await gateway.readCheckout(id)).to.include({ status: 'paid', paidMinor: 58_882n })
  })

  it('a session whose bank said no after days is over: another one can be opened', async () => {
    const { id } = await gateway.openCheckout(request)
    stripe.pay(id, { async: true })
    stripe.bounce(id)
    expect(await gateway.readCheckout(id)).to.include({ status: 'expired', url: null, paidMinor: 0n })
    expect(await gateway.closeCheckout(id)).to.include({ status: 'expired', url: null })
    expect(await gateway.findCheckout(request.reference, new Date(0))).to.include({ status: 'expired' })
  })

  it('closes what is open, and says what else it is', async () => {
    const { id } = await gateway.openCheckout(request)
    expect(await gateway.closeCheckout(id)).to.include({ status: 'expired', url: null })
    expect(await gateway.closeCheckout(id)).to.include({ status: 'expired' })
    const paid = await gateway.openCheckout({ ...request, reference: 'another' })
    stripe.pay(paid.id)
    expect(await gateway.closeCheckout(paid.id)).to.include({ status: 'paid' })
    expect(await failure(gateway.closeCheckout('cs_test_nobody'))).to.deep.equal([
      'refused',
      'resource_missing',
      404,
    ])
  })

  it('reads a payment: failed, then succeeded, under one id', async () => {
    const { id } = await gateway.openCheckout(request)
    stripe.fail(id)
    const payment = stripe.paymentOf(id) ?? ''
    expect(await gateway.readPayment(payment)).to.deep.include({
      ...{
        status: 'failed',
        failure: { code: 'insufficient_funds', message: 'Your card was declined.' },
        about,
      },
    })
    stripe.pay(id)
    expect(stripe.paymentOf(id)).to.equal(payment)
    expect(await gateway.readPayment(payment)).to.deep.include({
      ...{ id: payment, status: 'succeeded', amount: request.amount, refundedMinor: 0n, method: 'card' },
      ...{ failure: null, about, live: false },
    })
    expect(await gateway.readPayment('pi_nobody')).to.equal(null)
  })

  it('lists payments and refunds since a day, of more than one page', async () => {
    const { id } = await gateway.openCheckout(request)
    stripe.pay(id)
    const payment = stripe.paymentOf(id) ?? ''
    for (let index = 0; index < 101; index++) stripe.refund(payment, 10)
    const refunds = await gathered(gateway.refunds(longAgo))
    expect(new Set(refunds.map((refund) => refund.id)).size).to.equal(101)
    const [paid] = await gathered(gateway.payments(longAgo))
    expect(paid).to.deep.include({ id: payment, refundedMinor: 1010n })
    expect(await gathered(gateway.payments(new Date(Date.now() + 60_000)))).to.deep.equal([])
    expect(await gathered(gateway.refunds(new Date(Date.now() + 60_000)))).to.deep.equal([])
  })

  it('gives money back once for a reference', async () => {
    const { id } = await gateway.openCheckout(request)
    stripe.pay(id)
    const ask = {
      reference: 'refund-0001',
      paymentId: stripe.paymentOf(id) ?? '',
      amount: request.amount,
      reason: 'agreed',
    }
    const part = { ...ask, amount: { amountMinor: 10_000n, currency: 'INR' } }
    const first = await gateway.refund(part)
    expect(first).to.deep.include({ status: 'succeeded', amount: part.amount, reference: 'refund-0001' })
    expect((await gateway.refund(part)).id).to.equal(first.id)
    expect(stripe.refunds.size).to.equal(1)
    expect(await failure(gateway.refund({ ...ask, reference: 'refund-0002' }))).to.deep.equal([
      ...['refused', 'amount_too_large', 400],
    ])
    stripe.refundsAre = 'pending'
    const rest = { ...ask, reference: 'refund-0003', amount: { amountMinor: 48_882n, currency: 'INR' } }
    expect(await gateway.refund(rest)).to.include({ status: 'pending' })
  })

  it('the same reference for another sum is refused', async () => {
    const { id } = await gateway.openCheckout(request)
    stripe.pay(id)
    const ask = { reference: 'refund-0001', paymentId: stripe.paymentOf(id) ?? '', reason: 'agreed' }
    await gateway.refund({ ...ask, amount: { amountMinor: 10_000n, currency: 'INR' } })
    const other = gateway.refund({ ...ask, amount: { amountMinor: 20_000n, currency: 'INR' } })
    expect(await failure(other)).to.deep.equal(['refused', 'idempotency_error', 400])
    expect(stripe.refunds.size).to.equal(1)
  })

  it('gives the events there were, of the types that are read', async () => {
    const { id } = await gateway.openCheckout(request)
    stripe.pay(id)
    const events = await gathered(gateway.events(longAgo) ?? [])
    expect(events.map(({ type }) => type)).to.have.members([
      'payment_intent.succeeded',
      'checkout.session.completed',
    ])
    const told = stripe.events.find((event) => event.id === events[0]?.id)
    expect(JSON.parse(String(events[0]?.body))).to.deep.equal(JSON.parse(String(told?.body)))
  })

  it('check says whose key it is, and how far the clocks are apart', async () => {
    const { account, live, clockSkewMs } = await gateway.check()
    expect([account, live]).to.deep.equal([stripe.account, false])
    expect(Math.abs(clockSkewMs ?? Infinity)).to.be.below(5000)
    const fast = gatewayTo(stripe.url, stripe.key, () => new Date(Date.now() + 600_000))
    expect((await fast.check()).clockSkewMs).to.be.within(-605_000, -595_000)
    stripe.restricted = true
    expect(await gateway.check()).to.include({ account: null })
  })

  it('a clock that was moved changes how long a session lives by nothing', async () => {
    const moved = gatewayTo(stripe.url, stripe.key, () => new Date('2027-03-31T00:00:00Z'))
    const { expiresAt } = await moved.openCheckout(request)
    expect(expiresAt?.getTime()).to.be.within(
      Date.parse('2027-03-31T23:59:00Z'),
      Date.parse('2027-04-01T00:01:00Z'),
    )
    expect(await moved.findCheckout(request.reference, new Date('2027-03-30T00:00:00Z'))).to.not.equal(null)
    expect(await gathered(moved.payments(new Date('2027-03-30T00:00:00Z')))).to.deep.equal([])
  })

  describe('when Stripe', () => {
    const faults = [
      ['answers 500', '500', 'unknown', 'server_error', 0],
      ['answers 500 after it acted', '500-after', 'unknown', 'server_error', 1],
      ['answers with the page of a proxy', '502', 'unknown', 'bad_answer', 0],
      ['cuts the connection before it acts', 'drop-before', 'unknown', 'connection', 0],
      ['cuts the connection after it acted', 'drop-after', 'unknown', 'connection', 1],
      ['hangs', 'hang', 'unknown', 'timeout', 0],
      ['hangs after it acted', 'hang-after', 'unknown', 'timeout', 1],
      ['cuts its answer short', 'cut-answer', 'unknown', 'connection', 1],
      ['never ends its answer', 'trickle', 'unknown', 'timeout', 1],
      ['asks to come later', '429', 'not_done', 'rate_limited', 0],
    ] as const
    for (const [name, fault, outcome, code, sessions] of faults) {
      it(`${name}, the outcome is ${outcome}; asked again it is one session`, async () => {
        stripe.faults.push(fault)
        const error = await rejection(gateway.openCheckout(request))
        expect(error).to.be.instanceOf(ProviderError)
        expect(error).to.include({ provider: 'stripe', outcome, code })
        expect(error).to.include({ retryAfterMs: fault === '429' ? 2000 : null })
        expect(stripe.requests.length, 'requests').to.equal(1)
        expect(stripe.sessions.size, 'sessions').to.equal(sessions)
        // Its first answer is Stripe's answer for good, be it a 500: then the session is looked up.
        const again = await gateway
          .openCheckout(request)
          .catch(() => gateway.findCheckout(request.reference, longAgo))
        expect(again?.about.reference).to.equal(request.reference)
        expect(stripe.sessions.size, 'sessions').to.equal(1)
      })
    }

    it('gets one refund for a reference, whatever happens to the first request', async () => {
      const { id } = await gateway.openCheckout(request)
      stripe.pay(id)
      const ask = {
        paymentId: stripe.paymentOf(id) ?? '',
        amount: { amountMinor: 100n, currency: 'INR' },
        reason: 'x',
      }
      for (const [index, fault] of (
        ['drop-before', 'drop-after', 'hang-after', '429', '502'] as const
      ).entries()) {
        stripe.faults.push({ fault, on: /refunds/ })
        const refund = { ...ask, reference: `refund-000${index}` }
        await rejection(gateway.refund(refund))
        await gateway.refund(refund)
        expect(stripe.refunds.size, fault).to.equal(index + 1)
      }
    })

    it('is not there, nothing was done', async () => {
      const nowhere = gatewayTo(await unusedUrl())
      expect(await failure(nowhere.openCheckout(request))).to.deep.equal(['not_done', 'connection', null])
    })

    it('fails in the middle of a list, the list fails', async () => {
      const { id } = await gateway.openCheckout(request)
      stripe.pay(id)
      for (let index = 0; index < 101; index++) stripe.refund(stripe.paymentOf(id) ?? '', 10)
      stripe.faults.push({ fault: '502', on: /never/ }, '500')
      expect(await failure(gathered(gateway.refunds(longAgo)))).to.deep.equal([
        'unknown',
        'server_error',
        500,
      ])
    })
  })
})
