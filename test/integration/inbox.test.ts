/** The inbox under load and in trouble: several processors at once, orders of every kind, dead holders, dead letters. */
import { expect } from 'chai'
import fc from 'fast-check'
import { execute, oneRow, sql } from '../../src/database/sql.js'
import {
  claimEvents,
  letGo,
  pauses,
  takeBackAbandoned,
  type ClaimedEvent,
  type GivenUpEvent,
} from '../../src/payments/inbox/claim.js'
import { dismissEvent } from '../../src/payments/inbox/dismiss.js'
import { processEvent } from '../../src/payments/inbox/process-event.js'
import { processDueEvents } from '../../src/payments/inbox/process-events.js'
import { replayEvents } from '../../src/payments/inbox/replay.js'
import { readBillingStatus } from '../../src/views/billing-status.js'
import { billing, indianSupplier } from '../support/billing.js'
import { arrive, effectsOf, outcomes, type Told } from '../support/inbox.js'
import { refusalOf, rejection } from '../support/errors.js'
import { faultsOf, issued, standing, untaxed } from '../support/issued.js'
import { times } from '../support/place.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import {
  razorpayEvent,
  razorpayScenario,
  stripeEvent,
  stripeScenario,
  type RazorpayEventType,
  type Scenario,
  type StripeEventType,
} from '../support/providers/events.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import type { OpenedContext } from '../../src/context.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
const day = '2026-04-10'
const at = new Date('2026-04-12T10:00:00Z')
const amount = 58_882
const paidInFull = 'paid paid 58882 settled 0 credited 0 of 58882 balance 0'

const stripe = (type: StripeEventType, of: Partial<Scenario>, id?: string): Told => ({
  provider: 'stripe',
  ...stripeEvent(type, stripeScenario({ at, amount, reference: '', ...of }), {}, id),
})
const razorpay = (type: RazorpayEventType, of: Partial<Scenario>, id?: string): Told => ({
  provider: 'razorpay',
  ...razorpayEvent(type, razorpayScenario({ at, amount, reference: '', ...of }), {}, id),
})

interface Sold {
  tenantId: TenantId
  tenant: string
  invoice: string
  invoiceId: string
}

async function sold(ctx: Context, tenant: string): Promise<Sold> {
  const { id: tenantId } = await subscribedTenant(ctx, tenant, { ...indian, startedOn: day })
  const { id, number } = await issued(ctx, tenantId, [untaxed(BigInt(amount))], { on: day })
  return { tenantId, tenant, invoice: number, invoiceId: id }
}

async function lastEvent(ctx: Context): Promise<string> {
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`select id from public.webhook_events order by received_at desc limit 1`,
  )
  return id
}

const shuffled = <Item>(items: readonly Item[], seed: number): Item[] =>
  fc.sample(fc.shuffledSubarray([...items], { minLength: items.length }), { numRuns: 1, seed })[0] ?? []

const once = {
  ...{ 'payment.received': 1, 'invoice.paid': 1, 'audit payment.receive': 1 },
  ...{ 'mail receipt': 1, 'payment succeeded': 1 },
}

describe('the inbox, by several processors at once', () => {
  const home = throwAwayFolder()
  let ctx: OpenedContext
  let processors: OpenedContext[] = []

  before(async () => {
    ctx = await openThrowAway(home)
    processors = [ctx, await openThrowAway(home), await openThrowAway(home)]
    await setSupplier(ctx, indianSupplier, false)
  })
  after(async () => {
    for (const one of processors) await one.close()
    await removeServer(home)
  })
  beforeEach(() => execute(ctx.db, sql`delete from public.webhook_events`))

  /** Delivered 12 at once, while three processes of four connections each process. */
  async function deliver(told: readonly Told[]): Promise<void> {
    const queue = [...told]
    const deliverers = Array.from({ length: 12 }, async (_, n) => {
      const into = processors[n % 3] ?? ctx
      for (let next = queue.shift(); next; next = queue.shift()) {
        await arrive(into, next)
        await processDueEvents(into, { limit: 3, parallel: 4 })
      }
    })
    await Promise.all(deliverers)
    await Promise.all(processors.map((one) => processDueEvents(one, { limit: 1000, parallel: 4 })))
  }

  for (let round = 0; round < times(2, 12); round++) {
    it(`four events of Razorpay and three of Stripe, each three times, in some order (${round}): two payments`, async () => {
      const [of, by] = [await sold(ctx, `paisa-${round}`), await sold(ctx, `cent-${round}`)]
      const told = [
        ...(['payment.authorized', 'payment.captured', 'order.paid', 'payment_link.paid'] as const).map(
          (type) => razorpay(type, { ...of, payment: `pay_${round}` }),
        ),
        ...(['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded'] as const).map(
          (type) => stripe(type, { ...by, payment: `pi_${round}` }),
        ),
      ]
      await deliver(shuffled([...told, ...told, ...told], round))
      for (const { invoiceId, tenantId } of [of, by]) {
        expect(await standing(ctx, invoiceId)).to.equal(paidInFull)
        expect(await effectsOf(ctx, tenantId)).to.deep.equal(once)
      }
      const found = await outcomes(ctx)
      expect(found).to.deep.include({ 'processed payment.booked': 2, 'ignored event.unknown_type': 1 })
      // An authorisation counts while it comes first.
      const authorised =
        (found['processed payment.pending'] ?? 0) + (found['ignored payment.succeeded_before'] ?? 0)
      expect(authorised + (found['processed payment.known'] ?? 0)).to.equal(4)
      expect(Object.values(found).reduce((sum, count) => sum + count, 0)).to.equal(7)
      expect(await faultsOf(ctx)).to.deep.equal([])
    })
  }

  it('of many payments of one tenant at once each is booked once, none is lost', async () => {
    const { tenantId } = await sold(ctx, 'busy')
    const told: Told[] = []
    for (let n = 0; n < 12; n++) {
      const { number } = await issued(ctx, tenantId, [untaxed(BigInt(amount))], { on: day })
      const of = { tenant: 'busy', invoice: number, payment: `pi_busy_${n}` }
      told.push(stripe('payment_intent.succeeded', of), stripe('checkout.session.completed', of))
    }
    await deliver(shuffled([...told, ...told], 7))
    expect(await outcomes(ctx)).to.deep.equal({
      'processed payment.booked': 12,
      'processed payment.known': 12,
    })
    expect(await effectsOf(ctx, tenantId)).to.deep.include({
      'payment succeeded': 12,
      'mail receipt': 12,
      'invoice.paid': 12,
    })
    expect(await faultsOf(ctx)).to.deep.equal([])
  })

  it('an event is in one pair of hands: a lease that runs out, or a holder that is gone, frees it, and who was slow writes nothing', async () => {
    const { invoice, tenant, invoiceId } = await sold(ctx, 'slow')
    await arrive(ctx, stripe('payment_intent.succeeded', { invoice, tenant, payment: 'pi_slow' }))
    const [slow] = await claimEvents(ctx, 5)
    const claim = async (): Promise<number> => {
      await takeBackAbandoned(ctx)
      return (await claimEvents(processors[1] ?? ctx, 5)).length
    }
    expect(await claim()).to.equal(0)
    await execute(
      ctx.db,
      sql`update public.webhook_events set lease_until = clock_timestamp() - interval '1 second'`,
    )
    expect(await claim()).to.equal(1)
    // The generation has gone on: the first is too late, before and after.
    expect(await processEvent(ctx, slow as ClaimedEvent)).to.equal(null)
    await letGo(ctx, [slow as ClaimedEvent])
    expect(await claim()).to.equal(0)
    expect(await standing(ctx, invoiceId)).to.match(/^open paid 0/)
    // Its holder is gone, and its lease not over.
    const gone = { host: ctx.processes.self.host, pid: 999_999_999, startedAt: 'never' }
    await execute(ctx.db, sql`update public.webhook_events set holder = ${JSON.stringify(gone)}`)
    expect(await processDueEvents(ctx, { limit: 10 })).to.deep.include({ processed: 1 })
    expect(await standing(ctx, invoiceId)).to.equal(paidInFull)
  })

  it('what was laid aside is done with once somebody says so, and is not replayed any more', async () => {
    const { invoice, tenant, invoiceId } = await sold(ctx, 'dealt-with')
    const of = { tenant, invoice, payment: 'pi_dealt_with' }
    await arrive(ctx, stripe('payment_intent.succeeded', { ...of, amount: 100 }))
    expect(await processDueEvents(ctx, { limit: 10 })).to.deep.include({ parked: 1 })
    const id = await lastEvent(ctx)
    const waiting = (await readBillingStatus(ctx)).events.parked
    const first = await dismissEvent(ctx, id, 'given back')
    expect(first).to.deep.include({ changed: true })
    expect((await readBillingStatus(ctx)).events.parked).to.equal(waiting - 1)
    expect(first.event).to.include({ status: 'ignored', was: 'payment.wrong_amount' })
    expect((await dismissEvent(ctx, id, 'given back')).changed).to.equal(false)
    expect(await replayEvents(ctx, { id }, true)).to.deep.include({ replayed: 0 })
    expect(await standing(ctx, invoiceId)).to.match(/^open paid 0/)
    const told = await oneRow<{ count: number; reason: string }>(
      ctx.db,
      sql`select count(*)::int as count, min(after ->> 'reason') as reason from public.audit_log where action = 'webhook.dismiss' and subject = ${id}`,
    )
    expect(told).to.deep.equal({ count: 1, reason: 'given back' })
    await arrive(ctx, stripe('payment_intent.succeeded', of, 'evt_comes_later'))
    expect(await refusalOf(dismissEvent(ctx, await lastEvent(ctx), 'too soon'))).to.equal(
      'conflict event.not_laid_aside',
    )
    await processDueEvents(ctx, { limit: 10 })
  })

  it('an event that ends every processor has failed in the end, and takes no other with it', async () => {
    const poison = { ...(await sold(ctx, 'poison')), payment: 'pi_poison' }
    await arrive(ctx, stripe('payment_intent.succeeded', poison))
    const gone = { host: ctx.processes.self.host, pid: 999_999_999, startedAt: 'never' }
    const dying: Context = { ...ctx, processes: { ...ctx.processes, self: gone } }
    const isPoison = ({ id }: ClaimedEvent): boolean => id === poisonId
    const { id: poisonId } = await oneRow<{ id: string }>(ctx.db, sql`select id from public.webhook_events`)
    let lost = 0
    let lostBeside = 0
    const givenUp: GivenUpEvent[] = []
    for (let round = 0; ; round++) {
      if (round < 6) {
        const other = { ...(await sold(ctx, `beside-${round}`)), payment: `pi_beside_${round}` }
        await arrive(ctx, stripe('payment_intent.succeeded', other))
      }
      givenUp.push(...(await takeBackAbandoned(ctx)))
      const claimed = await claimEvents(dying, 20)
      if (claimed.length === 0) break
      if (claimed.some(isPoison)) {
        lost += 1
        lostBeside += claimed.length - 1
      } else
        for (const event of claimed) expect((await processEvent(ctx, event))?.status).to.equal('processed')
    }
    // Three times nobody knows which event it was: one is beside it, then two, then three. Then it is handed out alone.
    expect(lostBeside).to.equal(1 + 2 + 3)
    expect(lost).to.equal(8)
    expect(givenUp.map(({ id, error }) => [id, error.code])).to.deep.equal([
      [poisonId, 'event.processor_lost'],
    ])
    const { id, ...failed } = await oneRow<{ id: string; outcome: string; error: string; others: number }>(
      ctx.db,
      sql`select id, outcome, last_error ->> 'code' as error,
                 (select count(*)::int from public.webhook_events where status <> 'processed') as others
          from public.webhook_events where status = 'failed'`,
    )
    expect(failed).to.deep.equal({
      ...{ outcome: 'event.processor_lost', error: 'event.processor_lost', others: 1 },
    })
    // It was not the event, after all: somebody asks for it once more.
    expect(await replayEvents(ctx, { id }, true)).to.deep.include({ replayed: 1, processed: 1 })
    expect(await effectsOf(ctx, poison.tenantId)).to.deep.equal(once)
    // Whoever processes tells of one that is given up.
    const last = { ...(await sold(ctx, 'poison-too')), payment: 'pi_poison_too' }
    await arrive(ctx, stripe('payment_intent.succeeded', last))
    expect(await claimEvents(dying, 20)).to.have.length(1)
    await execute(ctx.db, sql`update public.webhook_events set lost = 7 where status = 'received'`)
    expect(await processDueEvents(ctx, { limit: 10 })).to.deep.include({ failed: 1, processed: 0 })
  })

  it('what was in hand when the database went goes back as soon as it is there again, not when its lease ends', async () => {
    const of = { ...(await sold(ctx, 'cut-off')), payment: 'pi_cut_off' }
    await arrive(ctx, stripe('payment_intent.succeeded', of))
    await arrive(ctx, stripe('checkout.session.completed', of))
    const gone = (): Promise<void> => Promise.reject(new Error('Connection terminated unexpectedly'))
    const cut = { limit: 10, parallel: 1 }
    expect(String(await rejection(processDueEvents({ ...ctx, failpoint: gone }, cut)))).to.include(
      'terminated',
    )
    const dying = await openThrowAway(home)
    const die = (): Promise<void> => dying.close().then(gone)
    const owed: ClaimedEvent[] = []
    await rejection(processDueEvents({ ...dying, failpoint: die }, { ...cut, owed }))
    expect(
      owed.length,
      'both are free again after the first, and nobody could be told after the second',
    ).to.equal(2)
    expect((await processDueEvents(ctx, cut)).processed, 'they are held').to.equal(0)
    expect((await processDueEvents(ctx, { ...cut, owed })).processed).to.equal(2)
    expect(owed).to.deep.equal([])
    expect(await effectsOf(ctx, of.tenantId)).to.deep.equal(once)
  })

  it('what goes wrong is tried again later and later, has failed in the end, and can be replayed', async () => {
    const { invoice, tenant, tenantId, invoiceId } = await sold(ctx, 'absent')
    const move = (to: string) =>
      execute(
        ctx.db,
        sql`update public.tenants set status = ${to}, updated_at = now() where id = ${tenantId}`,
      )
    await move('restoring')
    await arrive(ctx, stripe('payment_intent.succeeded', { invoice, tenant, payment: 'pi_absent' }))
    const waits: number[] = []
    for (let attempt = 0; attempt <= pauses.length; attempt++) {
      const tally = await processDueEvents(ctx, { limit: 10 })
      expect(tally).to.deep.include(attempt < pauses.length ? { retried: 1 } : { failed: 1 })
      expect(await processDueEvents(ctx, { limit: 10 }), 'not due').to.deep.include({ retried: 0, failed: 0 })
      const { wait } = await oneRow<{ wait: number }>(
        ctx.db,
        sql`select extract(epoch from next_attempt_at - clock_timestamp())::float8 as wait from public.webhook_events`,
      )
      waits.push(wait)
      await execute(
        ctx.db,
        sql`update public.webhook_events set next_attempt_at = clock_timestamp() where status = 'received'`,
      )
    }
    pauses.forEach((pause, index) => expect(waits[index]).to.be.within(pause * 0.9 - 5, pause * 1.1))
    expect(await outcomes(ctx)).to.deep.equal({ 'failed tenant.not_active': 1 })
    const selection = { states: ['failed' as const], provider: null, types: [], since: null }
    expect(await replayEvents(ctx, selection, true)).to.deep.include({
      replayed: 1,
      waiting: 1,
      processed: 0,
    })
    await move('active')
    expect(await replayEvents(ctx, { ...selection, states: [] }, true)).to.deep.include({
      replayed: 1,
      processed: 1,
    })
    expect(await replayEvents(ctx, selection, true)).to.deep.include({ replayed: 0 })
    expect(await replayEvents(ctx, { id: 'evt_payment_intent_succeeded_pi_absent' }, true)).to.deep.include({
      replayed: 0,
      processed: 0,
    })
    expect(await standing(ctx, invoiceId)).to.equal(paidInFull)
  })
})

describe('events of one payment', () => {
  const last: readonly [StripeEventType, string][] = [
    ['payment_intent.payment_failed', 'a'],
    ['payment_intent.processing', 'b'],
    ['checkout.session.completed', 'c'],
    ['payment_intent.succeeded', 'd'],
    ['charge.dispute.created', 'e'],
    ['charge.dispute.closed', 'f'],
    ['checkout.session.expired', 'g'],
    ['customer.created', 'h'],
  ]

  it('leave the same book in whatever order they come, and however often', () =>
    billing(day, async (ctx) => {
      let serial = 0
      await fc.assert(
        fc.asyncProperty(
          fc.shuffledSubarray([...last, ...last, ...last], { minLength: 3 * last.length }),
          async (order) => {
            const tenant = `any${serial++}`
            const { invoice, tenantId, invoiceId } = await sold(ctx, tenant)
            const of = { tenant, invoice, payment: `pi_${tenant}`, dispute: `dp_${tenant}`, part: amount }
            for (const [type, id] of order) {
              await arrive(ctx, stripe(type, of, `${tenant}-${id}`))
              await processDueEvents(ctx, { limit: 100, parallel: 1 })
            }
            // Paid once, and taken back: as if the dispute had come last.
            expect(await standing(ctx, invoiceId)).to.equal(
              'open paid 0 settled 0 credited 0 of 58882 balance 0',
            )
            expect(await effectsOf(ctx, tenantId)).to.deep.include({
              ...{ ...once, 'payment.dispute_lost': 1, 'invoice.reopened': 1 },
            })
            const { parked } = await oneRow<{ parked: number }>(
              ctx.db,
              sql`select count(*)::int as parked from public.webhook_events where status not in ('processed', 'ignored')`,
            )
            expect(parked).to.equal(0)
          },
        ),
        { numRuns: times(6, 60), endOnFailure: true },
      )
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('that name nothing wait, and are settled by the one that does', () =>
    billing(day, async (ctx) => {
      const { invoice, tenant, invoiceId } = await sold(ctx, 'acme')
      const nameless = razorpayEvent('payment.captured', razorpayScenario({ at, amount }), {
        notes: [],
        description: null,
      })
      await arrive(ctx, { provider: 'razorpay', ...nameless })
      await processDueEvents(ctx, { limit: 10, parallel: 1 })
      expect(await outcomes(ctx)).to.deep.equal({ 'parked invoice.unknown': 1 })
      await arrive(ctx, razorpay('payment_link.paid', { invoice, tenant }))
      await processDueEvents(ctx, { limit: 10, parallel: 1 })
      expect(await outcomes(ctx)).to.deep.equal({
        'processed payment.booked': 1,
        'processed payment.known': 1,
      })
      expect(await standing(ctx, invoiceId)).to.equal(paidInFull)
    }))

  it('of a link that takes parts pay a part each, whichever of the events of a part comes first', () =>
    billing(day, async (ctx) => {
      const { invoice, tenant, invoiceId } = await sold(ctx, 'acme')
      const of = { invoice, tenant, payment: 'pay_part', part: 20_000 }
      const captured = razorpayEvent(
        'payment.captured',
        razorpayScenario({ at, amount: 20_000, ...of, reference: '' }),
      )
      await arrive(ctx, { provider: 'razorpay', ...captured })
      await processDueEvents(ctx, { limit: 10, parallel: 1 })
      expect(await outcomes(ctx)).to.deep.equal({ 'parked payment.wrong_amount': 1 })
      await arrive(ctx, razorpay('payment_link.partially_paid', of))
      await processDueEvents(ctx, { limit: 10, parallel: 1 })
      expect(await outcomes(ctx)).to.deep.equal({
        'processed payment.booked': 1,
        'processed payment.known': 1,
      })
      expect(await standing(ctx, invoiceId)).to.equal(
        'open paid 20000 settled 0 credited 0 of 58882 balance 0',
      )
    }))

  it('that cannot be read, of an unknown type, of an unpaid session, of live money: stated, and nothing booked', () =>
    billing(day, async (ctx) => {
      const { invoice, tenant, invoiceId } = await sold(ctx, 'acme')
      const of = { invoice, tenant }
      const unpaid = stripeEvent('checkout.session.completed', stripeScenario({ at, amount, ...of }), {
        payment_status: 'unpaid',
      })
      for (const told of [
        { provider: 'stripe' as const, id: 'evt_broken', body: Buffer.from('{"object":"event"') },
        stripe('customer.created', of),
        { provider: 'stripe' as const, ...unpaid },
        stripe('payment_intent.succeeded', { ...of, live: true }),
        razorpay('payment_link.paid', { ...of, live: true }),
      ])
        await arrive(ctx, told)
      await processDueEvents(ctx, { limit: 10, parallel: 1 })
      expect(await outcomes(ctx)).to.deep.equal({
        ...{
          'parked event.unreadable': 1,
          'ignored event.unknown_type': 1,
          'ignored event.session_unpaid': 1,
        },
        'parked payment.mode_differs': 2,
      })
      expect(await standing(ctx, invoiceId)).to.match(/^open paid 0/)
      // Days later the bank has paid.
      await arrive(ctx, stripe('checkout.session.async_payment_succeeded', of))
      await processDueEvents(ctx, { limit: 10, parallel: 1 })
      expect(await standing(ctx, invoiceId)).to.equal(paidInFull)
    }))
})
