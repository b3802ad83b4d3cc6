/** What is counted of a fleet, and which of it is chosen: against numbers worked out by hand. */
import { expect } from 'chai'
import { churnOf, type DayOfFlow } from '../../src/views/stats/flows.js'
import { readStats, type Stats } from '../../src/views/stats/read.js'
import { percentOf } from '../../src/views/stats/revenue.js'
import { selectTenants, type TenantSelector } from '../../src/views/tenant-selection.js'
import { listTenants } from '../../src/views/tenants.js'
import { rejection } from '../support/errors.js'
import { fleet, insertFleet } from '../support/fleet.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import type { OpenedContext } from '../../src/context.js'

const home = throwAwayFolder()
let ctx: OpenedContext

async function stats(day: string, asOf: string | null = day): Promise<Stats> {
  const clock = { now: () => new Date(`${day}T12:00:00Z`) }
  return (await readStats({ ...ctx, clock: asOf === null ? clock : ctx.clock }, asOf)).stats
}

const usd = (amount_minor: number): object => ({ amount_minor, currency: 'USD' })
const eur = (amount_minor: number): object => ({ amount_minor, currency: 'EUR' })
const none = { cancelled: 0, archived: 0, deleted: 0, failed: 0, returned: 0 }

describe('a fleet', () => {
  before(async () => {
    ctx = await openThrowAway(home)
    await insertFleet(ctx)
  })
  after(async () => {
    await ctx.close()
    await removeServer(home)
  })

  describe('in numbers', () => {
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

  describe('chosen for a bulk command', () => {
    const everyone: TenantSelector = { named: null, status: [], tier: [], module: [], exclude: [] }
    const march = { now: () => new Date('2026-03-31T12:00:00Z') }
    const names = async (choice: Partial<TenantSelector>, clock = march): Promise<string[]> =>
      (await selectTenants({ ...ctx, clock }, { ...everyone, ...choice })).map(({ subdomain }) =>
        subdomain.replace('fleet-', ''),
      )
    const idOf = async (name: string): Promise<string> =>
      (await selectTenants(ctx, { ...everyone, named: [`fleet-${name}`] }))[0]?.id ?? ''

    it('is everybody but the deleted, in order, unless the state is named', async () => {
      const there = fleet.map(({ name }) => name).filter((name) => name !== 'd1')
      expect(await names({})).to.deep.equal(there.sort())
      expect(await names({ status: ['deleted'] })).to.deep.equal(['d1'])
      expect(await names({ status: ['suspended', 'archived'] })).to.deep.equal(['r1', 'u4', 'u5'])
    })

    it('is who is named, by subdomain or id, each once, less who is left out', async () => {
      const id = await idOf('a1')
      expect(await names({ named: ['fleet-u1', 'FLEET-A2', id.toUpperCase(), 'fleet-a1'] })).to.deep.equal([
        ...['a1', 'a2', 'u1'],
      ])
      expect(await names({ named: ['fleet-u1', 'fleet-a1'], exclude: [id] })).to.deep.equal(['u1'])
      expect(await names({ named: ['fleet-u4', 'fleet-a1'], status: ['active'] })).to.deep.equal(['a1'])
      expect(await names({ named: [] })).to.deep.equal([])
      expect(await names({ status: ['active'], exclude: ['fleet-a1', 'fleet-u4'] })).to.not.include.members([
        ...['a1', 'u4'],
      ])
    })

    it('is refused where a name, a tier or a module is unknown', async () => {
      const codeOf = async (choice: Partial<TenantSelector>): Promise<unknown> =>
        ((await rejection(names(choice))) as { code: string }).code
      for (const nobody of ['nobody', '00000000-0000-4000-8000-000000000000', 'fleet-d1', '', "'"]) {
        expect(await codeOf({ named: ['fleet-a1', nobody] }), nobody).to.equal('tenant.not_found')
        expect(await codeOf({ exclude: [nobody] }), nobody).to.equal('tenant.not_found')
      }
      expect(await codeOf({ tier: ['FREE', 'GOLD'] })).to.equal('tier.unknown')
      expect(await codeOf({ module: ['crm', 'crn'] })).to.equal('module.unknown')
    })

    it('is who is in one of the tiers, and holds all of the modules', async () => {
      expect(await names({ tier: ['free', 'PROFESSIONAL'] })).to.deep.equal(['f1', 'u2'])
      // c1 was a starter once.
      expect(await names({ tier: ['STARTER'] })).to.deep.equal([
        ...['a1', 'a2', 'b1', 'l1', 'r1', 'u1', 'u3', 'u4', 'u5'],
      ])
      expect(await names({ module: ['crm'] })).to.deep.equal(['a1', 'a2', 'u1'])
      expect(await names({ module: ['crm', 'finance'] })).to.deep.equal([])
      expect(await names({ module: ['system_admin'], tier: ['PROFESSIONAL'] })).to.deep.equal(['u2'])
    })

    it('holds a module from the day on that it is there', async () => {
      // u3 begins on 17 March, which dawns in India five and a half hours before it does in UTC.
      const at = (time: string): { now: () => Date } => ({ now: () => new Date(time) })
      const chosen = { named: ['fleet-u3'], module: ['system_admin'] }
      expect(await names(chosen, at('2026-03-16T18:29:59Z'))).to.deep.equal([])
      expect(await names(chosen, at('2026-03-16T18:30:00Z'))).to.deep.equal(['u3'])
    })

    it('is the same as in tenant list', async () => {
      const filters = [
        {},
        { status: ['active', 'deleted'] },
        { tier: ['STARTER'] },
        { module: ['crm'] },
        { tier: ['STARTER', 'PROFESSIONAL'], module: ['system_admin'], status: ['suspended', 'active'] },
      ]
      const page = { sort: 'subdomain', limit: 500, cursor: null }
      for (const filter of filters) {
        const wanted = { status: [], tier: [], module: [], search: null, ...filter }
        const listed = await listTenants({ ...ctx, clock: march }, wanted, page)
        expect(listed.items.map(({ subdomain }) => subdomain.replace('fleet-', ''))).to.deep.equal(
          await names(filter),
        )
      }
    })
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
