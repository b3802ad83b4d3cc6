/** A day with both providers in it, with secrets that can be told: afterwards none is in a table, an output, a log or a metric. */
import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { dayIn } from '../../src/kernel/dates.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { indianSupplier } from '../support/billing.js'
import { issued, local } from '../support/issued.js'
import { runListener, type RunningListener } from '../support/listener.js'
import { Place } from '../support/place.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import { stripeEnvelope, stripeIntent, stripeScenario } from '../support/providers/events.js'
import { startRazorpay, type RazorpayStandIn } from '../support/providers/razorpay.js'
import { deliver, signed } from '../support/providers/stand-in.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import type { OpenedContext } from '../../src/context.js'
import type { TenantId } from '../../src/kernel/ids.js'
import type { Ran } from '../support/cli.js'

const today = dayIn('Asia/Kolkata', new Date())
const card = '4242424242424242'
const spaced = '4000 0566 5566 5556'
const cvc = 'cvc-737-of-the-card'
const wrongKey = 'sk_test_revokedButStillSecret'
const publicUrl = 'https://billing.example.test'

describe('secrets of payments', function () {
  this.timeout(120_000)
  const place = new Place()
  let ctx: OpenedContext
  let tenantId: TenantId
  let stripe: StripeStandIn
  let razorpay: RazorpayStandIn
  let listener: RunningListener | undefined
  /** All that was printed, with the words that printed it. */
  const printed: [words: string, text: string][] = []

  before(async () => {
    stripe = await startStripe()
    razorpay = await startRazorpay()
    ctx = await openThrowAway(place.home)
    await setSupplier(ctx, indianSupplier, false)
    const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
    tenantId = (await subscribedTenant(ctx, 'acme', { ...indian, startedOn: today })).id
  })
  after(async () => {
    if (listener?.child.exitCode === null) await listener.end('SIGKILL')
    await ctx.close()
    await stripe.close()
    await razorpay.close()
    await place.remove()
  })

  const env = (): Record<string, string> => ({ ...stripe.env, ...razorpay.env, ERPMAX_PUBLIC_URL: publicUrl })
  async function run(words: string[], more: Record<string, string> = {}): Promise<Ran> {
    const ran = await place.run(words, { env: { ...env(), ...more } })
    printed.push([words.join(' '), `${ran.stdout}\n${ran.stderr}`])
    return ran
  }
  const invoice = async (): Promise<string> =>
    (await issued(ctx, tenantId, [local(10_000n, 900n)], { on: today })).number
  const settled = async (): Promise<void> => {
    for (let left = 1, tries = 0; left > 0 && tries < 200; tries++) {
      const [row] = await place.query<{ left: number }>(
        `select count(*)::int as left from public.webhook_events where status = 'received' and next_attempt_at <= now()`,
      )
      left = row?.left ?? 0
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** What is kept of a payment that failed has the words of the provider in it. */
  function failedEvent(number: string) {
    const of = stripeScenario({
      ...{ at: new Date(), amount: 11_800, invoice: number, tenant: 'acme', payment: 'pi_hostile' },
    })
    const error = {
      type: 'card_error',
      code: 'card_declined',
      message: `The card ${card} was declined, not ${spaced}`,
      payment_method: { card: { number: card, cvc } },
    }
    const object = stripeIntent(of, {
      status: 'requires_payment_method',
      amount_received: 0,
      last_payment_error: error,
    })
    const event = stripeEnvelope('payment_intent.payment_failed', object, of, 'evt_hostile')
    return signed('stripe', event, stripe.webhookSecret, of.at)
  }

  it('are in no table, no output, no log and no metric', async () => {
    listener = await runListener({ ERPMAX_HOME: place.home, ...env() })
    // With a customer on it, as its page shows one.
    const billed = await run(['invoice', 'generate', 'acme', '--json'])
    const first = billed.json?.data.documents[0].number as string
    const [second, third] = [await invoice(), await invoice()]
    const opened = await run(['payment', 'checkout', first, '--provider', 'stripe', '--json'])
    const link = await run(['payment', 'checkout', second, '--provider', 'razorpay'])
    expect([opened.code, link.code]).to.deep.equal([0, 0])
    const id = opened.json?.data.checkout.provider_checkout_id as string
    const [token = ''] = await place
      .query<{ token: string }>(
        'select l.token from public.pay_links l join public.invoices i on i.id = l.invoice_id where i.number = $1',
        [first],
      )
      .then((found) => found.map(({ token: text }) => text))
    expect(token).to.have.length(22)
    const deliveries = [
      ...[...stripe.fail(id), ...stripe.pay(id)],
      ...razorpay.pay([...razorpay.links.keys()][0] ?? ''),
      failedEvent(third),
    ]
    const answers = await deliver(listener.url, deliveries, 2)
    expect([...new Set(answers)]).to.deep.equal([200])
    // Not signed, signed wrongly, and with what is secret where it does not belong.
    for (const headers of [{}, { 'stripe-signature': `t=1,v1=${stripe.webhookSecret}` }])
      await fetch(`${listener.url}/webhooks/stripe?secret=${stripe.webhookSecret}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ card, cvc, key: stripe.key }),
      })
    const page = await fetch(`${listener.url}/pay/${token}`)
    expect(page.status).to.equal(200)
    await fetch(`${listener.url}/pay/${token}x${card}`)
    await settled()
    const metrics = await (await fetch(`${listener.url}/metrics`)).text()
    printed.push(['/metrics', metrics])

    const intent = stripe.paymentOf(id) ?? ''
    const file = path.join(place.home, 'hostile.json')
    const hostile = failedEvent(third)
    writeFileSync(file, hostile.body)
    await run(['payment', 'refund', intent, '--amount', '59.00', '--reason', 'outage', '--confirm', first])
    stripe.faults.push({ fault: '500', on: /refunds/ })
    await run([
      'payment',
      'refund',
      intent,
      '--amount',
      '1.00',
      '--reason',
      'more',
      '--confirm',
      first,
      '--debug',
    ])
    await run(['payment', 'checkout', third, '--provider', 'stripe', '--debug'], {
      STRIPE_SECRET_KEY: wrongKey,
    })
    await run(['payment', 'checkout', third, '--provider', 'razorpay', '--json'], {
      RAZORPAY_KEY_SECRET: wrongKey,
    })
    await run(['payment', 'reconcile'])
    await run(['payment', 'providers', 'check'], { STRIPE_SECRET_KEY: wrongKey })
    await run(['payment', 'providers', 'check', '--json'])
    await run(['payment', 'show', intent])
    await run(['payment', 'list', '--json'])
    await run(['webhook', 'list', '--json'])
    await run(['webhook', 'show', 'evt_hostile'])
    await run(['webhook', 'show', 'evt_hostile', '--json'])
    await run(['webhook', 'replay', '--file', file, '--provider', 'stripe'])
    await run([
      'webhook',
      'verify',
      '--file',
      file,
      '--header',
      `Stripe-Signature: ${hostile.headers['stripe-signature'] ?? ''}`,
    ])
    await run([
      'webhook',
      'trigger',
      'stripe',
      'payment_intent.succeeded',
      '--invoice',
      third,
      '--url',
      listener.url,
    ])
    await run(['config', 'show'])
    await run(['audit', 'list', '--json'])
    await run(['invoice', 'show', third])
    await settled()
    expect(await listener.end('SIGTERM')).to.equal(143)
    printed.push(['the log', listener.printed()])
    expect(printed.every(([, text]) => text.length > 2)).to.equal(true)

    const secrets: Record<string, string> = {
      ...{ 'key of Stripe': stripe.key, 'webhook secret of Stripe': stripe.webhookSecret },
      ...{ 'key of Razorpay': razorpay.keySecret, 'webhook secret of Razorpay': razorpay.webhookSecret },
      ...{
        'refused key': wrongKey,
        'card number': card,
        'spaced card number': spaced,
        CVC: cvc,
        'pay token': token,
      },
    }
    const told = printed.flatMap(([words, text]) =>
      Object.entries(secrets).flatMap(([name, secret]) =>
        text.includes(secret) ? [`${name} in ${words}`] : [],
      ),
    )
    expect(told).to.deep.equal([])
    expect(await inTables(secrets)).to.deep.equal(['pay token in pay_links'])
    // Bodies as they came: what a provider sends has no card in it; the one event that has was made up here.
    const [bodies] = await place.query<{ all: number; cards: number }>(
      `select count(*)::int as all, count(*) filter (where position($1::bytea in body) > 0 and event_id <> 'evt_hostile')::int as cards
       from public.webhook_events`,
      [Buffer.from(card)],
    )
    expect(bodies?.all).to.be.greaterThan(8)
    expect(bodies?.cards).to.equal(0)
  })

  /** Rows as text, and bytes as their digits: a secret may hide in either. The raw bodies are looked at apart. */
  async function inTables(secrets: Record<string, string>): Promise<string[]> {
    const tables = await place.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
    )
    expect(tables.length).to.be.greaterThan(50)
    const found: string[] = []
    for (const { name } of tables) {
      const row = name === 'webhook_events' ? `(to_jsonb(t) - 'body')::text` : 't::text'
      for (const [what, secret] of Object.entries(secrets)) {
        const forms = [
          secret,
          Buffer.from(secret).toString('hex'),
          Buffer.from(secret).toString('base64').replace(/=+$/, ''),
        ]
        const [hit] = await place.query<{ hit: boolean }>(
          `select exists (select 1 from public."${name}" t where ${forms.map((_, at) => `position($${at + 1} in ${row}) > 0`).join(' or ')}) as hit`,
          forms,
        )
        if (hit?.hit) found.push(`${what} in ${name}`)
      }
    }
    return found
  }
})
