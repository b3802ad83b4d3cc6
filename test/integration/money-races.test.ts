/** Everybody who moves a tenant's money, at once and on connections of their own: nobody waits for ever, the book proves itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { auditBook } from '../../src/billing/audit/audit-book.js'
import { creditInvoice } from '../../src/billing/book/credit-invoice.js'
import { recordPayment } from '../../src/billing/book/record-payment.js'
import { sendInvoice } from '../../src/billing/book/send-invoice.js'
import { voidInvoice } from '../../src/billing/book/void-invoice.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { openCheckout } from '../../src/payments/checkout/open-checkout.js'
import { processDueEvents } from '../../src/payments/inbox/process-events.js'
import { reconcile } from '../../src/payments/reconcile/reconcile.js'
import { refundPayment } from '../../src/payments/refunds/refund-payment.js'
import { billed, indianSupplier } from '../support/billing.js'
import { addDays } from '../../src/kernel/dates.js'
import { onDay } from '../support/clock.js'
import { ranDaily } from '../support/daily.js'
import { TestProvider, withProviders } from '../support/gateway.js'
import { arrive, outcomes } from '../support/inbox.js'
import { faultsOf, issued, local } from '../support/issued.js'
import { times } from '../support/place.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import { stripeEvent, stripeScenario } from '../support/providers/events.js'
import type { DailyResult } from '../../src/workflows/daily-billing/run.js'
import type { OpenedContext } from '../../src/context.js'
import type { Context } from '../../src/kernel/context.js'
import type { ProviderPayment } from '../../src/kernel/payment-gateway.js'
import type { TenantId } from '../../src/kernel/ids.js'

const issuedOn = '2026-04-10'

const rounds = times(2, 12)

describe("a tenant's money, moved by everybody at once", function () {
  this.timeout(times(120_000, 900_000))
  const home = throwAwayFolder()
  const opened: OpenedContext[] = []
  const provider = new TestProvider('stripe')
  let tenantId: TenantId

  before(async () => {
    for (let one = 0; one < 4; one++) opened.push(await openThrowAway(home))
    const [ctx] = opened
    if (!ctx) return
    await setSupplier(onDay(ctx, issuedOn), indianSupplier, false)
    const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
    tenantId = (await subscribedTenant(ctx, 'acme', { ...indian, startedOn: issuedOn, modules: ['crm'] })).id
  })
  after(async () => {
    for (const ctx of opened) await ctx.close()
    await removeServer(home)
  })

  for (let round = 1; round <= rounds; round++) {
    it(`leaves a book that proves itself, round ${round}`, async () => {
      // What is open of the round before is overdue by now: dunning suspends whom others restore.
      const today = addDays(issuedOn, 16 * round)
      const people = opened.map((one) => onDay(withProviders(one, provider), today))
      const [ctx] = people
      if (!ctx) throw new Error('nobody is there')
      const old = await rows<{ number: string; amount: string }>(
        ctx.db,
        sql`select number, ((total_minor - credit_applied_minor - paid_minor - settled_minor - credited_minor) / 100.0)::numeric(12, 2)::text as amount
            from public.invoices where status = 'open' order by number`,
      )
      const invoices: { id: string; number: string }[] = []
      for (let one = 0; one < 8; one++)
        invoices.push(await issued(ctx, tenantId, [local(10_000n, 900n)], { on: today, due: today }))
      const paid: ProviderPayment[] = []
      for (const { number } of invoices.slice(0, 5)) {
        const { checkout } = await openCheckout(ctx, number)
        paid.push(provider.pay(checkout.provider_checkout_id ?? ''))
      }
      for (const event of paid.flatMap(eventsOf)) await arrive(ctx, event)
      const wrong: string[] = []
      await Promise.all(
        shuffled([
          ...Array.from(
            { length: 12 },
            () => (me: Context) => processDueEvents(me, { limit: 20, parallel: 2 }),
          ),
          ...Array.from({ length: 3 }, () => (me: Context) => reconciled(me)),
          ...invoices.flatMap(({ number }) => [
            (me: Context) => openCheckout(me, number),
            (me: Context) => sendInvoice(me, number, { to: null, again: false }),
          ]),
          ...invoices.slice(4).map(
            ({ number }) =>
              (me: Context) =>
                recordPayment(me, number, { amount: '60.00', reference: `UTR ${number}` }, false),
          ),
          ...invoices
            .slice(5)
            .flatMap(({ number }) => [
              (me: Context) => voidInvoice(me, number, { reason: 'wrong', dryRun: false }),
              (me: Context) => creditInvoice(me, number, { ...credit, amount: '10.00' }, false),
            ]),
          ...paid.map(
            ({ id }, index) =>
              (me: Context) =>
                onceKnown(() => refundPayment(me, id, { ...refund, reopen: index % 2 === 0 }, false)),
          ),
          ...old.map(
            ({ number, amount }) =>
              (me: Context) =>
                recordPayment(me, number, { amount, reference: `last ${number}` }, false),
          ),
          ...paid.slice(0, 2).map((payment) => (me: Context) => arrive(me, disputeOf(payment))),
          ...Array.from({ length: 2 }, () => (me: Context) => ranDaily(me, { skip: ['mails'], wait: true })),
          ...Array.from({ length: 2 }, () => (me: Context) => billed(me, { wait: true })),
        ]).map(async (work, index) => {
          const me = people[index % people.length]
          if (!me) return
          try {
            await work(me)
          } catch (error) {
            if (!(error instanceof ErpmaxError) || !['conflict', 'busy', 'not_found'].includes(error.kind))
              wrong.push(
                `${(error as Error).message} ${(error as { where?: string }).where ?? ''} ${String(work)}`,
              )
          }
        }),
      )
      expect(wrong).to.deep.equal([])
      const { deadlocks } = await oneRow<{ deadlocks: number }>(
        ctx.db,
        sql`select deadlocks::int from pg_stat_database where datname = current_database()`,
      )
      await settle(ctx)
      expect(
        Object.keys(await outcomes(ctx)).filter((name) => !/^(processed|ignored)/.test(name)),
      ).to.deep.equal([])
      expect(await faultsOf(ctx)).to.deep.equal([])
      expect(await findings(ctx)).to.deep.equal([])
      const booked = await rows<{ id: string }>(
        ctx.db,
        sql`select provider_payment_id as id from public.payments where provider = 'stripe' and status = 'succeeded'`,
      )
      expect(booked.map(({ id }) => id).sort()).to.deep.equal([...provider.paid.keys()].sort())
      const given = [...provider.given.values()].reduce((sum, { amount }) => sum + amount.amountMinor, 0n)
      const { refunded } = await oneRow<{ refunded: bigint }>(
        ctx.db,
        sql`select coalesce(sum(refunded_minor), 0)::bigint as refunded from public.payments`,
      )
      expect(refunded).to.equal(given + 2n * 4000n * BigInt(round))
      expect(deadlocks, 'deadlocks').to.equal(0)
    })
  }

  it('the biller, who goes from subscriptions to tenants, and dunning do not wait for each other', async () => {
    const today = addDays(issuedOn, 16 * (rounds + 1))
    const [biller, dunning] = opened.map((one) => onDay(one, today))
    if (!biller || !dunning) throw new Error('nobody is there')
    await issued(biller, tenantId, [local(10_000n, 900n)], {
      on: addDays(today, -5),
      due: addDays(today, -3),
    })
    let run: Promise<DailyResult> | undefined
    await transaction(biller, async (inner) => {
      await rows(inner.db, sql`select 1 from public.subscriptions where tenant_id = ${tenantId} for update`)
      run = ranDaily(dunning, { skip: ['changes', 'invoices', 'reminders', 'documents', 'mails'] })
      for (;;) {
        const waits = sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'public.subscriptions'`
        if ((await execute(opened[2]?.db ?? inner.db, waits)) > 0) break
        await sleep(20)
      }
      // Whatever is written of the tenant refers to it, as an invoice does.
      await rows(inner.db, sql`select 1 from public.tenants where id = ${tenantId} for key share`)
    })
    expect((await run)?.results.dunning).to.deep.include({ failed: 0, entered: 1 })
  })

  async function settle(ctx: Context): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      await execute(
        ctx.db,
        sql`update public.webhook_events set next_attempt_at = clock_timestamp() where status = 'received'`,
      )
      await processDueEvents(ctx, { limit: 1000 })
    }
    await reconciled(ctx)
  }
})

const credit = { line: null, amount: null, commercial: false, reason: 'less' }
const refund = { amount: '50.00', reason: 'less', commercial: false, reference: null }

/** Contested, and lost, as the last that is told of it: 40.00 of what was paid. */
function disputeOf(payment: ProviderPayment) {
  const dispute = `dp_${payment.id}`
  const of = { payment: payment.id, dispute, part: 4000, amount: Number(payment.amount.amountMinor) }
  const event = stripeEvent('charge.dispute.closed', stripeScenario(of), { status: 'lost' }, `evt_${dispute}`)
  return { provider: 'stripe' as const, ...event }
}

/** Its payment may not be in the book yet. */
async function onceKnown(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await work()
      return
    } catch (error) {
      if (!(error instanceof ErpmaxError) || error.code !== 'payment.not_found' || tries > 100) throw error
      await sleep(20)
    }
  }
}

/** Three of one payment, each with an id of its own, and one of them twice. */
function eventsOf(payment: ProviderPayment) {
  const of = stripeScenario({
    ...{ at: payment.at, amount: Number(payment.amount.amountMinor), payment: payment.id },
    ...{ checkout: payment.checkoutId ?? '', reference: payment.about.reference ?? '' },
    ...{ invoice: payment.about.invoice ?? '', tenant: 'acme' },
  })
  const told = (
    ['payment_intent.processing', 'payment_intent.succeeded', 'checkout.session.completed'] as const
  ).map((type) => ({
    provider: 'stripe' as const,
    ...stripeEvent(type, of, {}, `evt_${payment.id}_${type}`),
  }))
  return [...told, ...told.slice(1)]
}

async function reconciled(ctx: Context): Promise<void> {
  const events = reconcile(ctx, { since: new Date('2026-04-01T00:00:00Z'), provider: null, dryRun: false })
  while (!(await events.next()).done);
}

async function findings(ctx: Context): Promise<unknown[]> {
  const events = auditBook(ctx, { from: null, to: null })
  for (;;) {
    const next = await events.next()
    // The invoices of this test have no place of supply.
    if (next.done) return next.value.findings.filter(({ code }) => !code.startsWith('tax.'))
  }
}

function shuffled<Item>(items: Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
