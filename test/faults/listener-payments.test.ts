/** From the link to the money in the book, by the built program: both providers, their events in any order and number. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { indianSupplier } from '../support/billing.js'
import { effectsOf, outcomes } from '../support/inbox.js'
import { faultsOf, issued, local, standing } from '../support/issued.js'
import { runListener, type RunningListener } from '../support/listener.js'
import { Place } from '../support/place.js'
import { startRazorpay, type RazorpayStandIn } from '../support/providers/razorpay.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import { Sender, type Told } from '../support/sender.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { ProviderName } from '../../src/kernel/payment-gateway.js'
import type { TenantId } from '../../src/kernel/ids.js'

/** 499.00 and 9 % twice. */
const amount = 58_882
const paid = 'paid paid 58882 settled 0 credited 0 of 58882 balance 0'
const unpaid = 'open paid 0 settled 0 credited 0 of 58882 balance 0'
const once = {
  ...{ 'payment.received': 1, 'invoice.paid': 1, 'audit payment.receive': 1 },
  ...{ 'mail receipt': 1, 'payment succeeded': 1 },
}

describe('payments by link, on the built program', () => {
  const place = new Place()
  let ctx: OpenedContext
  let stripe: StripeStandIn
  let razorpay: RazorpayStandIn
  let env: Record<string, string>
  let listener: RunningListener
  let sender: Sender

  before(async () => {
    ctx = await openThrowAway(place.home)
    await setSupplier(ctx, indianSupplier, false)
    stripe = await startStripe()
    razorpay = await startRazorpay()
    env = { ...stripe.env, ...razorpay.env }
    listener = await runListener({ ERPMAX_HOME: place.home, ...env })
    const secrets = { stripe: stripe.webhookSecret, razorpay: razorpay.webhookSecret }
    sender = new Sender({ to: () => listener.url, secrets, atOnce: 12 })
  })
  after(async () => {
    await sender.end()
    await listener.end('SIGTERM')
    for (const secret of [stripe.key, stripe.webhookSecret, razorpay.keySecret, razorpay.webhookSecret])
      expect(listener.printed()).not.to.include(secret)
    await stripe.close()
    await razorpay.close()
    await ctx.close()
    await place.remove()
  })

  interface Bill {
    tenantId: TenantId
    id: string
    number: string
    checkout: string
  }

  /** An invoice of a tenant of its own, and the link to pay it by. */
  async function billed(provider: ProviderName, tenant: string): Promise<Bill> {
    const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR', startedOn: '2026-04-10' }
    const { id: tenantId } = await subscribedTenant(ctx, `${tenant}-${provider}`, indian)
    const { id, number } = await issued(ctx, tenantId, [local(49_900n, 4491n)], { on: '2026-04-10' })
    const words = ['payment', 'checkout', number, '--provider', provider, '--json']
    const { json, stdout } = await place.run(words, { env })
    expect(json?.data.checkout, stdout).to.deep.include({
      ...{ status: 'open', live: false, amount: { amount_minor: amount, currency: 'INR' } },
    })
    return { tenantId, id, number, checkout: json?.data.checkout.provider_checkout_id as string }
  }

  /** Each of them three times, in any order, 12 at once; resolves when all of it is in the book. */
  async function told(events: readonly Told[]): Promise<void> {
    sender.send(...events, ...events, ...events)
    await sender.settled()
    const until = Date.now() + 30_000
    for (;;) {
      const open = Object.keys(await outcomes(ctx)).filter((name) => name.startsWith('received'))
      if (open.length === 0) return
      expect(Date.now(), 'the inbox is not empty').to.be.below(until)
      await sleep(50)
    }
  }

  const providers = {
    stripe: {
      events: 3,
      pay: (checkout: string) => stripe.pay(checkout),
      fail: (checkout: string) => stripe.fail(checkout),
    },
    razorpay: {
      events: 4,
      pay: (checkout: string) => {
        const payment = razorpay.paymentOf(checkout)
        return razorpay.pay(checkout, payment === null ? {} : { payment })
      },
      fail: (checkout: string) => razorpay.fail(checkout),
    },
  }

  for (const [name, { events, pay, fail }] of Object.entries(providers)) {
    const provider = name as ProviderName

    it(`${name}: paid, each of its ${events} events three times, in any order, 12 at once: one payment, to the paisa`, async () => {
      const { id, number, checkout, tenantId } = await billed(provider, 'acme')
      const deliveries = pay(checkout)
      expect(deliveries.length).to.equal(events)
      await told(deliveries)
      expect(await standing(ctx, id)).to.equal(paid)
      expect(await effectsOf(ctx, tenantId)).to.deep.include(once)
      const shown = await place.run(['invoice', 'show', number, '--json'])
      const money = { amount_minor: amount, currency: 'INR' }
      expect(shown.json?.data.invoice, shown.stdout).to.deep.include({
        ...{ status: 'paid', total: money, paid: money, open: { ...money, amount_minor: 0 } },
      })
      const { json } = await place.run(['payment', 'list', '--invoice', number, '--json'])
      expect(json?.data.items).to.have.length(1)
      expect(json?.data.items[0]).to.deep.include({ status: 'succeeded', amount: money })
    })

    it(`${name}: failed, then paid under the same id: one payment`, async () => {
      const { id, checkout, tenantId } = await billed(provider, 'hesitant')
      const failed = fail(checkout)
      await told(failed)
      expect(await standing(ctx, id)).to.equal(unpaid)
      expect(await effectsOf(ctx, tenantId)).to.deep.include({ 'payment failed': 1 })
      const before = await payments(tenantId)
      await told([...failed, ...pay(checkout)])
      expect(await standing(ctx, id)).to.equal(paid)
      expect(await effectsOf(ctx, tenantId)).to.deep.include(once)
      expect(await payments(tenantId)).to.deep.equal(before.map((one) => ({ ...one, status: 'succeeded' })))
    })

    it(`${name}: that it had failed, told after it was paid, changes nothing`, async () => {
      const { id, checkout, tenantId } = await billed(provider, 'late')
      const failed = fail(checkout)
      await told(pay(checkout))
      const before = await effectsOf(ctx, tenantId)
      expect(before).to.deep.include(once)
      await told(failed)
      expect(await effectsOf(ctx, tenantId)).to.deep.equal(before)
      expect(await standing(ctx, id)).to.equal(paid)
      expect((await outcomes(ctx))['ignored payment.succeeded_before']).to.be.greaterThan(0)
    })
  }

  it('leaves a sound book', async () => {
    expect(await faultsOf(ctx)).to.deep.equal([])
    expect(sender.refused).to.deep.equal({})
  })

  function payments(tenantId: TenantId): Promise<{ id: string; status: string; amount: number }[]> {
    return place.query(
      'select provider_payment_id as id, status, amount_minor::int as amount from public.payments where tenant_id = $1',
      [tenantId],
    )
  }
})
