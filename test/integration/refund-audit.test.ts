/** A book with money of a provider in it, given back, contested and lost: audit, export and statement tell it rightly, and name what is wrong. */
import { expect } from 'chai'
import { auditBook } from '../../src/billing/audit/audit-book.js'
import { recordPayment } from '../../src/billing/book/record-payment.js'
import { exportBook } from '../../src/billing/export/export-book.js'
import { execute, rows, sql, verbatim } from '../../src/database/sql.js'
import { openCheckout } from '../../src/payments/checkout/open-checkout.js'
import { bookNotice } from '../../src/payments/notices/book-notice.js'
import { refundPayment } from '../../src/payments/refunds/refund-payment.js'
import { asOperator } from '../../src/tenants/move.js'
import { showInvoice } from '../../src/views/invoice.js'
import { showPayment } from '../../src/views/payment.js'
import { listPayments } from '../../src/views/payments.js'
import { readStatement } from '../../src/views/statement.js'
import { billing } from '../support/billing.js'
import { TestProvider, withProviders } from '../support/gateway.js'
import { issued, local } from '../support/issued.js'
import { disputeSaid, paymentSaid } from '../support/notices.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

const day = '2026-04-10'
const reason = 'outage of 3 April'
const input = { reason, reopen: false, commercial: false, reference: null, amount: null }
const number = (n: number): string => `ERP/26-27/0000${n}`

/**
 * Four invoices of 118.00, paid at Stripe on 12 April, the last one by 150.00:
 * 1: 59.00 given back with a credit note. 2: all given back, the invoice open again. 3: a dispute of all of it, lost.
 * 4: 32.00 too much, of which 10.00 are given back; a dispute of 20.00, open.
 */
function paidBook(work: (ctx: Context) => Promise<void>): Promise<void> {
  return billing(day, async (outer, { on }) => {
    const india = { country: 'IN', currency: 'INR', timeZone: 'Asia/Kolkata' }
    const { id } = await subscribedTenant(outer, 'acme', { ...india, startedOn: day })
    await asOperator(outer)
    const stripe = new TestProvider('stripe')
    for (const n of [1, 2, 3, 4]) {
      await issued(outer, id, [local(10000n, 900n)], { on: day })
      const ctx = withProviders(outer, stripe)
      const { checkout } = await openCheckout(ctx, number(n))
      if (n === 4) {
        const minor = 15_000n
        const about = { reference: checkout.reference }
        await execute(
          ctx.db,
          sql`update public.checkouts set amount_minor = ${minor} where id = ${checkout.id}`,
        )
        const payment = {
          ...stripe.pay(checkout.provider_checkout_id ?? ''),
          amount: { amountMinor: minor, currency: 'INR' },
        }
        stripe.paid.set(payment.id, payment)
        await bookNotice(ctx, 'stripe', paymentSaid({ id: payment.id, minor, about }))
      } else {
        const payment = {
          ...stripe.pay(checkout.provider_checkout_id ?? ''),
          at: new Date('2026-04-12T10:00:00Z'),
        }
        stripe.paid.set(payment.id, payment)
        await bookNotice(ctx, 'stripe', { kind: 'payment', payment })
      }
    }
    const ctx = withProviders(on('2026-04-20'), stripe)
    const of = new Map(
      (
        await rows<{ number: string; id: string }>(
          ctx.db,
          sql`select i.number, p.provider_payment_id as id from public.payments p join public.invoices i on i.id = p.invoice_id`,
        )
      ).map((row) => [row.number, row.id]),
    )
    const paymentOf = (n: number): string => of.get(number(n)) ?? ''
    await refundPayment(ctx, paymentOf(1), { ...input, amount: '59.00' }, false)
    await refundPayment(ctx, paymentOf(2), { ...input, reopen: true }, false)
    await refundPayment(ctx, paymentOf(4), { ...input, amount: '10.00' }, false)
    const dispute = (n: number, status: 'open' | 'lost', minor: bigint) =>
      bookNotice(ctx, 'stripe', disputeSaid(status, minor, { id: `dp_${n}`, paymentId: paymentOf(n) }))
    for (const status of ['open', 'lost'] as const)
      expect((await dispute(3, status, 11800n)).status).to.equal('processed')
    await dispute(4, 'open', 2000n)
    await work(on('2026-04-25'))
  })
}

async function findings(ctx: Context): Promise<string[]> {
  await rows(ctx.db, sql`set constraints all immediate`)
  const events = auditBook(ctx, { from: null, to: null })
  for (;;) {
    const next = await events.next()
    // The invoices of this test have no place of supply.
    if (next.done)
      return next.value.findings
        .filter(({ code }) => !code.startsWith('tax.'))
        .map(({ code, document, expected, found }) => [code, document, expected, found].join(' | '))
  }
}

async function withFault(ctx: Context, statements: readonly string[]): Promise<string[]> {
  await rows(ctx.db, sql`savepoint fault`)
  await rows(ctx.db, sql`set constraints all immediate`)
  await rows(ctx.db, sql`set local session_replication_role = replica`)
  for (const statement of statements) {
    const touched = await execute(ctx.db, verbatim(statement))
    if (!statement.startsWith('alter')) expect(touched, statement).to.be.greaterThan(0)
  }
  const found = await findings(ctx)
  await rows(ctx.db, sql`rollback to savepoint fault`)
  return found
}

const paymentOf = (n: number): string =>
  `(select p.id from public.payments p join public.invoices i on i.id = p.invoice_id where i.number = '${number(n)}' limit 1)`

describe('money that goes back, in the book', () => {
  it('the audit finds nothing in it, and names each fault that is planted', () =>
    paidBook(async (ctx) => {
      expect(await findings(ctx)).to.deep.equal([])
      const balance = (by: number): string =>
        `update public.credit_balances set balance_minor = balance_minor + ${by} where currency = 'INR'`
      const name = await idOf(ctx, 1)
      const unledgered = await withFault(ctx, [
        `delete from public.credit_ledger where kind = 'refunded' and payment_id = ${paymentOf(1)}`,
        balance(5900),
      ])
      expect(unledgered).to.deep.equal([
        `payment.split | stripe ${name} | 59.00 INR | 118.00 INR to the invoice, 0.00 INR to the balance`,
        `refund.ledger | stripe ${name} | -59.00 INR | 0.00 INR`,
      ])
      const twice = await withFault(ctx, [
        'alter table public.payments drop constraint payments_provider_provider_payment_id_key',
        `insert into public.payments (tenant_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on)
         select tenant_id, status, provider, provider_payment_id, method, currency, amount_minor, 0, received_on from public.payments where id = ${paymentOf(1)}`,
        `insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
         select tenant_id, currency, amount_minor, 'overpayment', id from public.payments where invoice_id is null`,
        balance(11800),
      ])
      expect(twice).to.deep.equal([`payment.once | stripe ${name} | booked once | booked again: 118.00 INR`])
      const lost = await idOf(ctx, 3)
      const kept = await withFault(ctx, [
        `update public.payments set refunded_minor = 0, applied_minor = amount_minor where id = ${paymentOf(3)}`,
        `update public.invoices set paid_minor = total_minor, status = 'paid' where number = '${number(3)}'`,
      ])
      expect(kept).to.deep.equal([`payment.refunded | stripe ${lost} | 118.00 INR | 0.00 INR`])
      const open = await idOf(ctx, 2)
      const paidAgain = await withFault(ctx, [
        `update public.payments set applied_minor = amount_minor where id = ${paymentOf(2)}`,
        `update public.invoices set paid_minor = total_minor, status = 'paid' where number = '${number(2)}'`,
      ])
      expect(paidAgain).to.deep.equal([
        `payment.split | stripe ${open} | 0.00 INR | 118.00 INR to the invoice, 0.00 INR to the balance`,
      ])
      const gone = await withFault(ctx, [
        `update public.payments set status = 'failed', refunded_minor = 0 where id = ${paymentOf(3)}`,
        `update public.disputes set status = 'open', lost_on = null, reopened_minor = 0`,
      ])
      expect(gone.map((line) => line.split(' | ')[0])).to.deep.equal(['payment.checkout'])
      expect(await findings(ctx), 'once all is taken back').to.deep.equal([])
    }))

  it('a payment recorded by hand that a provider books too is named', () =>
    paidBook(async (ctx) => {
      const id = await idOf(ctx, 4)
      await recordPayment(
        ctx,
        number(2),
        { amount: '118.00', reference: id, method: 'bank_transfer' } as Parameters<typeof recordPayment>[2],
        false,
      )
      expect(await findings(ctx)).to.deep.equal([
        `payment.once | stripe ${id} | booked once | recorded by hand too: 118.00 INR`,
      ])
    }))

  it('the statement has each on its day, closes with what is open, and knows what was open in between', () =>
    paidBook(async (ctx) => {
      const read = async (to: string) => {
        const { statement } = await readStatement(ctx, 'acme', { from: '2026-04-13', to })
        const [account] = statement.accounts
        if (!account) throw new Error('there is an account')
        return {
          entries: account.entries.map(
            ({ date, kind, number: of, amount }) => `${date} ${kind} ${of} ${amount.amount_minor}`,
          ),
          closing: account.closing.amount_minor,
          balance: account.credit_balance.closing.amount_minor,
          open: account.open_invoices.map(({ number: of, open }) => `${of} ${open.amount_minor}`),
        }
      }
      const { entries, closing, balance, open } = await read('2026-04-25')
      expect(entries).to.deep.equal([
        '2026-04-20 credit_note CN/26-27/00001 -5900',
        `2026-04-20 refund ${number(1)} 5900`,
        `2026-04-20 refund ${number(2)} 11800`,
        `2026-04-20 refund ${number(4)} 1000`,
        `2026-04-20 dispute ${number(3)} 11800`,
      ])
      // 32.00 too much less 10.00; two invoices are open.
      expect(open).to.deep.equal([`${number(2)} 11800`, `${number(3)} 11800`])
      expect([closing, balance]).to.deep.equal([23600 - 2200, 2200])
      const before = await read('2026-04-19')
      expect([before.entries, before.open, before.closing]).to.deep.equal([[], [], -3200])
    }))

  it('the book of the month has them in a table of their own, and comes to the same', () =>
    paidBook(async (ctx) => {
      let text = ''
      const events = exportBook(ctx, {
        ...{ month: '2026-04', format: 'json', output: null, force: false },
        write: (piece) => Promise.resolve(void (text += piece)),
      } as Parameters<typeof exportBook>[1])
      let next = await events.next()
      while (!next.done) next = await events.next()
      expect(next.value.export.reconciles, JSON.stringify(next.value.reconciliation)).to.equal(true)
      expect(next.value.totals[0]).to.deep.include({
        ...{ payments: 4, received: { amount_minor: 50_400, currency: 'INR' } },
        ...{ refunds: 4, refunded: { amount_minor: 30_500, currency: 'INR' } },
      })
      const book = JSON.parse(text) as Record<string, Record<string, unknown>[]>
      expect(
        book.refunds?.map((row) => [
          row.refunded_on,
          row.kind,
          row.invoice,
          row.credit_note,
          row.received_on,
        ]),
      ).to.deep.equal([
        ['2026-04-20', 'refund', number(1), 'CN/26-27/00001', '2026-04-12'],
        ['2026-04-20', 'refund', number(2), null, '2026-04-12'],
        ['2026-04-20', 'refund', number(4), null, '2026-04-12'],
        ['2026-04-20', 'dispute', number(3), null, '2026-04-12'],
      ])
      const minor = (money: unknown) => (money as { amount_minor: number }).amount_minor
      expect(
        book.payments
          ?.map(
            (row) =>
              `${String(row.invoice)} ${minor(row.applied)} ${minor(row.to_balance)} ${minor(row.refunded)}`,
          )
          .toSorted(),
      ).to.deep.equal([
        ...[`${number(1)} 11800 0 5900`, `${number(2)} 0 0 11800`],
        ...[`${number(3)} 0 0 11800`, `${number(4)} 11800 2200 1000`],
      ])
    }))

  it('payment show and list, and invoice show, have what went back and what is contested', () =>
    paidBook(async (ctx) => {
      const { payment, refunds, disputes } = await showPayment(ctx, await idOf(ctx, 4))
      expect(payment).to.deep.include({
        invoice: number(4),
        to_balance: { amount_minor: 2200, currency: 'INR' },
      })
      expect(
        refunds.map(({ status, refunded_on, credit_note }) => [status, refunded_on, credit_note]),
      ).to.deep.equal([['succeeded', '2026-04-20', null]])
      expect(
        disputes.map(({ status, provider_dispute_id, lost_on }) => [status, provider_dispute_id, lost_on]),
      ).to.deep.equal([['open', 'dp_4', null]])
      const page = { sort: 'received_on', limit: 10, cursor: null }
      const { items } = await listPayments(ctx, { tenant: null, invoice: number(1), status: [] }, page)
      expect(items[0]?.to_balance).to.deep.equal({ amount_minor: 0, currency: 'INR' })
      const { invoice } = await showInvoice(ctx, number(3))
      expect(
        invoice.disputes.map(({ status, lost_on, reopened }) => [status, lost_on, reopened.amount_minor]),
      ).to.deep.equal([['lost', '2026-04-20', 11800]])
      await execute(
        ctx.db,
        sql`update public.disputes set created_at = '2026-04-20T20:00:00Z' where lost_on is not null`,
      )
      const [late] = (await showInvoice(ctx, number(3))).invoice.disputes
      expect(late?.opened_on, '01:30 of the next day in Mumbai').to.equal('2026-04-21')
      expect(invoice.checkouts.map(({ status }) => status)).to.deep.equal(['paid'])
      const { invoice: first } = await showInvoice(ctx, number(1))
      const credit = first.history.find(({ event }) => event === 'credited')
      expect(credit?.operator).to.equal(ctx.actor.operator)
      expect(first.refunds.map(({ credit_note }) => credit_note)).to.deep.equal(['CN/26-27/00001'])
    }))
})

async function idOf(ctx: Context, n: number): Promise<string> {
  const [found] = await rows<{ id: string }>(
    ctx.db,
    sql`select provider_payment_id as id from public.payments where id = ${verbatim(paymentOf(n))}`,
  )
  return found?.id ?? ''
}
