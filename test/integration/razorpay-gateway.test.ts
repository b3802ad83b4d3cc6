/** Razorpay's gateway against the stand-in, by HTTP: what is asked for, what comes back, and what each fault means. */
import { expect } from 'chai'
import { razorpayGateway } from '../../src/gateways/razorpay.js'
import { ProviderError, type CheckoutRequest, type PaymentGateway } from '../../src/kernel/payment-gateway.js'
import { rejection } from '../support/errors.js'
import { startRazorpay, type RazorpayStandIn } from '../support/providers/razorpay.js'
import { failure, gathered, unusedUrl } from '../support/providers/calls.js'

const longAgo = new Date('2020-01-01T00:00:00Z')
const day = 86_400_000

describe('the gateway of Razorpay', () => {
  let razorpay: RazorpayStandIn
  let gateway: PaymentGateway
  beforeEach(async () => {
    razorpay = await startRazorpay()
    gateway = gatewayTo(razorpay.url)
  })
  afterEach(() => razorpay.close())

  function gatewayTo(url: string, keySecret = razorpay.keySecret, now = () => new Date()): PaymentGateway {
    return razorpayGateway({
      ...{ keyId: razorpay.keyId, keySecret, live: false, base: new URL(url), timeLimitMs: 400 },
      ...{ clock: { now }, wall: { now: () => new Date() } },
    })
  }

  const request: CheckoutRequest = {
    ...{ reference: 'ERP-26-27-00041-1', invoice: 'ERP/26-27/00041', tenant: 'acme' },
    amount: { amountMinor: 58_882n, currency: 'INR' },
    description: 'Invoice ERP/26-27/00041',
    customer: { name: 'Acme', email: 'accounts@acme.test' },
    returnUrl: 'https://billing.test/pay/token',
    expiresAt: new Date(Date.now() + 7 * day),
  }
  const about = { invoice: request.invoice, tenant: request.tenant, reference: request.reference }
  const asked = () => JSON.parse(razorpay.requests.at(-1)?.body ?? '') as Record<string, unknown>

  it('opens a link, whose notes name invoice, tenant and reference', async () => {
    const checkout = await gateway.openCheckout(request)
    expect(checkout).to.deep.include({
      ...{ status: 'open', amount: request.amount, paidMinor: 0n, paymentIds: [], live: false, about },
    })
    expect(checkout.url).to.match(/^http/)
    expect(Math.abs((checkout.expiresAt?.getTime() ?? 0) - request.expiresAt.getTime())).to.be.below(2000)
    expect(asked()).to.deep.include({
      ...{ amount: 58_882, currency: 'INR', accept_partial: false, reference_id: request.reference },
      notes: { erpmax_invoice: request.invoice, erpmax_tenant: 'acme', erpmax_reference: request.reference },
      notify: { sms: false, email: false },
      ...{ callback_url: request.returnUrl, callback_method: 'get' },
    })
  })

  it('the same reference twice is one link, as it is now, whatever else was asked', async () => {
    const first = await gateway.openCheckout(request)
    expect(await gateway.openCheckout(request)).to.deep.equal(first)
    razorpay.pay(first.id)
    const other = await gateway.openCheckout({ ...request, amount: { amountMinor: 100n, currency: 'INR' } })
    expect([other.id, other.status, other.paidMinor]).to.deep.equal([first.id, 'paid', 58_882n])
    expect(razorpay.links.size).to.equal(1)
  })

  it('lives between a quarter of an hour and six months', async () => {
    const life = async (ms: number) => {
      const { expiresAt } = await gateway.openCheckout({
        ...request,
        reference: `life ${ms}`,
        expiresAt: new Date(Date.now() + ms),
      })
      return Math.round(((expiresAt?.getTime() ?? 0) - Date.now()) / 60_000)
    }
    expect(await life(-day)).to.equal(16)
    expect(await life(60_000)).to.equal(16)
    expect(await life(day)).to.equal(24 * 60)
    expect(await life(400 * day)).to.equal(180 * 24 * 60)
  })

  it('with a clock that was moved it lives as long from now', async () => {
    const now = () => new Date('2027-03-31T00:00:00Z')
    const moved = gatewayTo(razorpay.url, razorpay.keySecret, now)
    const { expiresAt } = await moved.openCheckout({
      ...request,
      expiresAt: new Date('2027-04-02T00:00:00Z'),
    })
    expect(Math.abs(Number(asked().expire_by) * 1000 - (Date.now() + 2 * day))).to.be.below(3000)
    expect(Math.abs((expiresAt?.getTime() ?? 0) - Date.parse('2027-04-02T00:00:00Z'))).to.be.below(3000)
  })

  it('what cannot be paid there is refused before anybody is asked', async () => {
    const small = { ...request, amount: { amountMinor: 99n, currency: 'INR' } }
    expect(await failure(gateway.openCheckout(small))).to.deep.equal(['refused', 'amount_too_small', null])
    const odd = { ...request, amount: { amountMinor: 12_345n, currency: 'KWD' } }
    expect(await failure(gateway.openCheckout(odd))).to.deep.equal(['refused', 'amount_not_payable', null])
    expect(razorpay.requests).to.deep.equal([])
    for (const [currency, amountMinor] of [
      ['INR', 100n],
      ['KWD', 12_340n],
      ['JPY', 588n],
    ] as const) {
      const checkout = await gateway.openCheckout({
        ...request,
        reference: currency,
        amount: { amountMinor, currency },
      })
      expect(checkout.amount).to.deep.equal({ amountMinor, currency })
    }
  })

  it('what Razorpay refuses is refused', async () => {
    const long = { ...request, reference: 'x'.repeat(41) }
    expect(await failure(gateway.openCheckout(long))).to.deep.equal(['refused', 'bad_request_error', 400])
    const unmailed = { ...request, customer: { name: 'Acme', email: 'nobody' } }
    expect(await failure(gateway.openCheckout(unmailed))).to.deep.equal(['refused', 'bad_request_error', 400])
  })

  it('a wrong key is refused, and never repeated', async () => {
    const error = await rejection(gatewayTo(razorpay.url, 'wrong-secret').openCheckout(request))
    expect(error).to.include({ outcome: 'refused', code: 'authentication', status: 401 })
    const told = [String(error), Object.entries(error as object), (error as Error).cause ?? null]
    expect(JSON.stringify(told)).to.not.include('wrong-secret')
  })

  it('finds a link by its reference', async () => {
    for (let index = 0; index < 12; index++)
      await gateway.openCheckout({ ...request, reference: `reference-${index}` })
    expect(await gateway.findCheckout('reference-0', longAgo)).to.have.nested.property(
      'about.reference',
      'reference-0',
    )
    expect(await gateway.findCheckout('reference-12', longAgo)).to.equal(null)
  })

  it('reads a link through its life', async () => {
    const { id } = await gateway.openCheckout(request)
    razorpay.fail(id)
    expect(await gateway.readCheckout(id)).to.include({ status: 'open', paidMinor: 0n })
    razorpay.pay(id)
    expect(await gateway.readCheckout(id)).to.deep.include({
      ...{ status: 'paid', url: null, paidMinor: 58_882n, paymentIds: [razorpay.paymentOf(id)] },
    })
    expect(await gateway.readCheckout('plink_nobody')).to.equal(null)
  })

  it('closes what is open, and says what else it is', async () => {
    const { id } = await gateway.openCheckout(request)
    expect(await gateway.closeCheckout(id)).to.include({ status: 'cancelled', url: null })
    expect(await gateway.closeCheckout(id)).to.include({ status: 'cancelled' })
    const paid = await gateway.openCheckout({ ...request, reference: 'another' })
    razorpay.pay(paid.id)
    expect(await gateway.closeCheckout(paid.id)).to.include({ status: 'paid' })
    expect(await failure(gateway.closeCheckout('plink_nobody'))).to.deep.equal([
      'refused',
      'bad_request_error',
      400,
    ])
  })

  it('reads payments, that failed and that went through', async () => {
    const { id } = await gateway.openCheckout(request)
    razorpay.fail(id)
    const failed = razorpay.paymentOf(id) ?? ''
    expect(await gateway.readPayment(failed)).to.deep.include({
      ...{
        status: 'failed',
        failure: { code: 'payment_failed', message: 'Payment failed' },
        about,
        checkoutId: id,
      },
    })
    razorpay.pay(id, { payment: failed })
    expect(await gateway.readPayment(failed)).to.deep.include({
      ...{ id: failed, status: 'succeeded', amount: request.amount, refundedMinor: 0n, method: 'upi' },
      ...{ failure: null, live: false },
    })
    expect(await gateway.readPayment('pay_nobody')).to.equal(null)
  })

  it('lists payments and refunds since a day, of more than one page', async () => {
    const { id } = await gateway.openCheckout(request)
    razorpay.pay(id)
    const payment = razorpay.paymentOf(id) ?? ''
    for (let index = 0; index < 101; index++) razorpay.refund(payment, 100)
    const refunds = await gathered(gateway.refunds(longAgo))
    expect(new Set(refunds.map((refund) => refund.id)).size).to.equal(101)
    const [paid] = await gathered(gateway.payments(longAgo))
    expect(paid).to.deep.include({ id: payment, refundedMinor: 10_100n })
    expect(await gathered(gateway.payments(new Date(Date.now() + 60_000)))).to.deep.equal([])
  })

  it('gives money back once for a reference', async () => {
    const { id } = await gateway.openCheckout(request)
    razorpay.pay(id)
    const ask = {
      reference: 'refund-0001',
      paymentId: razorpay.paymentOf(id) ?? '',
      amount: request.amount,
      reason: 'agreed',
    }
    const part = { ...ask, amount: { amountMinor: 10_000n, currency: 'INR' } }
    const first = await gateway.refund(part)
    expect(razorpay.requests.at(-1)?.headers['x-refund-idempotency']).to.equal('refund-0001')
    expect(first).to.deep.include({ status: 'succeeded', amount: part.amount, reference: 'refund-0001' })
    expect((await gateway.refund(part)).id).to.equal(first.id)
    expect(razorpay.refunds.size).to.equal(1)
    const again = gateway.refund({ ...part, amount: { amountMinor: 20_000n, currency: 'INR' } })
    expect(await failure(again)).to.deep.equal(['refused', 'bad_request_error', 400])
    expect(await failure(gateway.refund({ ...ask, reference: 'refund-0002' }))).to.deep.equal([
      ...['refused', 'bad_request_error', 400],
    ])
    razorpay.refundsAre = 'pending'
    const rest = { ...ask, reference: 'refund-0003', amount: { amountMinor: 48_882n, currency: 'INR' } }
    expect(await gateway.refund(rest)).to.include({ status: 'pending' })
  })

  it('lists no events', () => expect(gateway.events(longAgo)).to.equal(null))

  it('check says that the key is right, and how far the clocks are apart', async () => {
    const { live, clockSkewMs } = await gateway.check()
    expect(live).to.equal(false)
    expect(Math.abs(clockSkewMs ?? Infinity)).to.be.below(5000)
    expect(await failure(gatewayTo(razorpay.url, 'wrong').check())).to.deep.equal([
      'refused',
      'authentication',
      401,
    ])
  })

  describe('when Razorpay', () => {
    const faults = [
      ['answers 500', '500', 'unknown', 'server_error', 0],
      ['answers 500 after it acted', '500-after', 'unknown', 'server_error', 1],
      ['answers with the page of a proxy', '502', 'unknown', 'bad_answer', 0],
      ['answers so after it acted', '502-after', 'unknown', 'bad_answer', 1],
      ['cuts the connection before it acts', 'drop-before', 'unknown', 'connection', 0],
      ['cuts the connection after it acted', 'drop-after', 'unknown', 'connection', 1],
      ['hangs', 'hang', 'unknown', 'timeout', 0],
      ['hangs after it acted', 'hang-after', 'unknown', 'timeout', 1],
      ['asks to come later', '429', 'not_done', 'rate_limited', 0],
    ] as const
    for (const [name, fault, outcome, code, links] of faults) {
      it(`${name}, the outcome is ${outcome}; asked again it is one link`, async () => {
        razorpay.faults.push(fault)
        const error = await rejection(gateway.openCheckout(request))
        expect(error).to.be.instanceOf(ProviderError)
        expect(error).to.include({ provider: 'razorpay', outcome, code })
        expect(error).to.include({ retryAfterMs: fault === '429' ? 2000 : null })
        expect(razorpay.requests.length, 'requests').to.equal(1)
        expect(razorpay.links.size, 'links').to.equal(links)
        expect((await gateway.openCheckout(request)).about.reference).to.equal(request.reference)
        expect(razorpay.links.size, 'links').to.equal(1)
      })
    }

    it('gets one refund for a reference, whatever happens to the first request', async () => {
      const { id } = await gateway.openCheckout(request)
      razorpay.pay(id)
      const ask = {
        paymentId: razorpay.paymentOf(id) ?? '',
        amount: { amountMinor: 100n, currency: 'INR' },
        reason: 'x',
      }
      for (const [index, fault] of (
        ['drop-before', 'drop-after', 'hang-after', '429', '502', '500-after'] as const
      ).entries()) {
        razorpay.faults.push({ fault, on: /refund/ })
        const refund = { ...ask, reference: `refund-000${index}` }
        await rejection(gateway.refund(refund))
        await gateway.refund(refund)
        expect(razorpay.refunds.size, fault).to.equal(index + 1)
      }
    })

    it('is not there, nothing was done', async () => {
      const nowhere = gatewayTo(await unusedUrl())
      expect(await failure(nowhere.openCheckout(request))).to.deep.equal(['not_done', 'connection', null])
      expect(
        await failure(
          nowhere.refund({
            reference: 'refund-0001',
            paymentId: 'pay_1',
            amount: request.amount,
            reason: 'x',
          }),
        ),
      ).to.deep.equal([...['not_done', 'connection', null]])
    })

    it('fails in the middle of a list, the list fails', async () => {
      razorpay.faults.push('502')
      expect(await failure(gathered(gateway.payments(longAgo)))).to.deep.equal(['unknown', 'bad_answer', 502])
    })
  })
})
