/** What a provider says becomes money in the book, each effect once: amounts worked out by hand. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { bookNotice, type NoticeOutcome } from '../../src/payments/notices/book-notice.js'
import { recordPayment } from '../../src/billing/book/record-payment.js'
import { creditInvoice } from '../../src/billing/book/credit-invoice.js'
import { voidInvoice } from '../../src/billing/book/void-invoice.js'
import { suspendTenant } from '../../src/tenants/suspend.js'
import { billing } from '../support/billing.js'
import { faultsOf, issued, spendBalance, standing, untaxed } from '../support/issued.js'
import { closedSaid, disputeSaid, paymentSaid, refundSaid, type Said } from '../support/notices.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { PaymentNotice } from '../../src/kernel/payment-gateway.js'
import type { TenantId } from '../../src/kernel/ids.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
const day = '2026-04-10'

interface Scene {
  ctx: Context
  tenantId: TenantId
  /** Of 1,000.00, due on 17 April. */
  invoice: { id: string; number: string }
  say(notice: PaymentNotice, at?: Context): Promise<NoticeOutcome>
  /** A payment that names number and tenant. */
  paid(said?: Partial<Said>): Promise<string>
  on(day: string): Context
}

function scene(work: (scene: Scene) => Promise<void>): Promise<void> {
  return billing(day, async (ctx, { on }) => {
    const { id: tenantId } = await subscribedTenant(ctx, 'acme', { ...indian, startedOn: day })
    const invoice = await issued(ctx, tenantId, [untaxed(100_000n)], { on: day })
    const say = (notice: PaymentNotice, at: Context = ctx): Promise<NoticeOutcome> =>
      bookNotice(at, 'stripe', notice)
    const about = { invoice: invoice.number, tenant: 'acme' }
    const paid = async (said: Partial<Said> = {}): Promise<string> => {
      const { status, outcome } = await say(paymentSaid({ minor: 100_000n, about, ...said }))
      return `${status} ${outcome}`
    }
    await work({ ctx, tenantId, invoice, say, paid, on })
    expect(await faultsOf(ctx)).to.deep.equal([])
  })
}

async function asked(
  { ctx, tenantId, invoice }: Scene,
  { minor = 100_000n, attempt = 1 }: { minor?: bigint; attempt?: number } = {},
): Promise<string> {
  const reference = `${invoice.number}-${attempt}`
  await execute(
    ctx.db,
    sql`insert into public.checkouts (tenant_id, invoice_id, provider, attempt, reference, status, live, currency, amount_minor, operator)
        values (${tenantId}, ${invoice.id}, 'stripe', ${attempt}, ${reference}, 'creating', false, 'INR', ${minor}, 'tester')`,
  )
  await execute(
    ctx.db,
    sql`update public.checkouts set status = 'open', provider_checkout_id = ${`cs_${attempt}`}, url = 'https://pay.test' where reference = ${reference}`,
  )
  return reference
}

/** What has left the house, by topic; and receipts. */
async function effects({ ctx }: Scene): Promise<Record<string, number>> {
  const found = await rows<{ name: string; count: number }>(
    ctx.db,
    sql`select topic as name, count(*)::int as count from public.outbox where topic ~ '^(payment|invoice|tenant[.]resumed)' group by topic
        union all select 'audit ' || action, count(*)::int from public.audit_log
          where action ~ '^payment[.]' and operator = ${ctx.actor.operator} and tenant_id in (select id from public.tenants) group by action
        union all select kind, count(*)::int from public.mails group by kind`,
  )
  return Object.fromEntries(found.map(({ name, count }) => [name, count]))
}

const once = { 'payment.received': 1, 'invoice.paid': 1, 'audit payment.receive': 1, receipt: 1 }
const paidInFull = 'paid paid 100000 settled 0 credited 0 of 100000 balance 0'
const untouched = 'open paid 0 settled 0 credited 0 of 100000 balance 0'

describe('a payment that a provider speaks of', () => {
  it('pays the invoice it names, to the paisa, on the day the supplier had, however often it is told', () =>
    scene(async (all) => {
      const { ctx, invoice, paid } = all
      // 20:00 UTC on the 12th is the 13th in India.
      expect(await paid({ at: '2026-04-12T20:00:00Z' })).to.equal('processed payment.booked')
      for (let again = 0; again < 3; again++) expect(await paid()).to.equal('processed payment.known')
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
      expect(await effects(all)).to.deep.equal(once)
      const payment = await oneRow(
        ctx.db,
        sql`select status, provider_payment_id, method, amount_minor, applied_minor, received_on from public.payments`,
      )
      expect(payment).to.deep.equal({
        ...{ status: 'succeeded', provider_payment_id: 'pi_1', method: 'card' },
        ...{ amount_minor: 100_000n, applied_minor: 100_000n, received_on: '2026-04-13' },
      })
      const mail = await oneRow<{ data: object; to: string }>(
        ctx.db,
        sql`select data, to_address as to, dedupe_key = 'receipt:' || (select id from public.payments) as keyed from public.mails`,
      )
      const money = (amount_minor: number) => ({ amount_minor, currency: 'INR' })
      expect(mail).to.deep.equal({
        ...{ to: 'owner@acme.test', keyed: true },
        data: {
          ...{ company: 'Company acme', amount: money(100_000), paid_on: '2026-04-13' },
          invoices: [{ number: invoice.number, amount: money(100_000) }],
          ...{ remaining: money(0), credit: null },
        },
      })
    }))

  it('is found by the reference of its checkout, by the checkout, and by what was noted before', () =>
    scene(async (all) => {
      const { ctx, say, invoice } = all
      const reference = await asked(all)
      const nothing = { invoice: null, tenant: null }
      const { outcome } = await say(
        paymentSaid({ minor: 100_000n, about: nothing, checkoutId: 'cs_1', status: 'failed' }),
      )
      expect(outcome).to.equal('payment.failed')
      // The row knows the invoice by now.
      expect(
        (await say(paymentSaid({ minor: 100_000n, about: nothing, status: 'pending' }))).outcome,
      ).to.equal('payment.known')
      expect((await say(paymentSaid({ minor: 100_000n, about: { reference } }))).outcome).to.equal(
        'payment.booked',
      )
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
      expect(await oneRow(ctx.db, sql`select status from public.checkouts`)).to.deep.equal({ status: 'paid' })
    }))

  it('that failed is overridden by its success, and never undoes it', () =>
    scene(async (all) => {
      const { ctx, invoice, paid } = all
      expect(await paid({ status: 'pending' })).to.equal('processed payment.pending')
      expect(await paid({ status: 'failed' })).to.equal('processed payment.failed')
      expect(await paid({ status: 'failed' })).to.equal('processed payment.known')
      expect(await paid({ status: 'pending' })).to.equal('processed payment.known')
      expect(await standing(ctx, invoice.id)).to.equal(untouched)
      expect(await paid()).to.equal('processed payment.booked')
      for (const status of ['failed', 'pending'] as const)
        expect(await paid({ status })).to.equal('ignored payment.succeeded_before')
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
      expect(await effects(all)).to.deep.equal({ ...once, 'payment.failed': 1, 'audit payment.fail': 1 })
    }))

  for (const [what, said, outcome] of [
    ['of another amount', { minor: 99_999n }, 'payment.wrong_amount'],
    ['of more than was asked', { minor: 100_001n }, 'payment.wrong_amount'],
    ['of nothing', { minor: 0n }, 'payment.wrong_amount'],
    ['in another currency', { currency: 'USD' }, 'payment.wrong_currency'],
    [
      'of an invoice nobody knows',
      { about: { invoice: 'ERP/26-27/09999', tenant: 'acme' } },
      'invoice.unknown',
    ],
    [
      "of somebody else's invoice",
      { about: { invoice: 'ERP/26-27/00001', tenant: 'globex' } },
      'invoice.unknown',
    ],
    ['that names nothing', { about: {} }, 'invoice.unknown'],
    ['of the other mode', { live: true }, 'payment.mode_differs'],
  ] as const) {
    it(`${what} is parked as ${outcome}: the invoice stays open`, () =>
      scene(async (all) => {
        expect(await all.paid(said)).to.equal(`parked ${outcome}`)
        expect(await standing(all.ctx, all.invoice.id)).to.equal(untouched)
        expect(await effects(all)).to.deep.equal({})
        // The right one, afterwards, is booked all the same.
        expect(await all.paid()).to.equal('processed payment.booked')
      }))
  }

  it('of the amount its checkout asked for goes where it fits: what is open, and the rest to the credit balance', () =>
    scene(async (all) => {
      const { ctx, invoice, say } = all
      const reference = await asked(all)
      await recordPayment(ctx, invoice.number, { amount: '400.00' }, false)
      const wrong = await say(paymentSaid({ minor: 60_000n, about: { reference } }))
      expect(wrong.outcome).to.equal('payment.wrong_amount')
      const { outcome, detail } = await say(paymentSaid({ minor: 100_000n, about: { reference } }))
      expect(outcome).to.equal('payment.overpaid')
      expect(detail).to.deep.include({ to_balance: { amount_minor: 40_000, currency: 'INR' } })
      expect(await standing(ctx, invoice.id)).to.equal(
        'paid paid 100000 settled 0 credited 0 of 100000 balance 40000',
      )
      // Another payment of an invoice that is paid.
      expect(await all.paid({ id: 'pi_2' })).to.equal('processed payment.to_balance')
      expect(await standing(ctx, invoice.id)).to.equal(
        'paid paid 100000 settled 0 credited 0 of 100000 balance 140000',
      )
    }))

  it('of a part pays a part where it is what was asked for, or the provider says that it is one', () =>
    scene(async (all) => {
      const { ctx, invoice, say } = all
      const reference = await asked(all, { minor: 30_000n })
      expect((await say(paymentSaid({ minor: 30_000n, about: { reference } }))).outcome).to.equal(
        'payment.booked',
      )
      expect(await standing(ctx, invoice.id)).to.equal(
        'open paid 30000 settled 0 credited 0 of 100000 balance 0',
      )
      expect(await all.paid({ id: 'pi_2', minor: 20_000n })).to.equal('parked payment.wrong_amount')
      expect(await all.paid({ id: 'pi_2', minor: 20_000n, part: true })).to.equal('processed payment.booked')
      expect(await all.paid({ id: 'pi_3', minor: 50_000n })).to.equal('processed payment.booked')
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
      expect(await effects(all)).to.deep.include({ 'invoice.paid': 1, 'payment.received': 3, receipt: 3 })
    }))

  it('of a void invoice is kept as credit', () =>
    scene(async (all) => {
      const { ctx, invoice, paid } = all
      await voidInvoice(ctx, invoice.number, { reason: 'slip', dryRun: false })
      expect(await paid()).to.equal('processed payment.to_balance')
      expect(await standing(ctx, invoice.id)).to.equal(
        'void paid 0 settled 0 credited 0 of 100000 balance 100000',
      )
    }))

  it('told with another amount once it is booked is laid aside', () =>
    scene(async ({ ctx, invoice, paid }) => {
      await paid()
      expect(await paid({ minor: 50_000n })).to.equal('parked payment.amount_differs')
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
    }))

  it('restores what billing has suspended once nothing is overdue, and what an operator has, never', () =>
    scene(async (all) => {
      const { ctx, tenantId, invoice, on, say } = all
      const second = await issued(on('2026-04-11'), tenantId, [untaxed(100n)], { on: '2026-04-11' })
      const late = on('2026-05-02')
      const suspend = (cause: 'billing' | 'operator') =>
        suspendTenant(late, { id: tenantId }, { cause, reason: 'late', bills: false, dryRun: false })
      const state = async (): Promise<string> =>
        (
          await oneRow<{ state: string }>(
            ctx.db,
            sql`select t.status || ' ' || s.status as state from public.tenants t join public.subscriptions s on s.tenant_id = t.id`,
          )
        ).state
      for (const status of ['past_due', 'suspended'])
        await execute(ctx.db, sql`update public.subscriptions set status = ${status}`)
      await suspend('billing')
      const of = (number: string, id: string, minor: bigint) =>
        say(paymentSaid({ id, minor, about: { invoice: number, tenant: 'acme' } }), late)
      await of(second.number, 'pi_1', 100n)
      expect(await state()).to.equal('suspended suspended')
      expect((await of(invoice.number, 'pi_2', 100_000n)).detail).to.deep.include({ suspension_lifted: true })
      expect(await state()).to.equal('active active')
      expect((await effects(all))['tenant.resumed']).to.equal(1)
      await suspend('operator')
      const third = await issued(on('2026-05-02'), tenantId, [untaxed(700n)], { on: '2026-05-02' })
      expect((await of(third.number, 'pi_3', 700n)).outcome).to.equal('payment.booked')
      expect(await state()).to.equal('suspended active')
    }))
})

describe('a checkout that is closed', () => {
  it('is so once, and its money counts whenever it comes', () =>
    scene(async (all) => {
      const { ctx, say } = all
      const reference = await asked(all)
      const close = async () => (await say(closedSaid('expired', { reference }))).outcome
      expect([await close(), await close()]).to.deep.equal(['checkout.expired', 'checkout.known'])
      expect((await say(paymentSaid({ minor: 100_000n, about: { reference } }))).outcome).to.equal(
        'payment.booked',
      )
      expect(await close()).to.equal('checkout.known')
      expect(await oneRow(ctx.db, sql`select status from public.checkouts`)).to.deep.equal({ status: 'paid' })
      expect((await say(closedSaid('expired', {}, 'cs_unknown'))).status).to.equal('ignored')
    }))
})

describe('a dispute', () => {
  it('that is lost takes the money back: the invoice is open again, and can be paid again', () =>
    scene(async (all) => {
      const { ctx, invoice, say, paid } = all
      await paid()
      const said = async (status: 'open' | 'won' | 'lost') =>
        (await say(disputeSaid(status, 100_000n))).outcome
      expect([await said('open'), await said('open')]).to.deep.equal(['dispute.opened', 'dispute.known'])
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
      expect([await said('lost'), await said('lost')]).to.deep.equal(['dispute.lost', 'dispute.known'])
      expect(await standing(ctx, invoice.id)).to.equal(untouched)
      expect([await said('open'), await said('won')]).to.deep.equal([
        'dispute.decided_before',
        'dispute.decided_otherwise',
      ])
      // The payment's own events, delivered once more, bring nothing back.
      expect(await paid()).to.equal('processed payment.known')
      expect(await standing(ctx, invoice.id)).to.equal(untouched)
      expect(await effects(all)).to.deep.equal({
        ...once,
        ...{
          'payment.disputed': 1,
          'payment.dispute_lost': 1,
          'invoice.reopened': 1,
          'audit payment.dispute': 2,
        },
      })
      expect(await paid({ id: 'pi_2' })).to.equal('processed payment.booked')
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
    }))

  it('that is won changes nothing; one of a part takes what was overpaid, then from the invoice', () =>
    scene(async (all) => {
      const { ctx, invoice, say, paid } = all
      await recordPayment(ctx, invoice.number, { amount: '400.00' }, false)
      await paid()
      await say(disputeSaid('won', 100_000n))
      expect(await standing(ctx, invoice.id)).to.equal(
        'paid paid 100000 settled 0 credited 0 of 100000 balance 40000',
      )
      // 600.00 of it paid the invoice, 400.00 are in the balance: 700.00 take all of the other and 300.00 of the one.
      expect((await say(disputeSaid('lost', 70_000n, { id: 'dp_2' }))).outcome).to.equal('dispute.lost')
      expect(await standing(ctx, invoice.id)).to.equal(
        'open paid 70000 settled 0 credited 0 of 100000 balance 0',
      )
      expect((await say(disputeSaid('lost', 40_000n, { id: 'dp_3' }))).outcome).to.equal(
        'dispute.exceeds_payment',
      )
    }))

  it('of less than was overpaid leaves the invoice paid', () =>
    scene(async ({ ctx, invoice, say, paid }) => {
      await recordPayment(ctx, invoice.number, { amount: '200.00' }, false)
      await paid()
      expect((await say(disputeSaid('lost', 15_000n))).outcome).to.equal('dispute.lost')
      expect(await standing(ctx, invoice.id)).to.equal(
        'paid paid 100000 settled 0 credited 0 of 100000 balance 5000',
      )
    }))

  it('of an invoice that was credited since takes what the credit note brought, and it is not given back again', () =>
    scene(async (all) => {
      const { ctx, invoice, say, paid } = all
      await paid()
      const credit = { line: null, amount: '700.00', reason: 'less', commercial: false }
      await creditInvoice(ctx, invoice.number, credit, false)
      expect((await say(disputeSaid('lost', 50_000n))).outcome).to.equal('dispute.lost')
      expect(await standing(ctx, invoice.id)).to.equal(
        'paid paid 100000 settled 0 credited 0 of 100000 balance 20000',
      )
      // 200.00 are left of the credit note, 300.00 come from the invoice.
      expect((await say(disputeSaid('lost', 50_000n, { id: 'dp_2' }))).outcome).to.equal('dispute.lost')
      expect(await standing(ctx, invoice.id)).to.equal(
        'open paid 70000 settled 0 credited 0 of 100000 balance 0',
      )
    }))

  it('whose money has paid something else since waits for a person', () =>
    scene(async ({ ctx, tenantId, invoice, say, paid, on }) => {
      await recordPayment(ctx, invoice.number, { amount: '400.00' }, false)
      await paid()
      const other = await issued(on('2026-05-02'), tenantId, [untaxed(50_000n)], { on: '2026-05-02' })
      await spendBalance(ctx, other.id, 40_000n)
      const before = await standing(ctx, invoice.id)
      const { status, outcome } = await say(disputeSaid('lost', 100_000n))
      expect([status, outcome]).to.deep.equal(['parked', 'dispute.balance_used'])
      expect(await standing(ctx, invoice.id)).to.equal(before)
    }))

  it('of a payment nobody knows yet waits for it', () =>
    scene(async ({ say, paid }) => {
      const early = await say(disputeSaid('lost', 100_000n))
      expect([early.status, early.outcome]).to.deep.equal(['parked', 'payment.unknown'])
      expect(early.detail).to.deep.include({ provider_payment_id: 'pi_1' })
      await paid({ status: 'failed' })
      expect((await say(disputeSaid('lost', 100_000n))).outcome).to.equal('payment.unknown')
    }))
})

describe('a refund', () => {
  it('takes what its credit note has brought, once; of a payment nobody knows yet it waits', () =>
    scene(async ({ ctx, invoice, say, paid }) => {
      const early = await say(refundSaid('succeeded', 30_000n))
      expect([early.status, early.outcome]).to.deep.equal(['parked', 'payment.unknown'])
      await paid()
      await creditInvoice(
        ctx,
        invoice.number,
        { line: null, amount: '300.00', commercial: false, reason: 'outage' },
        false,
      )
      expect(await standing(ctx, invoice.id)).to.equal(
        'paid paid 100000 settled 0 credited 0 of 100000 balance 30000',
      )
      expect((await say(refundSaid('succeeded', 30_000n))).status).to.equal('processed')
      for (const status of ['succeeded', 'pending'] as const)
        expect((await say(refundSaid(status, 30_000n))).outcome).to.equal('refund.known')
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
    }))
})

describe('a refund made at the provider that failed before anybody heard of it', () => {
  it('has no effect, in whatever order its events come', () =>
    scene(async ({ ctx, invoice, paid, say }) => {
      await paid()
      const told: string[] = []
      for (const status of ['failed', 'pending', 'failed', 'succeeded'] as const)
        told.push((await say(refundSaid(status, 40_000n))).outcome)
      expect(told).to.deep.equal(['refund.failed', ...Array<string>(3).fill('refund.known')])
      expect(await standing(ctx, invoice.id)).to.equal(paidInFull)
      const { refunds } = await oneRow<{ refunds: string }>(
        ctx.db,
        sql`select string_agg(status || ' ' || amount_minor, ', ') as refunds from public.refunds`,
      )
      expect(refunds).to.equal('failed 40000')
    }))
})
