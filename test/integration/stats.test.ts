/** `tenant stats` against a small fleet whose numbers were worked out by hand. */
import { expect } from 'chai'
import { execute, sql, verbatim } from '../../src/database/sql.js'
import { churnOf, type DayOfFlow } from '../../src/views/stats/flows.js'
import { readStats, type Stats } from '../../src/views/stats/read.js'
import { percentOf } from '../../src/views/stats/revenue.js'
import { rejection } from '../support/errors.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import type { Knex } from 'knex'
import type { OpenedContext } from '../../src/context.js'

interface Company {
  name: string
  /** `2026-01-05 active`: each change of state with its time in UTC; the first day is also that of the subscription. */
  moves: string[]
  cause?: 'billing' | 'operator'
  plan?: {
    tier: string
    modules?: string[]
    currency?: string
    cycle?: string
    trial?: string
    status?: string
    cancel?: string
  }
}

/** At the end of March 2026. */
const fleet: Company[] = [
  // 100.10 + 1,000.00 EUR a year: 91.675 a month each, 91.68 rounded.
  ...['a1', 'a2'].map((name) => ({
    name,
    // Nobody is lost who is being restored for two days.
    moves: ['2025-06-15 active', '2026-03-10 restoring', '2026-03-12 active'],
    plan: { tier: 'STARTER', modules: ['crm'], currency: 'EUR', cycle: 'annual' },
  })),
  // The last half hour of the year in UTC is the next one in India.
  { name: 'u1', moves: ['2025-12-31T23:30 active'], plan: { tier: 'STARTER', modules: ['crm'] } },
  {
    name: 'u2',
    moves: ['2026-03-27 active'],
    plan: { tier: 'PROFESSIONAL', modules: ['finance'], trial: '2026-04-10', status: 'trialing' },
  },
  // Its trial ended today, though no run has said so.
  {
    name: 'u3',
    moves: ['2026-03-17 active'],
    plan: { tier: 'STARTER', trial: '2026-03-31', status: 'trialing' },
  },
  {
    name: 'u4',
    moves: ['2026-01-05 active', '2026-03-20 suspended'],
    cause: 'billing',
    plan: { tier: 'STARTER' },
  },
  {
    name: 'u5',
    moves: ['2026-01-05 active', '2026-03-20 suspended'],
    cause: 'operator',
    plan: { tier: 'STARTER' },
  },
  { name: 'f1', moves: ['2026-02-28 active'], plan: { tier: 'FREE' } },
  {
    name: 'c1',
    moves: ['2026-01-10 active'],
    plan: { tier: 'STARTER', cancel: '2026-03-16', status: 'cancelled' },
  },
  { name: 'r1', moves: ['2025-11-01 active', '2026-01-20 archived'], plan: { tier: 'STARTER' } },
  {
    name: 'd1',
    moves: ['2025-11-01 active', '2026-02-02 archived', '2026-03-05 deleting', '2026-03-05 deleted'],
    plan: { tier: 'STARTER' },
  },
  {
    name: 'b1',
    moves: ['2025-10-10 active', '2026-02-10 archived', '2026-02-25 restoring', '2026-02-25 active'],
    plan: { tier: 'STARTER' },
  },
  // Its end is decided and still to come.
  { name: 'l1', moves: ['2026-03-01 active'], plan: { tier: 'STARTER', cancel: '2026-05-01' } },
  { name: 'p1', moves: ['2026-03-30 provisioning'] },
  { name: 'x1', moves: ['2026-03-30 provisioning', '2026-03-30 failed'] },
]

const home = throwAwayFolder()
let ctx: OpenedContext

/** Tenants move as they do; then their history gets the times of the fleet, which the triggers would not write. */
async function insertFleet(): Promise<void> {
  for (const company of fleet) await insertTenant(ctx.db, company)
  await ctx.db.transaction(async (db) => {
    await execute(db, verbatim('set local session_replication_role = replica'))
    await execute(db, verbatim('delete from public.tenant_history'))
    await execute(
      db,
      sql`update public.prices set validity = daterange('2020-01-01', '2026-03-01')
          where product_code = 'crm' and currency = 'USD' and cycle = 'monthly'`,
    )
    await execute(
      db,
      verbatim(`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity) values
        ('module', 'crm', 'USD', 'monthly', 24900, '[2026-03-01,)'), ('module', 'crm', 'EUR', 'annual', 100000, '[2020-01-01,)'),
        ('platform', 'STARTER', 'EUR', 'annual', 10010, '[2020-01-01,)'), ('module', 'system_admin', 'EUR', 'annual', 0, '[2020-01-01,)')`),
    )
    for (const company of fleet) {
      await insertHistory(db, company)
      await insertPlan(db, company)
    }
  })
}

async function insertTenant(db: Knex, { name, moves, cause }: Company): Promise<void> {
  await execute(
    db,
    sql`insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
        values (${`fleet-${name}`}, 'provisioning', ${name}, ${name}, 'IN', 'a@b.test', 'Asia/Kolkata', 'USD', 'en')`,
  )
  for (const status of moves.map((move) => move.split(' ')[1])) {
    await execute(
      db,
      sql`update public.tenants set status = ${status}, suspension_cause = ${status === 'suspended' ? (cause ?? null) : null}
          where subdomain = ${`fleet-${name}`}`,
    )
  }
}

async function insertHistory(db: Knex, { name, moves, cause }: Company): Promise<void> {
  for (const [at = '', status = ''] of moves.map((move) => move.split(' '))) {
    await execute(
      db,
      sql`insert into public.tenant_history (tenant_id, at, to_status, cause, operator)
          select id, ${`${at}${at.includes('T') ? '' : 'T06:00'}Z`}, ${status}, ${status === 'suspended' ? (cause ?? null) : null}, 'test'
          from public.tenants where subdomain = ${`fleet-${name}`}`,
    )
  }
}

async function insertPlan(db: Knex, { name, moves, plan }: Company): Promise<void> {
  if (!plan) return
  const day = moves[0]?.slice(0, 10)
  const { tier, modules = [], currency = 'USD', cycle = 'monthly', status = 'active' } = plan
  const anchor = plan.trial ?? day
  const until = status === 'cancelled' ? plan.cancel : null
  await execute(
    db,
    sql`with contract as (
          insert into public.subscriptions (tenant_id, status, tier_code, currency, cycle, started_on, trial_ends_on, anchor_date, next_billing_on, cancel_on)
          select id, ${status}, ${tier}, ${currency}, ${cycle}, ${day}, ${plan.trial ?? null}, ${anchor}, ${anchor}, ${plan.cancel ?? null}
          from public.tenants where subdomain = ${`fleet-${name}`} returning id)
        insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
        select contract.id, p.product_kind, p.product_code, p.id, daterange(${day}::date, ${until}::date)
        from contract, public.prices p where p.currency = ${currency} and p.cycle = ${cycle} and p.validity @> ${day}::date
          and (p.product_kind = 'platform' and p.product_code = ${tier}
               or p.product_kind = 'module' and p.product_code = any(${['system_admin', ...modules]}::text[]))`,
  )
}

async function stats(day: string, asOf: string | null = day): Promise<Stats> {
  const clock = { now: () => new Date(`${day}T12:00:00Z`) }
  return (await readStats({ ...ctx, clock: asOf === null ? clock : ctx.clock }, asOf)).stats
}

const usd = (amount_minor: number): object => ({ amount_minor, currency: 'USD' })
const eur = (amount_minor: number): object => ({ amount_minor, currency: 'EUR' })
const none = { cancelled: 0, archived: 0, deleted: 0, failed: 0, returned: 0 }

describe('tenant stats', () => {
  before(async () => {
    ctx = await openThrowAway(home)
    await insertFleet()
  })
  after(async () => {
    await ctx.close()
    await removeServer(home)
  })

  it('counts tenants by state and tier, the deleted ones apart', async () => {
    const { tenants } = await stats('2026-03-31')
    expect(tenants).to.deep.include({ total: 14, deleted: 1, customers: 10 })
    expect(tenants.by_status).to.deep.equal({
      ...{ provisioning: 1, active: 9, suspended: 2, archived: 1, failed: 1 },
    })
    expect(tenants.by_tier).to.deep.equal([
      { tier: 'FREE', name: 'Free', total: 1, by_status: { active: 1 } },
      {
        tier: 'STARTER',
        name: 'Starter',
        total: 9,
        by_status: { active: 6, suspended: 2, archived: 1 },
      },
      { tier: 'PROFESSIONAL', name: 'Professional', total: 1, by_status: { active: 1 } },
      { tier: 'ENTERPRISE', name: 'Enterprise', total: 0, by_status: {} },
      { tier: null, name: null, total: 3, by_status: { provisioning: 1, active: 1, failed: 1 } },
    ])
  })

  it('adds revenue up by currency: the price in force, a year by twelve rounded once, trials and pauses apart', async () => {
    const zero = { tenants: 0, mrr: eur(0), arr: eur(0) }
    expect((await stats('2026-03-31')).revenue).to.deep.equal([
      {
        // Both rounded up by half a cent; rounded after adding them up, or item by item, it would be 183.35 or 183.34.
        ...{ currency: 'EUR', tenants: 2, mrr: eur(18_336), arr: eur(220_020) },
        ...{ trials: zero, paused: zero },
      },
      {
        // u1 49 + 249, u3, u5, b1 and l1 49 each; u2 in its trial 199 + 499; u4 is not billed meanwhile.
        ...{ currency: 'USD', tenants: 5, mrr: usd(49_400), arr: usd(592_800) },
        trials: { tenants: 1, mrr: usd(69_800), arr: usd(837_600) },
        paused: { tenants: 1, mrr: usd(4_900), arr: usd(58_800) },
      },
    ])
  })

  it('tells of an earlier day what was so then: the old price, nobody suspended, not yet cancelled', async () => {
    const { revenue, tenants } = await stats('2026-02-28')
    // u1 49 + 199, u4, u5, c1 and b1 49 each.
    expect(revenue[1]).to.deep.include({ currency: 'USD', tenants: 5, mrr: usd(44_400) })
    expect(revenue[1]?.paused.tenants).to.equal(0)
    expect(tenants.by_status).to.deep.equal({ active: 8, archived: 2 })
    expect(tenants.deleted).to.equal(0)
    expect((await stats('2025-06-14')).tenants).to.deep.include({ total: 0, by_status: {} })
  })

  it('gives the same for today as for the day that today is', async () => {
    expect(await stats('2026-03-31', null)).to.deep.equal(await stats('2026-03-31'))
  })

  it('ranks modules by the customers that hold them', async () => {
    const { modules } = await stats('2026-03-31')
    expect(modules.slice(0, 4).map(({ name: _, ...uptake }) => uptake)).to.deep.equal([
      { module: 'system_admin', tenants: 10, trialing: 1, share_percent: 100 },
      { module: 'crm', tenants: 3, trialing: 0, share_percent: 30 },
      { module: 'finance', tenants: 1, trialing: 1, share_percent: 10 },
      { module: 'oms_wms', tenants: 0, trialing: 0, share_percent: 0 },
    ])
    expect(modules).to.have.length(10)
  })

  it('counts who came and who went, month by month, against those at the start', async () => {
    const { churn } = await stats('2026-03-31')
    const rows = churn.by_month.map((flow) => [
      ...[flow.month, flow.at_start, flow.new, flow.returned, flow.lost, flow.at_end, flow.churn_percent],
    ])
    expect(rows).to.deep.equal([
      ['2025-04', 0, 0, 0, 0, 0, null],
      ['2025-05', 0, 0, 0, 0, 0, null],
      ['2025-06', 0, 2, 0, 0, 2, null],
      ['2025-07', 2, 0, 0, 0, 2, 0],
      ['2025-08', 2, 0, 0, 0, 2, 0],
      ['2025-09', 2, 0, 0, 0, 2, 0],
      ['2025-10', 2, 1, 0, 0, 3, 0],
      ['2025-11', 3, 2, 0, 0, 5, 0],
      ['2025-12', 5, 1, 0, 0, 6, 0],
      ['2026-01', 6, 3, 0, 1, 8, 16.7],
      ['2026-02', 8, 1, 1, 2, 8, 25],
      ['2026-03', 8, 3, 0, 1, 10, 12.5],
    ])
    expect(churn.last_30_days).to.deep.equal({
      ...{ from: '2026-03-02', to: '2026-03-31', at_start: 9, new: 2, returned: 0, lost: 1 },
      ...{ lost_by: { ...none, cancelled: 1 }, at_end: 10, churn_percent: 11.1 },
    })
    expect(churn.last_90_days).to.deep.equal({
      ...{ from: '2026-01-01', to: '2026-03-31', at_start: 6, new: 7, returned: 1, lost: 4 },
      lost_by: { cancelled: 1, archived: 1, deleted: 1, failed: 0, returned: 1 },
      ...{ at_end: 10, churn_percent: 66.7 },
    })
    const earlier = (await stats('2026-02-20')).churn
    expect(earlier.by_month.at(-1)).to.deep.include({
      ...{ month: '2026-02', from: '2026-02-01', to: '2026-02-20', lost: 2, returned: 0, at_end: 6 },
      lost_by: { ...none, archived: 2 },
    })
  })

  it('refuses a day that is still to come', async () => {
    expect(await rejection(readStats(ctx, '2999-01-01'))).to.include({ code: 'usage.date_in_future' })
  })
})

describe('customers who come and go', () => {
  const on = (day: string, what: Partial<DayOfFlow>): DayOfFlow => ({
    ...none,
    ...{ began: 0, again: 0 },
    ...what,
    day,
  })

  it('are counted into months by their last day, over the end of a year and in a leap February', () => {
    const days = [
      on('2024-02-29', { began: 5 }),
      on('2024-03-01', { cancelled: 1 }),
      on('2023-12-31', { began: 2 }),
    ]
    const { by_month } = churnOf(days, '2024-03-01')
    expect(by_month.map(({ month }) => month).slice(-4)).to.deep.equal([
      ...['2023-12', '2024-01', '2024-02', '2024-03'],
    ])
    expect(by_month.slice(-4).map((flow) => [flow.to, flow.at_start, flow.at_end])).to.deep.equal([
      ['2023-12-31', 0, 2],
      ['2024-01-31', 2, 2],
      ['2024-02-29', 2, 7],
      ['2024-03-01', 7, 6],
    ])
  })

  it('are told in percent to one decimal, half up', () => {
    expect(percentOf(1, 8)).to.equal(12.5)
    expect(percentOf(1, 16)).to.equal(6.3)
    expect(percentOf(1, 2000)).to.equal(0.1)
    expect(percentOf(1, 2001)).to.equal(0)
    expect(percentOf(3, 0)).to.equal(null)
  })
})
