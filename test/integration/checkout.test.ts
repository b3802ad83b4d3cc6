/** `payment checkout`: one open page of an invoice at most, whatever the provider answers and however many ask. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { openCheckout } from '../../src/payments/checkout/open-checkout.js'
import { asOperator } from '../../src/tenants/move.js'
import { billing } from '../support/billing.js'
import { refusalOf } from '../support/errors.js'
import { faults, TestProvider, withProviders } from '../support/gateway.js'
import { issued, local, standing, untaxed, type IssuedLine } from '../support/issued.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

const day = '2026-04-10'

interface Scene {
  ctx: Context
  stripe: TestProvider
  razorpay: TestProvider
  invoice: { id: string; number: string }
  /** `1 stripe open 118.00`: attempts in their order. */
  attempts(): Promise<string[]>
}

/** One open invoice of 118.00 rupees, both providers. */
function scene(
  work: (scene: Scene) => Promise<void>,
  currency = 'INR',
  line: IssuedLine = local(10000n, 900n),
): Promise<void> {
  return billing(day, async (outer) => {
    const { id } = await subscribedTenant(outer, 'acme', {
      startedOn: day,
      country: 'IN',
      currency: 'INR',
      timeZone: 'Asia/Kolkata',
    })
    await asOperator(outer)
    const invoice = await issued(outer, id, [line], { on: day, currency })
    const [stripe, razorpay] = [new TestProvider('stripe'), new TestProvider('razorpay')]
    const ctx = withProviders(outer, stripe, razorpay)
    await work({
      ...{ ctx, stripe, razorpay, invoice },
      attempts: async () => {
        const found = await rows<{ text: string }>(
          ctx.db,
          sql`select concat_ws(' ', attempt, provider, status, amount_minor) as text from public.checkouts order by attempt`,
        )
        return found.map(({ text }) => text)
      },
    })
  })
}

describe('checkouts', () => {
  it('is made once, reused afterwards, and rupees go to Razorpay', () =>
    scene(async ({ ctx, razorpay, invoice, attempts }) => {
      const first = await openCheckout(ctx, invoice.number)
      expect(first).to.deep.include({ created: true, dry_run: false, replaced: null })
      expect(first.checkout).to.deep.include({
        ...{ provider: 'razorpay', status: 'open', attempt: 1, live: false, invoice: invoice.number },
        ...{ amount: { amount_minor: 11800, currency: 'INR' }, url: 'https://pay.test/razorpay_c1' },
        reference: `${invoice.id.replaceAll('-', '')}-1`,
      })
      const second = await openCheckout(ctx, invoice.id, { provider: 'razorpay' })
      expect(second).to.deep.equal({ ...first, created: false })
      expect(await attempts()).to.deep.equal(['1 razorpay open 11800'])
      expect(razorpay.checkouts.size).to.equal(1)
      const { request } = await oneRow<{ request: unknown }>(
        ctx.db,
        sql`select request from public.checkouts`,
      )
      expect(request, 'particulars of the customer').to.equal(null)
    }))

  it('is closed and replaced when the amount changes, its end is near or another provider is wanted', () =>
    scene(async ({ ctx, stripe, razorpay, invoice, attempts }) => {
      await openCheckout(ctx, invoice.number)
      await execute(
        ctx.db,
        sql`insert into public.settlement_lines (invoice_id, kind, amount_minor, section, operator) values (${invoice.id}, 'tds', 1000, '194J', 'me')`,
      )
      const smaller = await openCheckout(ctx, invoice.number)
      expect(smaller.checkout.amount.amount_minor).to.equal(10800)
      expect(smaller.replaced).not.to.equal(null)
      await execute(
        ctx.db,
        sql`update public.checkouts set expires_at = '2026-04-10T12:04:00Z' where status = 'open'`,
      )
      await openCheckout(ctx, invoice.number)
      await openCheckout(ctx, invoice.number, { provider: 'stripe' })
      expect(await attempts()).to.deep.equal([
        ...[
          '1 razorpay expired 11800',
          '2 razorpay expired 10800',
          '3 razorpay expired 10800',
          '4 stripe open 10800',
        ],
      ])
      expect([razorpay.open.length, stripe.open.length]).to.deep.equal([0, 1])
      expect((await openCheckout(ctx, invoice.number)).checkout.provider, 'without a wish').to.equal('stripe')
    }))

  it('is not replaced while money that came in on it waits for a person', () =>
    scene(async ({ ctx, razorpay, invoice, attempts }) => {
      const { checkout } = await openCheckout(ctx, invoice.number)
      const payment = razorpay.pay(checkout.provider_checkout_id ?? '')
      razorpay.paid.set(payment.id, { ...payment, amount: { amountMinor: 11700n, currency: 'INR' } })
      for (let asked = 0; asked < 2; asked++)
        expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal(
          'conflict checkout.payment_parked',
        )
      expect(await attempts()).to.deep.equal(['1 razorpay open 11800'])
      razorpay.paid.set(payment.id, payment)
      expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal('conflict invoice.paid')
      expect(await attempts()).to.deep.equal(['1 razorpay paid 11800'])
    }))

  it('an open page that the provider has closed is replaced; one that cannot be asked about is given', () =>
    scene(async ({ ctx, razorpay, invoice, attempts }) => {
      const { checkout } = await openCheckout(ctx, invoice.number)
      razorpay.faults.readCheckout = [faults.down]
      expect((await openCheckout(ctx, invoice.number)).checkout.url).to.equal(checkout.url)
      await razorpay.closeCheckout(checkout.provider_checkout_id ?? '')
      expect((await openCheckout(ctx, invoice.number)).created).to.equal(true)
      expect(await attempts()).to.deep.equal(['1 razorpay expired 11800', '2 razorpay open 11800'])
    }))

  it('a page that was paid a moment ago is booked, and no other is opened', () =>
    scene(async ({ ctx, razorpay, invoice, attempts }) => {
      const { checkout } = await openCheckout(ctx, invoice.number)
      razorpay.pay(checkout.provider_checkout_id ?? '')
      expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal('conflict invoice.paid')
      expect(await refusalOf(openCheckout(ctx, invoice.number, { provider: 'stripe' }))).to.equal(
        'conflict invoice.paid',
      )
      expect(await attempts()).to.deep.equal(['1 razorpay paid 11800'])
      expect(await standing(ctx, invoice.id)).to.equal(
        'paid paid 11800 settled 0 credited 0 of 11800 balance 0',
      )
    }))

  it('a page that is paid while it is closed is booked too', () =>
    scene(async ({ ctx, razorpay, invoice }) => {
      const { checkout } = await openCheckout(ctx, invoice.number)
      razorpay.pay(checkout.provider_checkout_id ?? '')
      expect(await refusalOf(openCheckout(ctx, invoice.number, { provider: 'stripe' }))).to.equal(
        'conflict invoice.paid',
      )
      expect(await standing(ctx, invoice.id)).to.match(/^paid paid 11800/)
    }))

  it('what the provider refuses or did not do leaves no page, and the next attempt is another one', () =>
    scene(async ({ ctx, razorpay, invoice, attempts }) => {
      razorpay.faults.openCheckout = [faults.refused, faults.down]
      expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal('conflict payment.refused')
      expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal('dependency payment.provider_down')
      await openCheckout(ctx, invoice.number)
      expect(await attempts()).to.deep.equal([
        ...['1 razorpay failed 11800', '2 razorpay failed 11800', '3 razorpay open 11800'],
      ])
      expect(razorpay.checkouts.size).to.equal(1)
    }))

  for (const [how, fault] of [
    ['before', faults.lost],
    ['after', faults.lostAfterwards],
  ] as const) {
    it(`no answer, lost ${how} acting: unknown, and the same request again gives the one page`, () =>
      scene(async ({ ctx, razorpay, invoice, attempts }) => {
        razorpay.faults.openCheckout = [fault, faults.lost, faults.down, faults.refused]
        expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal(
          'dependency payment.outcome_unknown',
        )
        expect(await attempts()).to.deep.equal(['1 razorpay unknown 11800'])
        // A no to the repeat says nothing of the first.
        for (const code of ['payment.outcome_unknown', 'payment.provider_down', 'payment.refused']) {
          expect(await refusalOf(openCheckout(ctx, invoice.number, { provider: 'stripe' }))).to.include(code)
          expect(await attempts()).to.deep.equal(['1 razorpay unknown 11800'])
        }
        expect((await openCheckout(ctx, invoice.number)).created).to.equal(true)
        expect(await attempts()).to.deep.equal(['1 razorpay open 11800'])
        expect(razorpay.checkouts.size).to.equal(1)
      }))
  }

  it('an unknown one whose time is over is looked for, not made', () =>
    scene(async ({ ctx, razorpay, invoice, attempts }) => {
      razorpay.faults.openCheckout = [faults.lost]
      expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal(
        'dependency payment.outcome_unknown',
      )
      await execute(
        ctx.db,
        sql`update public.checkouts set created_at = clock_timestamp() - interval '1 day'`,
      )
      await openCheckout(ctx, invoice.number)
      expect(await attempts()).to.deep.equal(['1 razorpay failed 11800', '2 razorpay open 11800'])
    }))

  it('where the open one cannot be closed, no other is opened', () =>
    scene(async ({ ctx, razorpay, stripe, invoice, attempts }) => {
      await openCheckout(ctx, invoice.number)
      razorpay.faults.closeCheckout = [faults.lost, faults.lostAfterwards]
      for (let time = 0; time < 2; time++)
        expect(await refusalOf(openCheckout(ctx, invoice.number, { provider: 'stripe' }))).to.equal(
          'dependency payment.outcome_unknown',
        )
      expect(await attempts()).to.deep.equal(['1 razorpay open 11800'])
      expect(stripe.checkouts.size).to.equal(0)
      await openCheckout(ctx, invoice.number, { provider: 'stripe' })
      expect(await attempts()).to.deep.equal(['1 razorpay expired 11800', '2 stripe open 11800'])
    }))

  it('nothing is opened for what is void or paid, below the minimum, or without keys', () =>
    scene(async ({ ctx, invoice, attempts }) => {
      const none = withProviders(ctx)
      expect(await refusalOf(openCheckout(none, invoice.number))).to.equal('usage payment.not_configured')
      const one = withProviders(ctx, new TestProvider('razorpay'))
      expect(await refusalOf(openCheckout(one, invoice.number, { provider: 'stripe' }))).to.equal(
        'usage payment.not_configured',
      )
      await execute(
        ctx.db,
        sql`insert into public.settlement_lines (invoice_id, kind, amount_minor, operator) values (${invoice.id}, 'write_off', 11701, 'me')`,
      )
      expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal(
        'conflict checkout.amount_too_small',
      )
      expect(
        await refusalOf(openCheckout(ctx, invoice.number, { provider: 'stripe' })),
        '0.99 is enough',
      ).to.equal('none')
      await execute(
        ctx.db,
        sql`insert into public.settlement_lines (invoice_id, kind, amount_minor, operator) values (${invoice.id}, 'round_off', 99, 'me')`,
      )
      expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal('conflict invoice.paid')
      expect(await refusalOf(openCheckout(ctx, 'ERP/26-27/99999'))).to.equal('not_found invoice.not_found')
      expect(await attempts()).to.deep.equal(['1 stripe open 99'])
    }))

  it('dinars go out in steps of ten fils', () =>
    scene(
      async ({ ctx, invoice }) => {
        expect(await refusalOf(openCheckout(ctx, invoice.number))).to.equal(
          'conflict checkout.amount_not_payable',
        )
      },
      'KWD',
      untaxed(49905n),
    ))

  it('a dry run decides the same and asks nobody', () =>
    scene(async ({ ctx, razorpay, stripe, invoice, attempts }) => {
      const planned = await openCheckout(ctx, invoice.number, { dryRun: true })
      expect(planned).to.deep.include({ dry_run: true, created: true, replaced: null })
      expect(planned.checkout).to.include({ provider: 'razorpay', status: 'creating', url: null })
      expect(await attempts()).to.deep.equal([])
      const { checkout } = await openCheckout(ctx, invoice.number)
      const other = await openCheckout(ctx, invoice.number, { provider: 'stripe', dryRun: true })
      expect([other.replaced, other.checkout.provider]).to.deep.equal([checkout.id, 'stripe'])
      expect((await openCheckout(ctx, invoice.number, { dryRun: true })).created).to.equal(false)
      expect(await attempts()).to.deep.equal(['1 razorpay open 11800'])
      expect([...razorpay.calls, ...stripe.calls]).to.deep.equal(['openCheckout'])
    }))
})
