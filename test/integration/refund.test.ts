/** `payment refund`: where the money comes from, which credit note there is, and what each answer of the provider leaves. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { creditInvoice } from '../../src/billing/book/credit-invoice.js'
import { recordPayment } from '../../src/billing/book/record-payment.js'
import { auditBook } from '../../src/billing/audit/audit-book.js'
import { openCheckout } from '../../src/payments/checkout/open-checkout.js'
import { bookNotice } from '../../src/payments/notices/book-notice.js'
import { refundPayment, type Refunded } from '../../src/payments/refunds/refund-payment.js'
import { asOperator } from '../../src/tenants/move.js'
import { billing } from '../support/billing.js'
import { atInstant } from '../support/clock.js'
import { refusalOf } from '../support/errors.js'
import { faults, TestProvider, withProviders } from '../support/gateway.js'
import {
  faultsOf,
  issued,
  local,
  spendBalance,
  standing,
  untaxed,
  type IssuedLine,
} from '../support/issued.js'
import { subscribedTenant } from '../support/tenants.js'
import type { RefundInput } from '../../src/payments/refunds/order-refund.js'
import type { ProviderPayment, ProviderRefund } from '../../src/kernel/payment-gateway.js'
import type { Context } from '../../src/kernel/context.js'

const day = '2026-04-10'

interface Scene {
  ctx: Context
  stripe: TestProvider
  invoice: { id: string; number: string }
  /** Opens a checkout and pays it. */
  paid(): Promise<ProviderPayment>
  /** For the provider's payment, or one by its reference. */
  refund(payment: string, input?: Partial<RefundInput>): Promise<Refunded>
  tell(refund: ProviderRefund): Promise<string>
  /** `succeeded 5000 charged 5000 reopened 0`, oldest first. */
  refunds(): Promise<string[]>
  /** `CN/26-27/00001 11800`. */
  notes(): Promise<string[]>
  standing(): Promise<string>
}

/** One open invoice of 118.00 rupees. */
function scene(
  work: (scene: Scene) => Promise<void>,
  lines: IssuedLine[] = [local(10000n, 900n)],
): Promise<void> {
  return billing(day, async (outer) => {
    const india = { country: 'IN', currency: 'INR', timeZone: 'Asia/Kolkata' }
    const { id } = await subscribedTenant(outer, 'acme', { ...india, startedOn: day })
    await asOperator(outer)
    const invoice = await issued(outer, id, lines, { on: day })
    const stripe = new TestProvider('stripe')
    const ctx = withProviders(outer, stripe)
    const texts = async (query: ReturnType<typeof sql>): Promise<string[]> =>
      (await rows<{ text: string }>(ctx.db, query)).map(({ text }) => text)
    await work({
      ...{ ctx, stripe, invoice },
      async paid() {
        const { checkout } = await openCheckout(ctx, invoice.number)
        const payment = stripe.pay(checkout.provider_checkout_id ?? '')
        expect((await bookNotice(ctx, 'stripe', { kind: 'payment', payment })).status).to.equal('processed')
        return payment
      },
      refund: (payment, input = {}) =>
        refundPayment(
          ctx,
          payment,
          { amount: null, reason: 'cancelled', reopen: false, commercial: false, reference: null, ...input },
          false,
        ),
      tell: async (refund) =>
        (await bookNotice(ctx, 'stripe', { kind: 'refund', refund, live: false })).outcome,
      refunds: () =>
        texts(
          sql`select concat_ws(' ', status, amount_minor, 'charged', charged_minor, 'reopened', reopened_minor) as text from public.refunds
              order by created_at, reference`,
        ),
      notes: () =>
        texts(
          sql`select concat_ws(' ', number, total_minor) as text from public.credit_notes order by number`,
        ),
      standing: () => standing(ctx, invoice.id),
    })
    await soundStill(ctx)
  })
}

/** Whatever was done, the book proves itself. */
async function soundStill(ctx: Context): Promise<void> {
  await rows(ctx.db, sql`set constraints all immediate`)
  await rows(ctx.db, sql`set constraints all deferred`)
  expect(await faultsOf(ctx)).to.deep.equal([])
  const events = auditBook(ctx, { from: null, to: null })
  for (;;) {
    const next = await events.next()
    if (!next.done) continue
    // The invoices of this test have no place of supply.
    expect(next.value.findings.filter(({ code }) => !code.startsWith('tax.'))).to.deep.equal([])
    return
  }
}

const settled = 'paid paid 11800 settled 0 credited 0 of 11800'

describe('refunds', () => {
  it('of all: a credit note of all, and the invoice stays paid', () =>
    scene(async ({ stripe, paid, refund, refunds, notes, standing: stands }) => {
      const { id } = await paid()
      const done = await refund(id)
      expect(done).to.deep.include({ changed: true, dry_run: false })
      expect(done.refund).to.deep.include({
        status: 'succeeded',
        amount: { amount_minor: 11800, currency: 'INR' },
      })
      expect(done.credit_note).to.deep.equal({
        ...{ number: 'CN/26-27/00001', taxed: true },
        total: { amount_minor: 11800, currency: 'INR' },
      })
      expect(await stands()).to.equal(`${settled} balance 0`)
      expect((await refund(id)).changed, 'once more').to.equal(false)
      expect(await refusalOf(refund(id, { reason: 'another' }))).to.equal('conflict refund.nothing_left')
      expect(await refunds()).to.deep.equal(['succeeded 11800 charged 11800 reopened 0'])
      expect(await notes()).to.deep.equal(['CN/26-27/00001 11800'])
      expect(stripe.given.size).to.equal(1)
    }))

  it('of parts: each has its credit note, and they come to the tax that was charged', () =>
    scene(async ({ ctx, paid, refund, refunds, notes, standing: stands }) => {
      const { id } = await paid()
      await refund(id, { amount: '50.00' })
      expect((await refund(id, { amount: '50.00' })).changed, 'the same words').to.equal(false)
      expect(await refusalOf(refund(id, { amount: '68.01', reason: 'more' }))).to.equal(
        'conflict refund.exceeds',
      )
      expect(await refusalOf(refund(id, { amount: '0', reason: 'more' }))).to.equal('usage money.invalid')
      await refund(id, { amount: '18.00', reference: 'second' })
      expect(await refusalOf(refund(id, { amount: '17.00', reference: 'second' }))).to.equal(
        'conflict refund.reference_used',
      )
      await refund(id)
      expect(await refunds()).to.deep.equal([
        'succeeded 5000 charged 5000 reopened 0',
        'succeeded 1800 charged 1800 reopened 0',
        'succeeded 5000 charged 5000 reopened 0',
      ])
      // 42.38 + 2 x 3.81; 15.24 + 2 x 1.38, since 57.62 bear 2 x 5.19; then what is left, 42.38 + 2 x 3.81.
      expect(await notes()).to.deep.equal([
        'CN/26-27/00001 5000',
        'CN/26-27/00002 1800',
        'CN/26-27/00003 5000',
      ])
      expect(await stands()).to.equal(`${settled} balance 0`)
      const [tax] = await rows<{ tax: bigint }>(
        ctx.db,
        sql`select sum(tax_minor)::bigint as tax from public.credit_notes`,
      )
      expect(tax?.tax).to.equal(1800n)
    }))

  it('a total that no net comes to leaves a few paise in the credit balance', () =>
    scene(async ({ paid, refund, notes, standing: stands }) => {
      const { id } = await paid()
      await refund(id, { amount: '0.07' })
      expect(await notes()).to.deep.equal(['CN/26-27/00001 8'])
      expect(await stands()).to.equal(`${settled} balance 1`)
      // It is used by the next: 0.03 were left to find, and 0.02 are.
      await refund(id, { amount: '0.03' })
      expect((await notes()).length).to.equal(2)
    }))

  it('what was overpaid goes back first, without a credit note', () =>
    scene(async ({ ctx, invoice, stripe, refund, refunds, notes, standing: stands }) => {
      const { checkout } = await openCheckout(ctx, invoice.number)
      await execute(
        ctx.db,
        sql`insert into public.settlement_lines (invoice_id, kind, amount_minor, section, operator) values (${invoice.id}, 'tds', 1000, '194J', 'me')`,
      )
      const payment = stripe.pay(checkout.provider_checkout_id ?? '')
      await bookNotice(ctx, 'stripe', { kind: 'payment', payment })
      expect(await stands()).to.equal('paid paid 10800 settled 1000 credited 0 of 11800 balance 1000')
      await refund(payment.id, { amount: '4.00' })
      expect([await refunds(), await notes()]).to.deep.equal([['succeeded 400 charged 0 reopened 0'], []])
      await refund(payment.id, { amount: '16.00' })
      expect(await notes(), '6.00 were still overpaid').to.deep.equal(['CN/26-27/00001 1000'])
      expect(await stands()).to.match(/balance 0$/)
    }))

  it('what was overpaid and has paid another invoice since is not given back', () =>
    scene(async ({ ctx, invoice, refund, notes }) => {
      const money = { currency: undefined, method: 'cash' as const, receivedOn: undefined, note: undefined }
      const none = {
        tds: undefined,
        tdsSection: undefined,
        tdsCertificate: undefined,
        bankCharges: undefined,
      }
      await recordPayment(
        ctx,
        invoice.number,
        { amount: '150.00', reference: 'UTR1', ...money, ...none, roundOff: undefined, writeOff: undefined },
        false,
      )
      const [{ tenant_id } = { tenant_id: '' }] = await rows<{ tenant_id: string }>(
        ctx.db,
        sql`select tenant_id from public.invoices`,
      )
      const other = await issued(ctx, tenant_id as never, [local(10000n, 900n)], { on: day })
      await spendBalance(ctx, other.id, 3200n)
      expect(await refusalOf(refund('UTR1'))).to.equal('conflict refund.overpayment_used')
      const done = await refund('UTR1', { amount: '118.00' })
      expect(done.refund).to.include({ provider: 'manual', status: 'succeeded' })
      expect(await notes()).to.deep.equal(['CN/26-27/00001 11800'])
    }))

  it('what was credited before is given back without another credit note', () =>
    scene(async ({ ctx, invoice, paid, refund, refunds, notes, standing: stands }) => {
      const { id } = await paid()
      await creditInvoice(
        ctx,
        invoice.id,
        { line: null, amount: '50', commercial: false, reason: 'outage' },
        false,
      )
      expect(await stands()).to.equal(`${settled} balance 5900`)
      await refund(id, { amount: '40.00' })
      expect(await notes()).to.deep.equal(['CN/26-27/00001 5900'])
      await refund(id)
      expect(await notes(), '19.00 of the first, 59.00 new').to.deep.equal([
        'CN/26-27/00001 5900',
        'CN/26-27/00002 5900',
      ])
      expect(await refunds()).to.deep.equal([
        'succeeded 4000 charged 4000 reopened 0',
        'succeeded 7800 charged 7800 reopened 0',
      ])
      expect(await stands()).to.equal(`${settled} balance 0`)
    }))

  it('of an open invoice is refused, or with --reopen taken back from it', () =>
    scene(async ({ ctx, invoice, refund, refunds, notes, standing: stands }) => {
      await execute(
        ctx.db,
        sql`insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on, reference)
            select tenant_id, id, 'succeeded', 'manual', 'm', 'cash', 'INR', 5000, 5000, ${day}, 'CASH' from public.invoices`,
      )
      expect(await refusalOf(refund('CASH'))).to.equal('conflict refund.invoice_open')
      const { invoice: after } = await refund('CASH', { amount: '20.00', reopen: true })
      expect(after?.open.amount_minor).to.equal(8800)
      await creditInvoice(
        ctx,
        invoice.id,
        { line: null, amount: null, commercial: false, reason: 'gone' },
        false,
      )
      expect(await stands()).to.equal('paid paid 3000 settled 0 credited 8800 of 11800 balance 3000')
      await refund('CASH')
      expect(await refunds()).to.deep.equal([
        'succeeded 2000 charged 0 reopened 2000',
        'succeeded 3000 charged 3000 reopened 0',
      ])
      expect(await notes()).to.deep.equal(['CN/26-27/00001 11800'])
      expect(await stands()).to.equal('paid paid 3000 settled 0 credited 8800 of 11800 balance 0')
    }))

  it('that the provider refuses leaves the money in the balance, and the next one uses its credit note', () =>
    scene(async ({ stripe, paid, refund, refunds, notes, standing: stands }) => {
      const { id } = await paid()
      stripe.faults.refund = [faults.refused, faults.down]
      expect(await refusalOf(refund(id))).to.equal('conflict payment.refused')
      expect(await stands()).to.equal(`${settled} balance 11800`)
      expect(await refusalOf(refund(id))).to.equal('dependency payment.provider_down')
      expect((await refund(id)).changed).to.equal(true)
      expect(await refunds()).to.deep.equal([
        'failed 11800 charged 11800 reopened 0',
        'failed 11800 charged 11800 reopened 0',
        'succeeded 11800 charged 11800 reopened 0',
      ])
      expect(await notes()).to.deep.equal(['CN/26-27/00001 11800'])
      expect([...stripe.given.keys()]).to.have.length(1)
      expect(await stands()).to.equal(`${settled} balance 0`)
    }))

  for (const [how, fault] of [
    ['before', faults.lost],
    ['after', faults.lostAfterwards],
  ] as const) {
    it(`no answer, lost ${how} acting: unknown, its money kept aside, and given back once`, () =>
      scene(async ({ stripe, paid, refund, refunds, notes, standing: stands }) => {
        const { id } = await paid()
        stripe.faults.refund = [fault, faults.refused, faults.down, faults.lost]
        for (const code of [
          'payment.outcome_unknown',
          'payment.refused',
          'payment.provider_down',
          'payment.outcome_unknown',
        ]) {
          expect(await refusalOf(refund(id))).to.include(code)
          expect(await refunds()).to.deep.equal(['unknown 11800 charged 11800 reopened 0'])
          expect(await stands()).to.equal(`${settled} balance 0`)
        }
        expect(await refusalOf(refund(id, { reason: 'other words' }))).to.equal(
          'conflict refund.nothing_left',
        )
        await refund(id)
        expect(await refunds()).to.deep.equal(['succeeded 11800 charged 11800 reopened 0'])
        expect([stripe.given.size, (await notes()).length]).to.deep.equal([1, 1])
      }))
  }

  it('that fails weeks later comes back into the balance, whatever is told after that', () =>
    scene(async ({ stripe, paid, refund, tell, refunds, notes, standing: stands }) => {
      const { id } = await paid()
      stripe.refundStatus = 'pending'
      expect((await refund(id, { amount: '59.00' })).refund.status).to.equal('pending')
      const [given] = [...stripe.given.values()]
      if (!given) throw new Error('there is one')
      expect(await tell({ ...given, status: 'succeeded' })).to.equal('refund.succeeded')
      expect(await tell(given), 'an old one').to.equal('refund.known')
      expect(await stands()).to.equal(`${settled} balance 0`)
      expect(await tell({ ...given, status: 'failed' })).to.equal('refund.failed')
      for (const status of ['failed', 'succeeded', 'pending'] as const)
        expect(await tell({ ...given, status })).to.equal('refund.known')
      expect(await refunds()).to.deep.equal(['failed 5900 charged 5900 reopened 0'])
      expect(await stands()).to.equal(`${settled} balance 5900`)
      // The provider has the money again.
      stripe.paid.set(id, { ...(stripe.paid.get(id) as ProviderPayment), refundedMinor: 0n })
      stripe.refundStatus = 'succeeded'
      await refund(id, { amount: '59.00' })
      expect(await notes()).to.deep.equal(['CN/26-27/00001 5900'])
      expect(await stands()).to.equal(`${settled} balance 0`)
    }))

  it('made at the provider alone is booked once and opens the invoice again', () =>
    scene(async ({ stripe, paid, refund, tell, refunds, notes, standing: stands }) => {
      const { id } = await paid()
      const foreign = stripe.giveBack(id, 5000n)
      expect(await refusalOf(refund(id)), 'before it is booked').to.equal('conflict refund.books_differ')
      expect(await tell(foreign)).to.equal('refund.reopened_invoice')
      expect(await tell(foreign)).to.equal('refund.known')
      expect(await stands()).to.equal('open paid 6800 settled 0 credited 0 of 11800 balance 0')
      expect(await tell({ ...foreign, status: 'failed' })).to.equal('refund.failed')
      expect(await stands(), 'the bank sent it back').to.equal(`${settled} balance 0`)
      expect(await tell({ ...foreign, id: 'never', status: 'failed' })).to.equal('refund.failed')
      expect(
        await tell({ ...foreign, id: 'more', amount: { amountMinor: 11801n, currency: 'INR' } }),
      ).to.equal('refund.exceeds_payment')
      expect(await tell({ ...foreign, id: 'usd', amount: { amountMinor: 1n, currency: 'USD' } })).to.equal(
        'refund.wrong_amount',
      )
      expect([await refunds(), await notes()]).to.deep.equal([
        ['failed 5000 charged 0 reopened 5000', 'failed 5000 charged 0 reopened 0'],
        [],
      ])
    }))

  it('made at the provider for what was credited here leaves the invoice paid', () =>
    scene(async ({ ctx, invoice, stripe, paid, tell, standing: stands }) => {
      const { id } = await paid()
      await creditInvoice(
        ctx,
        invoice.id,
        { line: null, amount: null, commercial: false, reason: 'gone' },
        false,
      )
      expect(await tell(stripe.giveBack(id, 11800n))).to.equal('refund.booked')
      expect(await stands()).to.equal(`${settled} balance 0`)
    }))

  it('what is contested is not given back', () =>
    scene(async ({ ctx, paid, refund }) => {
      const { id } = await paid()
      await execute(
        ctx.db,
        sql`insert into public.disputes (tenant_id, payment_id, provider, provider_dispute_id, status, currency, amount_minor)
            select tenant_id, id, 'stripe', 'dp_1', 'open', currency, amount_minor from public.payments`,
      )
      expect(await refusalOf(refund(id))).to.equal('conflict refund.disputed')
    }))

  it('after 30 November its credit note has no tax, where that is asked for', () =>
    scene(async ({ ctx, paid, notes, standing: stands }) => {
      const { id } = await paid()
      const late = atInstant(ctx, '2027-12-01T12:00:00Z')
      const input = { amount: '50.00', reason: 'late', reopen: false, reference: null }
      expect(await refusalOf(refundPayment(late, id, { ...input, commercial: false }, false))).to.equal(
        'conflict credit.too_late_for_tax',
      )
      await refundPayment(late, id, { ...input, commercial: true }, false)
      expect(await notes()).to.deep.equal(['CN/27-28/00001 5000'])
      expect(await stands()).to.match(/balance 0$/)
    }))

  it('a dry run says the same, writes nothing and asks nobody', () =>
    scene(async ({ ctx, stripe, paid, refunds, notes, standing: stands }) => {
      const { id } = await paid()
      const asked = stripe.calls.length
      const input = { amount: null, reason: 'x', reopen: false, commercial: false, reference: null }
      const planned = await refundPayment(ctx, id, input, true)
      expect(planned).to.deep.include({ dry_run: true, changed: true })
      expect(planned.credit_note).to.deep.include({
        number: null,
        total: { amount_minor: 11800, currency: 'INR' },
      })
      expect([await refunds(), await notes(), stripe.calls.length]).to.deep.equal([[], [], asked])
      expect(await stands()).to.equal(`${settled} balance 0`)
    }))
})

describe('a refund that its provider would refuse', () => {
  it('is refused before a credit note is issued: less than a provider gives back, or a third decimal', () =>
    billing(day, async (outer) => {
      const india = { country: 'IN', currency: 'INR', timeZone: 'Asia/Kolkata' }
      const { id } = await subscribedTenant(outer, 'acme', { ...india, startedOn: day })
      await asOperator(outer)
      const [stripe, razorpay] = [new TestProvider('stripe'), new TestProvider('razorpay')]
      const ctx = withProviders(outer, stripe, razorpay)
      const input = { reason: 'less', reopen: false, commercial: false, reference: null }
      for (const [provider, currency, wrong, right] of [
        [razorpay, 'INR', '0.99', '1.00'],
        [stripe, 'KWD', '1.234', '1.230'],
        [razorpay, 'KWD', '1.234', '1.230'],
      ] as const) {
        const { number } = await issued(outer, id, [untaxed(10_000n)], { on: day, currency })
        const { checkout } = await openCheckout(ctx, number, { provider: provider.name })
        const payment = provider.pay(checkout.provider_checkout_id ?? '')
        await bookNotice(ctx, provider.name, { kind: 'payment', payment })
        for (const dryRun of [true, false])
          expect(
            await refusalOf(refundPayment(ctx, payment.id, { ...input, amount: wrong }, dryRun)),
          ).to.equal('conflict refund.amount_not_payable')
        const { notes } = await oneRow<{ notes: number }>(
          ctx.db,
          sql`select count(*)::int as notes from public.credit_notes n join public.invoices i on i.id = n.invoice_id where i.number = ${number}`,
        )
        expect(notes).to.equal(0)
        const done = await refundPayment(ctx, payment.id, { ...input, amount: right }, false)
        expect(done.refund.status).to.equal('succeeded')
      }
    }))
})
