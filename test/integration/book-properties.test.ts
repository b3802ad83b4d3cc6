/** Whatever is billed, credited, paid, voided and settled in whatever order, and at once: the book adds up after each step. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { closeMonth } from '../../src/billing/book/close-month.js'
import { creditInvoice } from '../../src/billing/book/credit-invoice.js'
import { recordPayment } from '../../src/billing/book/record-payment.js'
import { voidInvoice } from '../../src/billing/book/void-invoice.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { formatMoney } from '../../src/kernel/money.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { billing, indianSupplier, type Biller } from '../support/billing.js'
import { faultsOf, issued, local, standing, untaxed } from '../support/issued.js'
import { full } from '../support/place.js'
import { withThrowAwayServer } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }

/** Where numbers choose, they choose among what there is. */
type Step =
  | { do: 'bill' }
  | { do: 'pay' | 'credit'; invoice: number; share: number; line: number }
  | { do: 'settle'; invoice: number; share: number; line: number }
  | { do: 'void'; invoice: number }

const pick = { invoice: fc.nat(9), share: fc.integer({ min: 1, max: 130 }), line: fc.nat(2) }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('bill' as const) }),
  fc.record({ do: fc.constantFrom('pay' as const, 'credit' as const, 'settle' as const), ...pick }),
  fc.record({ do: fc.constant('void' as const), invoice: pick.invoice }),
)

interface Open {
  number: string
  open: bigint
  net: bigint
}

/** @returns what came of it: a code where it was refused */
async function take(ctx: Context, { bill }: Biller, one: Step, count: number): Promise<string> {
  if (one.do === 'bill') return (await bill(dayOf(ctx))).run.status
  const invoices = await rows<Open>(
    ctx.db,
    sql`select number, taxable_minor as net, total_minor - credit_applied_minor - paid_minor - settled_minor - credited_minor as open
        from public.invoices order by number`,
  )
  const chosen = invoices[one.invoice % Math.max(invoices.length, 1)]
  if (!chosen) return 'none'
  const { number } = chosen
  try {
    if (one.do === 'void') await voidInvoice(ctx, number, { reason: 'x', dryRun: false })
    else if (one.do === 'credit') {
      const amount = one.share > 100 ? null : part(chosen.net, one.share)
      const line = one.line === 0 ? null : one.line
      await creditInvoice(ctx, number, { line, amount, commercial: one.share % 7 === 0, reason: 'x' }, false)
    } else {
      const reference = `r${count}`
      const amount = part(one.do === 'pay' ? chosen.open || 100n : chosen.open || 1n, one.share)
      const half = { tds: part(chosen.open || 1n, 10), tdsSection: '194J' }
      const input =
        one.do === 'settle' ? { writeOff: amount } : one.line === 1 ? { amount, ...half } : { amount }
      await recordPayment(ctx, number, { ...input, reference }, false)
    }
    return 'done'
  } catch (error) {
    if (error instanceof ErpmaxError && ['conflict', 'usage', 'not_found'].includes(error.kind))
      return error.code
    throw error
  }
}

function part(amount: bigint, share: number): string {
  const minor = (amount * BigInt(share)) / 100n
  return formatMoney({ amountMinor: minor > 0n ? minor : 1n, currency: 'INR' }).replace(/[^\d.]/g, '')
}

function dayOf(ctx: Context): string {
  return ctx.clock.now().toISOString().slice(0, 10)
}

async function itemsOf(ctx: Context): Promise<string[]> {
  const found = await rows<{ days: string }>(
    ctx.db,
    sql`select i.product_code || ' ' || range_agg(l.period)::text as days from public.invoice_lines l
        join public.subscription_items i on i.id = l.item_id where l.live group by i.id, i.product_code order by 1`,
  )
  return found.map(({ days }) => days)
}

describe('the book under any sequence', () => {
  it('adds up after each step, and each day is charged once', async function () {
    this.timeout(300_000)
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) =>
        billing('2026-04-10', async (ctx, biller) => {
          await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-02-10', modules: ['crm'] })
          for (const [index, one] of [{ do: 'bill' } as const, ...steps].entries()) {
            outcomes.add(`${one.do} ${await take(ctx, biller, one, index)}`)
            await rows(ctx.db, sql`set constraints all immediate`)
            await rows(ctx.db, sql`set constraints all deferred`)
            expect(await faultsOf(ctx), JSON.stringify(steps.slice(0, index))).to.deep.equal([])
          }
          await biller.bill('2026-04-10')
          // Whatever was taken back is charged again, and nothing twice.
          expect(await itemsOf(ctx)).to.deep.equal([
            'STARTER {[2026-02-10,2026-05-10)}',
            'crm {[2026-02-10,2026-05-10)}',
          ])
          expect(await faultsOf(ctx)).to.deep.equal([])
        }),
      ),
      // The short run tries the same sequences each time: those that reach every kind of outcome.
      full ? { numRuns: 200 } : { numRuns: 8, seed: 4 },
    )
    expect([...outcomes]).to.include.members(['pay done', 'credit done', 'settle done', 'void done'])
  })
})

describe('the book, at once', () => {
  const now = () => new Date('2026-04-10T12:00:00Z')
  const codes = async (work: readonly Promise<unknown>[]): Promise<string[]> =>
    (await Promise.allSettled(work))
      .map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as { code: string }).code))
      .sort()

  it('two payments of all of it: one is applied, the other is to credit', async function () {
    this.timeout(120_000)
    await withThrowAwayServer(async (server) => {
      const ctx: Context = { ...server, clock: { now } }
      await setSupplier(ctx, indianSupplier, false)
      const { id } = await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-04-10' })
      const fresh = () => issued(ctx, id, [untaxed(10000n)], { on: '2026-04-10' })

      const paid = await fresh()
      const pay = (number: string, reference: string) =>
        recordPayment(ctx, number, { amount: '100', reference }, false)
      await Promise.all([pay(paid.number, 'a'), pay(paid.number, 'b')])
      expect(await standing(ctx, paid.id)).to.equal(
        'paid paid 10000 settled 0 credited 0 of 10000 balance 10000',
      )

      const once = await fresh()
      const same = await Promise.all([1, 2, 3, 4].map(() => pay(once.number, 'c')))
      expect(same.filter(({ changed }) => changed)).to.have.length(1)
      expect(await standing(ctx, once.id)).to.equal(
        'paid paid 10000 settled 0 credited 0 of 10000 balance 10000',
      )

      const plain = await fresh()
      const byHand = (key: string) =>
        transaction(ctx, ({ db }) =>
          rows(
            db,
            sql`insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor)
                values (${id}, ${plain.id}, 'succeeded', 'manual', ${key}, 'cash', 'INR', 10000, 10000)`,
          ),
        )
      expect(await codes([byHand('x'), byHand('y')])).to.deep.equal(['23514', 'done'])

      const voided = await fresh()
      const race = await codes([
        voidInvoice(ctx, voided.number, { reason: 'x', dryRun: false }),
        pay(voided.number, 'd'),
      ])
      expect(race).to.be.deep.oneOf([
        ['done', 'invoice.paid'],
        ['done', 'invoice.void'],
      ])

      const { number, id: credited } = await issued(ctx, id, [local(10000n, 900n)], { on: '2026-04-10' })
      const whole = { line: null, amount: null, commercial: false, reason: 'x' }
      const credits = await codes([1, 2, 3].map(() => creditInvoice(ctx, number, whole, false)))
      expect(credits).to.deep.equal(['credit.nothing_left', 'credit.nothing_left', 'done'])
      expect(await standing(ctx, credited)).to.include('credited 11800 of 11800')
      expect(await faultsOf(ctx)).to.deep.equal([])

      // Whoever closes a month waits for those who issue into it, and nobody comes after.
      let closing: ReturnType<typeof closeMonth> | undefined
      await transaction(ctx, async (inner) => {
        await issued(inner, id, [untaxed(100n)], { on: '2026-03-31' })
        closing = closeMonth(ctx, '2026-03', false)
        while (!(await waits(ctx))) await sleep(20)
      })
      expect((await closing)?.closed_month).to.include({ month: '2026-03', invoices: 1 })
      const late = issued(ctx, id, [untaxed(100n)], { on: '2026-03-31' })
      expect(await codes([late])).to.deep.equal(['ERX04'])
    })
  })
})

async function waits(ctx: Context): Promise<boolean> {
  const found = await rows(
    ctx.db,
    sql`select 1 from pg_catalog.pg_locks where locktype = 'advisory' and not granted`,
  )
  return found.length > 0
}
