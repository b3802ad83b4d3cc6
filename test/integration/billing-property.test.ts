/** Random lives of subscriptions with runs on random days: what is charged less what is given back is what was held. */
import { expect } from 'chai'
import fc from 'fast-check'
import { rows, sql } from '../../src/database/sql.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { findTenant } from '../../src/tenants/find.js'
import { liftSuspension, suspendTenant } from '../../src/tenants/suspend.js'
import { billing, europeanSupplier, type Biller } from '../support/billing.js'
import { add, cancel, change, payAll, priced, remove } from '../support/billing-steps.js'
import { times } from '../support/place.js'
import { Calendar, later, netOf, type Held } from '../support/billing-oracle.js'
import { extendTrial } from '../../src/workflows/extend-trial.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

/** Of 30 days an odd number of those that end in 05 and 25 comes to a half; of 28 that of bi. */
const prices = {
  ...{ PROFESSIONAL: 19905, ENTERPRISE: 49905, system_admin: 0 },
  ...{ crm: 19905, finance: 49905, hr: 29925, bi: 39914, oms_wms: 29925 },
}
const modules = ['crm', 'finance', 'hr', 'bi', 'oms_wms']
const tiers = ['PROFESSIONAL', 'ENTERPRISE']
const now = 'now' as const

const step = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ do: 'bill' as const }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('add' as const), module: fc.constantFrom(...modules) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('remove' as const),
      module: fc.constantFrom(...modules),
      now: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('tier' as const),
      tier: fc.constantFrom(...tiers),
      when: fc.constantFrom(null, now),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('cycle' as const),
      cycle: fc.constantFrom('monthly' as const, 'annual' as const),
      when: fc.constantFrom(null, now),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'suspend' as const }) },
  { weight: 5, arbitrary: fc.constant({ do: 'resume' as const }) },
  { weight: 4, arbitrary: fc.constant({ do: 'pay' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), now: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'extend' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('as_of' as const), ago: fc.integer({ min: 1, max: 60 }) }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

const life = fc.record({
  start: fc.integer({ min: 0, max: 60 }),
  trial: fc.constantFrom(0, 0, 7, 14),
  cycle: fc.constantFrom('monthly' as const, 'monthly' as const, 'annual' as const),
  steps: fc.array(
    fc.record({
      gap: fc.integer({ min: 0, max: 40 }).map((days) => (days < 30 ? days % 12 : days * 2)),
      step,
    }),
    {
      minLength: 6,
      maxLength: 24,
      size: 'max',
    },
  ),
})

describe('billing: random lives', () => {
  it('charges every day that is to be paid once, net of credits, and numbers without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(life, ({ start, trial, cycle, steps }) =>
        billing(
          '2026-01-01',
          async (ctx, biller) => {
            const calendar = new Calendar(later('2026-01-01', start), trial, cycle)
            const begin = biller.on(calendar.today)
            await priced(ctx, 'EUR', prices)
            await subscribedTenant(begin, 'acme', {
              ...{
                modules: ['crm', 'oms_wms'],
                tier: 'PROFESSIONAL',
                currency: 'EUR',
                startedOn: calendar.today,
                trialDays: trial,
                cycle,
              },
            })
            for (const { gap, step: one } of steps) {
              calendar.today = later(calendar.today, gap)
              await live(biller, calendar, one)
            }
            calendar.today = later(calendar.today, 1)
            await live(biller, calendar, { do: 'resume' })
            await live(biller, calendar, { do: 'bill' })
            const again = await biller.bill(calendar.today)
            expect(again.run).to.deep.include({ invoices: 0, credit_notes: 0, parked: 0 })
            await check(ctx, calendar)
          },
          europeanSupplier,
        ),
      ),
      { numRuns: times(20, 400), endOnFailure: true },
    )
  }).timeout(1_800_000)
})

/** What the program refuses has not happened; the oracle is told of everything else, by what was asked for. */
async function live({ on, bill }: Biller, calendar: Calendar, one: Step): Promise<void> {
  const ctx = on(calendar.today)
  try {
    switch (one.do) {
      case 'bill': {
        const { run } = await bill(calendar.today)
        expect(run.parked).to.equal(0)
        if (run.skipped === 0) calendar.billed(await heldOf(ctx))
        return
      }
      case 'add':
        return void (await add(ctx, 'acme', one.module))
      case 'remove':
        return void (await remove(ctx, 'acme', one.module, one))
      case 'tier':
        return void (await change(ctx, 'acme', { tier: one.tier, when: one.when }))
      case 'cycle':
        await change(ctx, 'acme', { cycle: one.cycle, when: one.when })
        return calendar.turn(one.cycle, one.when)
      case 'suspend':
        if (calendar.guessed) return
        await suspendTenant(ctx, await findTenant(ctx, 'acme'), {
          ...{ cause: 'operator', reason: 'test', bills: false, dryRun: false },
        })
        return calendar.suspended()
      case 'resume':
        await liftSuspension(ctx, await findTenant(ctx, 'acme'), {
          cause: 'operator',
          reason: null,
          dryRun: false,
        })
        return calendar.resumed()
      case 'pay':
        return await payAll(ctx)
      case 'extend':
        await extendTrial(ctx, 'acme', { days: 5 }, false)
        return calendar.extended(5)
      case 'as_of':
        // What it charged of a gap the oracle cannot know: it comes before the first one.
        if (calendar.gaps.length === 0) {
          calendar.guessed = true
          await bill(calendar.today, { asOf: later(calendar.today, -one.ago) })
        }
        return
      case 'cancel':
        return void (await cancel(ctx, 'acme', one))
    }
  } catch (error) {
    if (!(error instanceof ErpmaxError)) throw error
  }
}

/** What is held, with the price that is in force: nothing of billing is in it. */
async function heldOf(ctx: Pick<Context, 'db'>): Promise<Held[]> {
  return rows<Held>(
    ctx.db,
    sql`select i.id, lower(i.active) as from, coalesce(upper(i.active), 'infinity')::text as to, p.amount_minor::int as price, p.cycle
        from public.subscription_items i join public.prices p on p.id = i.price_id where not isempty(i.active)`,
  )
}

async function check(ctx: Context, calendar: Calendar): Promise<void> {
  await rows(ctx.db, sql`set constraints all immediate`)
  const found = await rows<{ id: string; net: bigint }>(
    ctx.db,
    sql`select l.item_id as id, sum(l.taxable_minor - coalesce((select sum(c.taxable_minor) from public.credit_note_lines c where c.invoice_line_id = l.id), 0))::bigint as net
        from public.invoice_lines l group by l.item_id`,
  )
  const charged = found.filter(({ net }) => net !== 0n).map(({ id, net }) => `${id} ${net}`)
  const due = netOf(calendar, await heldOf(ctx)).map(({ id, net }) => `${id} ${net}`)
  expect(charged.sort()).to.deep.equal(due.sort())
  const numbers = await rows<{ series: string; count: number; last: number }>(
    ctx.db,
    sql`select left(number, -6) as series, count(*)::int as count, max(right(number, 5)::int) as last from
          (select number from public.invoices union all select number from public.credit_notes) n group by 1`,
  )
  for (const { series, count, last } of numbers) expect(last, series).to.equal(count)
  const money = await rows<{ line: string }>(
    ctx.db,
    sql`select concat_ws(' ', l.sum, coalesce(b.balance_minor, 0)) as line
        from (select tenant_id, sum(amount_minor) as sum from public.credit_ledger group by tenant_id) l
        left join public.credit_balances b using (tenant_id)`,
  )
  for (const { line } of money) expect(line.split(' ')[0]).to.equal(line.split(' ')[1])
}
