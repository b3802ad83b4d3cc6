/** `webhook work` and its siblings as cron and people run them: killed in the middle, beside each other, refused. */
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { webhookReader } from '../../src/gateways/payment-providers.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { indianSupplier } from '../support/billing.js'
import { arrive, effectsOf, outcomes } from '../support/inbox.js'
import { faultsOf, issued, untaxed } from '../support/issued.js'
import { Place, times } from '../support/place.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import { razorpayEvent, razorpayScenario, stripeEvent, stripeScenario } from '../support/providers/events.js'
import { startStripe } from '../support/providers/stripe.js'
import type { OpenedContext } from '../../src/context.js'
import type { TenantId } from '../../src/kernel/ids.js'
import type { Ran } from '../support/cli.js'

const day = '2026-04-10'
const at = new Date('2026-04-12T10:00:00Z')
const amount = 58_882

describe('the inbox, by the built program', function () {
  this.timeout(times(120_000, 900_000))
  const place = new Place()
  let ctx: OpenedContext
  let tenantId: TenantId

  before(async () => {
    ctx = await openThrowAway(place.home)
    await setSupplier(ctx, indianSupplier, false)
    const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
    tenantId = (await subscribedTenant(ctx, 'acme', { ...indian, startedOn: day })).id
  })
  after(async () => {
    await ctx.close()
    await place.remove()
  })
  beforeEach(() => place.query('delete from public.webhook_events'))

  let serial = 0
  async function invoice(): Promise<string> {
    serial += 1
    return (await issued(ctx, tenantId, [untaxed(BigInt(amount))], { on: day })).number
  }

  /** Three events of one payment of a new invoice. */
  async function sale(): Promise<void> {
    const of = { at, amount, invoice: await invoice(), tenant: 'acme', reference: '' }
    const id = `k${serial}`
    if (serial % 2 === 0)
      for (const type of [
        'payment_intent.payment_failed',
        'payment_intent.succeeded',
        'checkout.session.completed',
      ] as const)
        await arrive(ctx, {
          provider: 'stripe',
          ...stripeEvent(type, stripeScenario({ ...of, payment: `pi_${id}` })),
        })
    else
      for (const type of ['payment.authorized', 'payment.captured', 'payment_link.paid'] as const)
        await arrive(ctx, {
          provider: 'razorpay',
          ...razorpayEvent(type, razorpayScenario({ ...of, payment: `pay_${id}` })),
        })
  }

  const webhook = (...words: string[]): Promise<Ran> => place.run(['webhook', ...words, '--json'])

  async function booked(): Promise<Record<string, number>> {
    const all = await effectsOf(ctx, tenantId)
    const kinds = [
      'payment succeeded',
      'payment.received',
      'invoice.paid',
      'mail receipt',
      'audit payment.receive',
    ]
    return Object.fromEntries(kinds.map((kind) => [kind, all[kind] ?? 0]))
  }

  const all = (count: number): Record<string, number> =>
    Object.fromEntries(
      ['payment succeeded', 'payment.received', 'invoice.paid', 'mail receipt', 'audit payment.receive'].map(
        (kind) => [kind, count],
      ),
    )

  async function left(): Promise<number> {
    const [row] = await place.query<{ left: number }>(
      `select count(*)::int as left from public.webhook_events where status not in ('processed', 'ignored')`,
    )
    return row?.left ?? -1
  }

  for (const failpoint of ['event.claimed', 'event.booked', 'event.before_commit', 'event.settled']) {
    it(`killed at ${failpoint}: the next one takes the event over at once, and books it once`, async () => {
      await sale()
      const killed = await place.run(['webhook', 'work', '--once', '--json'], {
        env: { ERPMAX_FAILPOINT: `${failpoint}:kill` },
      })
      expect(killed.signal).to.equal('SIGKILL')
      const next = await webhook('work', '--once')
      expect(next.code, next.stdout).to.equal(0)
      expect(await left()).to.equal(0)
      expect(await booked()).to.deep.equal(all(serial))
    })
  }

  it('killed at any moment, again and again, beside another that is killed too: every effect once, none lost', async () => {
    for (let n = 0; n < times(15, 100); n++) await sale()
    const kill = (round: number): Promise<Ran> =>
      place.run(['webhook', 'work', '--ndjson'], {
        onStart(child) {
          // Not before it has begun: 400 ms go into starting.
          let seen = 0
          const end = 1 + ((round * 5) % 9)
          child.stdout?.on('data', (chunk: Buffer) => {
            seen += chunk.toString().split('\n').length - 1
            if (seen >= end) child.kill('SIGKILL')
          })
          setTimeout(() => child.kill('SIGKILL'), 15_000).unref()
        },
      })
    for (let round = 0; round < times(2, 25); round++) {
      await Promise.all([kill(round), kill(round + 3)])
      expect(await faultsOf(ctx)).to.deep.equal([])
      if ((await left()) === 0) await sale()
    }
    const next = await webhook('work', '--once')
    expect(next.code, next.stdout).to.equal(0)
    expect(await left()).to.equal(0)
    expect(await booked()).to.deep.equal(all(serial))
    expect(await faultsOf(ctx)).to.deep.equal([])
  })

  it('runs until it is told to stop, and says what it did', async () => {
    await sale()
    const ran = await place.run(['webhook', 'work', '--ndjson'], {
      onStart(child) {
        let seen = ''
        let told = false
        child.stdout?.on('data', (chunk: Buffer) => {
          seen += chunk.toString()
          // Once: the result comes when it no longer listens for signals.
          if (!told && seen.split('"settled"').length > 3) told = child.kill('SIGTERM')
        })
      },
    })
    expect(ran.code, ran.stderr).to.equal(143)
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; data?: { done: object } })
    expect(lines.map(({ event }) => event)).to.deep.equal(['settled', 'settled', 'settled', 'result'])
    const done = lines[3]?.data?.done as Record<string, number>
    expect((done.processed ?? 0) + (done.ignored ?? 0)).to.equal(3)
    expect(await left()).to.equal(0)
  })

  it('shows, replays and tries out: what is parked waits for a person, and is never booked twice', async () => {
    const number = await invoice()
    const trigger = async (...words: string[]): Promise<string> => {
      const { json, stdout, stderr } = await webhook('trigger', ...words, '--invoice', number)
      return `${json?.data?.trigger?.event?.status ?? json?.error?.code} ${json?.data?.trigger?.event?.outcome ?? stdout + stderr}`
    }
    expect(
      await trigger('stripe', 'payment_intent.succeeded', '--amount', '1.00', '--payment', 'pi_wrong'),
    ).to.equal('parked payment.wrong_amount')
    expect(await trigger('stripe', 'charge.dispute.created')).to.equal('parked payment.unknown')
    expect(await trigger('stripe', 'checkout.session.completed')).to.equal('processed payment.booked')
    const status = await webhook('status')
    expect(status.json?.data.inbox.counts).to.deep.include({
      received: 0,
      processed: 2,
      parked: 1,
      failed: 0,
    })
    const { json: list } = await webhook('list', '--status', 'parked')
    const [parked] = list?.data.items as { id: string; event_id: string; outcome: string; invoice: string }[]
    expect(parked).to.deep.include({ outcome: 'payment.wrong_amount', invoice: number })
    const shown = await webhook('show', parked?.id.slice(0, 8) ?? '')
    expect(shown.json?.data.event).to.deep.include({ status: 'parked', source: 'trigger', attempts: 1 })
    expect(shown.json?.data.event.body.data.object).to.deep.include({ id: 'pi_wrong', amount: 100 })
    const again = await webhook('replay', '--parked')
    expect([again.code, again.json?.data.parked]).to.deep.equal([3, 1])
    const booked = await webhook('list', '--status', 'processed', '--type', 'checkout.*')
    const done = await webhook('replay', String(booked.json?.data.items[0].event_id))
    expect([done.code, done.json?.data.replayed]).to.deep.equal([0, 0])
    expect((await outcomes(ctx))['processed payment.booked']).to.equal(1)
    expect((await webhook('replay')).code).to.equal(2)
    expect((await webhook('show', 'evt_nobody')).code).to.equal(5)
  })

  it('takes an event from a file, once', async () => {
    const number = await invoice()
    const file = path.join(place.home, 'event.json')
    const { body } = razorpayEvent(
      'payment_link.paid',
      razorpayScenario({ at, amount, invoice: number, tenant: 'acme', reference: '', payment: 'pay_filed' }),
    )
    writeFileSync(file, body)
    const words = ['replay', '--file', file, '--provider', 'razorpay']
    const first = await webhook(...words)
    expect(first.json?.data, first.stdout).to.deep.include({ replayed: 1, processed: 1 })
    const second = await webhook(...words)
    expect([second.code, second.json?.data.replayed]).to.deep.equal([0, 0])
    writeFileSync(file, '[]')
    expect((await webhook(...words)).json?.error?.code).to.equal('event.unreadable')
  })

  it('fetches what Stripe told while nobody listened, once; of Razorpay it says that nothing can be fetched', async () => {
    const stripe = await startStripe()
    try {
      const number = await invoice()
      const of = stripeScenario({
        at: new Date(),
        amount,
        invoice: number,
        tenant: 'acme',
        reference: '',
        payment: 'pi_missed',
      })
      for (const type of ['checkout.session.completed', 'payment_intent.succeeded'] as const)
        stripe.events.push({ provider: 'stripe', ...stripeEvent(type, of), headers: {} })
      const fetched = (): Promise<Ran> =>
        place.run(['webhook', 'backfill', '--since', '1h', '--json'], { env: stripe.env })
      const first = await fetched()
      expect(first.json?.data.backfill, first.stdout).to.deep.include({ fetched: 2, stored: 2 })
      expect(first.json?.data.backfill.done.processed).to.equal(2)
      expect((await fetched()).json?.data.backfill).to.deep.include({ fetched: 2, stored: 0 })
      expect(await outcomes(ctx)).to.deep.equal({
        'processed payment.booked': 1,
        'processed payment.known': 1,
      })
      // Stripe lists its events of 30 days.
      for (const [since, warnings] of [
        ['29d', []],
        ['40d', ['webhook.not_kept']],
      ] as const) {
        const far = await place.run(['webhook', 'backfill', '--since', since, '--json'], { env: stripe.env })
        expect([far.code, far.json?.warnings?.map(({ code }) => code)], since).to.deep.equal([0, warnings])
      }
    } finally {
      await stripe.close()
    }
    const none = await webhook('backfill', '--provider', 'razorpay', '--since', '1h')
    expect([none.code, none.json?.error?.code]).to.deep.equal([6, 'webhook.backfill_impossible'])
    for (const words of ['webhook backfill', 'webhook replay', 'payment reconcile']) {
      const early = await place.here([...words.split(' '), '--since', '2999-01-01', '--json'])
      expect([early.code, early.json?.error?.code], words).to.deep.equal([2, 'usage.time_in_future'])
    }
  })

  it('delivers a made-up event signed as the provider signs, and refuses to where money is real', async () => {
    const number = await invoice()
    const secret = 'whsec_of-the-listener'
    const seen: { url: string | undefined; fault: string }[] = []
    const server: Server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        void webhookReader('razorpay').then((reader) => {
          const found = reader.verify(
            Buffer.concat(chunks),
            request.headers as Record<string, string>,
            [secret],
            new Date(),
          )
          seen.push({ url: request.url, fault: 'fault' in found ? found.fault : found.event.type })
          response.writeHead('fault' in found ? 400 : 200).end('{}')
        })
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const deliver = (env: Record<string, string>): Promise<Ran> =>
      place.run(
        ['webhook', 'trigger', 'razorpay', 'payment.captured', '--invoice', number, '--url', url, '--json'],
        { env },
      )
    const right = await deliver({ RAZORPAY_WEBHOOK_SECRET: secret })
    expect(right.json?.data.trigger.delivery, right.stdout).to.deep.equal({
      url: `${url}/webhooks/razorpay`,
      status: 200,
    })
    expect(right.stdout).not.to.include(secret)
    expect((await deliver({ RAZORPAY_WEBHOOK_SECRET: 'another' })).json?.error?.code).to.equal(
      'webhook.refused',
    )
    expect((await deliver({})).json?.error?.code).to.equal('webhook.not_configured')
    expect(seen).to.deep.equal([
      { url: '/webhooks/razorpay', fault: 'payment.captured' },
      { url: '/webhooks/razorpay', fault: 'wrong' },
    ])
    server.close()
    expect((await deliver({ RAZORPAY_WEBHOOK_SECRET: secret })).code).to.equal(9)
    const real = await deliver({
      RAZORPAY_WEBHOOK_SECRET: secret,
      ERPMAX_ENV: 'production',
      ERPMAX_EMBEDDED: '1',
    })
    expect([real.code, real.json?.error?.code]).to.deep.equal([6, 'webhook.live_mode'])
  })
})
