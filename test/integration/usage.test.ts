/** Usage: each key once, sums exact whoever records at the same time, months where the tenant is, limits of the tier. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { dayIn } from '../../src/kernel/dates.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'
import { recordUsage, recordUsageLines, type UsageOutcome } from '../../src/subscriptions/record-usage.js'
import { checkUsage, showUsage, type MetricUsage } from '../../src/views/usage.js'
import { cancelledOn } from '../support/subscription-rows.js'
import { atInstant } from '../support/clock.js'
import { rejection } from '../support/errors.js'
import { full } from '../support/place.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant, type SubscribedTenant, type TenantOptions } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { Metric, UsageLine, UsageRecord } from '../../src/subscriptions/usage-lines.js'

let ctx: OpenedContext
let named = 0

/** The context with its clock at this instant. */
const at = (instant: string): OpenedContext => atInstant(ctx, instant)

async function tenant(options: TenantOptions = {}): Promise<SubscribedTenant> {
  named += 1
  const usual = { tier: 'FREE', startedOn: '2026-01-01', timeZone: 'Asia/Kolkata' }
  return subscribedTenant(ctx, `usage-${named}`, { ...usual, ...options })
}

/** One record by its words. */
async function record(
  inside: OpenedContext,
  name: string,
  metric: Metric,
  quantity: number,
  key: string,
  when: string | null = null,
  dryRun = false,
): Promise<boolean> {
  const fields = { tenant: name, metric, quantity: String(quantity), key, at: when }
  return (await recordUsage(inside, fields, dryRun)).recorded
}

async function lines(records: readonly UsageRecord[], dryRun = false): Promise<UsageOutcome[]> {
  async function* each(): AsyncGenerator<UsageLine, void, void> {
    for (const [index, one] of records.entries()) yield { line: index + 1, record: one, error: null }
  }
  const found: UsageOutcome[] = []
  for await (const outcome of recordUsageLines(ctx, each(), dryRun)) found.push(outcome)
  return found
}

const call = (name: string, key: string, quantity = 1): UsageRecord => ({
  ...{
    tenant: name,
    metric: 'api_calls',
    quantity: BigInt(quantity),
    key,
    at: new Date('2026-02-10T00:00:00Z'),
  },
})

async function sumOf({ id }: SubscribedTenant): Promise<string> {
  const { sum } = await oneRow<{ sum: string }>(
    ctx.db,
    sql`select coalesce(sum(quantity), 0)::text || ' in ' || count(*) as sum from public.usage_records where tenant_id = ${id}`,
  )
  return sum
}

async function metricOf(
  inside: OpenedContext,
  { id }: SubscribedTenant,
  metric: Metric,
  month: string | null = null,
): Promise<MetricUsage> {
  const found = (await showUsage(inside, id, month)).metrics.find((one) => one.metric === metric)
  if (!found) throw new Error(metric)
  return found
}

describe('usage', () => {
  before(async () => (ctx = await sharedContext()))

  describe('is recorded', () => {
    it('once for each key: again changes nothing, something else is refused', async () => {
      const acme = await tenant()
      expect(await record(ctx, acme.subdomain, 'api_calls', 10, 'k')).to.equal(true)
      expect(await record(ctx, acme.id, 'api_calls', 10, 'k')).to.equal(false)
      for (const [metric, quantity, when] of [
        ['api_calls', 11, null],
        ['users', 10, null],
        ['api_calls', 10, '2026-02-10'],
      ] as const) {
        const error = (await rejection(
          record(ctx, acme.subdomain, metric, quantity, 'k', when),
        )) as ErpmaxError
        expect(error).to.include({ kind: 'conflict', code: 'usage.key_reused' })
        expect(error.details).to.include({ key: 'k', metric: 'api_calls', quantity: 10 })
      }
      expect(await sumOf(acme)).to.equal('10 in 1')
      const audited = await rows<{ after: object }>(
        ctx.db,
        sql`select after from public.audit_log where action = 'usage.record' and tenant_id = ${acme.id}`,
      )
      expect(audited).to.have.length(1)
      expect(audited[0]?.after).to.include({ metric: 'api_calls', quantity: '10', key: 'k' })
    })

    it('with the same key for another tenant all the same', async () => {
      const [acme, globex] = [await tenant(), await tenant()]
      for (const one of [acme, globex])
        expect(await record(ctx, one.subdomain, 'api_calls', 1, 'same')).to.equal(true)
    })

    it('not in a rehearsal', async () => {
      const acme = await tenant()
      expect(await record(ctx, acme.subdomain, 'api_calls', 10, 'k', null, true)).to.equal(true)
      expect(await sumOf(acme)).to.equal('0 in 0')
    })

    it('not for a tenant that is suspended, or unknown', async () => {
      const acme = await tenant()
      const suspend = sql`update public.tenants set status = 'suspended', suspension_cause = 'operator' where id = ${acme.id}`
      await execute(ctx.db, suspend)
      expect(await rejection(record(ctx, acme.subdomain, 'users', 1, 'k'))).to.include({
        code: 'tenant.suspended',
      })
      expect(await rejection(record(ctx, 'usage-nobody', 'users', 1, 'k'))).to.include({
        code: 'tenant.not_found',
      })
    })
  })

  describe('in a file', () => {
    it('has an outcome for each line', async () => {
      const [acme, gone] = [await tenant(), await tenant()]
      await execute(ctx.db, sql`update public.tenants set status = 'archived' where id = ${gone.id}`)
      await record(ctx, acme.subdomain, 'api_calls', 7, 'before', '2026-02-10')
      const outcomes = await lines([
        call(acme.subdomain, 'new', 5),
        call(acme.id.toUpperCase(), 'before', 7),
        call(acme.subdomain.toUpperCase(), 'new', 5),
        call(acme.subdomain, 'new', 6),
        call('usage-nobody', 'x'),
        call(gone.subdomain, 'x'),
        call(acme.subdomain, 'before', 8),
      ])
      expect(outcomes.map(({ outcome, error }) => error?.code ?? outcome)).to.deep.equal([
        'recorded',
        'already_recorded',
        'already_recorded',
        'usage.key_reused',
        'tenant.not_found',
        'tenant.archived',
        'usage.key_reused',
      ])
      expect(outcomes.map(({ line }) => line)).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
      expect(await sumOf(acme)).to.equal('12 in 2')
    })

    it('of more than one batch gives the same rehearsed as done, and the second time changes nothing', async () => {
      const acme = await tenant()
      const count = full ? 100_000 : 6_000
      const records = Array.from({ length: count }, (_, index) =>
        call(acme.subdomain, `k${index}`, index % 7),
      )
      // The first key once more in a later batch, the second with another quantity.
      records.push(call(acme.subdomain, 'k0', 0), call(acme.subdomain, 'k1', 3))
      const outcomes = async (dryRun: boolean): Promise<string[]> =>
        (await lines(records, dryRun)).map(({ outcome, error }) => error?.code ?? outcome)
      const expected = [
        ...Array.from({ length: count }, () => 'recorded'),
        'already_recorded',
        'usage.key_reused',
      ]
      expect(await outcomes(true)).to.deep.equal(expected)
      expect(await sumOf(acme)).to.equal('0 in 0')
      expect(await outcomes(false)).to.deep.equal(expected)
      const sum = records.slice(0, count).reduce((total, { quantity }) => total + quantity, 0n)
      expect(await sumOf(acme)).to.equal(`${sum} in ${count}`)
      expect((await outcomes(false)).filter((outcome) => outcome === 'recorded')).to.deep.equal([])
      expect(await sumOf(acme)).to.equal(`${sum} in ${count}`)
    })

    it('and recorded by several at once, in other orders, adds up exactly', async () => {
      const tenants = [await tenant(), await tenant()]
      const records = Array.from({ length: 4000 }, (_, index) =>
        call(tenants[index % 2]?.subdomain ?? '', `k${index}`, index),
      )
      const orders = [records, records.toReversed(), records.slice(2000), records.slice(0, 2000).toReversed()]
      const outcomes = (await Promise.all(orders.map((order) => lines(order)))).flat()
      expect(outcomes.filter(({ outcome }) => outcome === 'recorded')).to.have.length(4000)
      expect(outcomes.filter(({ outcome }) => outcome === 'failed')).to.deep.equal([])
      // 0 + 2 + ... + 3998 and 1 + 3 + ... + 3999.
      expect(await sumOf(tenants[0] as SubscribedTenant)).to.equal('3998000 in 2000')
      expect(await sumOf(tenants[1] as SubscribedTenant)).to.equal('4000000 in 2000')
    })

    it('stops between two batches when it is told to', async () => {
      const stop = new AbortController()
      stop.abort()
      const interrupted = { ...ctx, signal: stop.signal }
      async function* one(): AsyncGenerator<UsageLine, void, void> {
        yield { line: 1, record: call('usage-1', 'x'), error: null }
      }
      const error = await rejection(recordUsageLines(interrupted, one(), false).next())
      expect(error).to.include({ kind: 'interrupted' })
    })
  })

  describe('is shown', () => {
    it('by months of the tenant: midnight is where it is', async () => {
      const acme = await tenant({ timeZone: 'Asia/Kolkata' })
      const inside = at('2026-03-10T00:00:00Z')
      // 18:30 UTC is midnight in Kolkata.
      for (const [key, when, quantity] of [
        ['a', '2026-01-31T18:29:59.999Z', 1],
        ['b', '2026-01-31T18:30:00Z', 10],
        ['c', '2026-02-28T18:29:59.999Z', 100],
        ['d', '2026-02-28T18:30:00Z', 1000],
      ] as const)
        await record(inside, acme.subdomain, 'api_calls', quantity, key, when)
      const calls = async (month: string | null): Promise<bigint | null> =>
        (await metricOf(inside, acme, 'api_calls', month)).used
      expect([await calls('2026-01'), await calls('2026-02'), await calls(null)]).to.deep.equal([
        1n,
        110n,
        1000n,
      ])
      await execute(ctx.db, sql`update public.tenants set time_zone = 'UTC' where id = ${acme.id}`)
      expect([await calls('2026-01'), await calls('2026-02'), await calls('2026-03')]).to.deep.equal([
        11n,
        1100n,
        0n,
      ])
    })

    it('against the limits of the tier', async () => {
      const acme = await tenant({ schema: true })
      const inside = at('2026-03-10T00:00:00Z')
      await record(inside, acme.subdomain, 'api_calls', 2_505, 'k', '2026-03-01')
      const usage = await showUsage(inside, acme.subdomain, null)
      expect(usage).to.include({
        tenant: acme.subdomain,
        month: '2026-03',
        time_zone: 'Asia/Kolkata',
        tier: 'FREE',
      })
      const [users, storage, calls] = usage.metrics
      expect(users).to.deep.equal({ metric: 'users', used: 0n, limit: 3n, percent: 0, source: 'counted' })
      expect(storage).to.include({ metric: 'storage_bytes', limit: 1_000_000_000n, source: 'measured' })
      expect(Number(storage?.used)).to.be.greaterThan(8_000)
      expect(calls).to.deep.equal({
        metric: 'api_calls',
        used: 2_505n,
        limit: 10_000n,
        percent: 25,
        source: 'recorded',
      })
      const big = await tenant({ tier: 'ENTERPRISE' })
      expect(await metricOf(ctx, big, 'api_calls')).to.include({ limit: null, percent: null })
    })

    it('counting whoever belongs or is invited, or what the ERP recorded last where that is more', async () => {
      const acme = await tenant()
      const inside = at('2026-03-10T00:00:00Z')
      await execute(
        ctx.db,
        sql`with people as (
              insert into public.users (email, full_name, status)
              select 'usage-' || n || '@x.test', 'N', 'active' from generate_series(1, 3) n returning id, email)
            insert into public.memberships (user_id, tenant_id, role_id, status)
            select p.id, ${acme.id}, r.id, case p.email when 'usage-1@x.test' then 'invited' else 'active' end
            from people p, public.roles r where r.code = 'user'`,
      )
      await execute(
        ctx.db,
        sql`update public.memberships m set status = 'removed' from public.users u where u.id = m.user_id and u.email = 'usage-3@x.test'`,
      )
      expect(await metricOf(inside, acme, 'users')).to.include({ used: 2n, source: 'counted' })
      await record(inside, acme.subdomain, 'users', 9, 'march-1', '2026-03-01')
      await record(inside, acme.subdomain, 'users', 5, 'march-5', '2026-03-05')
      await record(inside, acme.subdomain, 'users', 7, 'february', '2026-02-20')
      expect(await metricOf(inside, acme, 'users')).to.include({ used: 5n, source: 'recorded' })
      expect(await metricOf(inside, acme, 'users', '2026-02')).to.include({ used: 7n, source: 'recorded' })
      expect(await metricOf(inside, acme, 'users', '2026-01')).to.include({
        used: null,
        source: null,
        percent: null,
      })
      await record(inside, acme.subdomain, 'users', 1, 'march-9', '2026-03-09')
      expect(await metricOf(inside, acme, 'users')).to.include({ used: 2n, source: 'counted' })
    })

    it('for no month that has not begun where the tenant is', async () => {
      const acme = await tenant({ timeZone: 'Pacific/Auckland' })
      const inside = at('2026-03-31T12:00:00Z')
      expect((await showUsage(inside, acme.id, null)).month).to.equal('2026-04')
      for (const month of ['2026-05', '2026-13', '2026-4', '0000-01', "2026-01'"]) {
        const error = await rejection(showUsage(inside, acme.id, month))
        expect(error, month).to.include({ kind: 'usage', code: 'usage.month_invalid' })
      }
    })
  })

  describe('is checked', () => {
    it('to the last one that fits', async () => {
      const acme = await tenant()
      await record(ctx, acme.subdomain, 'api_calls', 9_999, 'k')
      const check = async (add: bigint): Promise<string> =>
        (await checkUsage(ctx, acme.id, 'api_calls', add)).reason
      expect([await check(0n), await check(1n), await check(2n)]).to.deep.equal([
        ...['within_limits', 'within_limits', 'over_limit'],
      ])
      await record(ctx, acme.subdomain, 'api_calls', 2, 'more')
      const all = await checkUsage(ctx, acme.id, null, 0n)
      expect(all).to.include({ allowed: false, reason: 'over_limit' })
      expect(all.metrics.map(({ metric, allowed }) => `${metric} ${allowed}`)).to.deep.equal([
        ...['users true', 'storage_bytes true', 'api_calls false'],
      ])
      expect(await checkUsage(ctx, acme.id, 'users', 3n)).to.include({ allowed: true })
    })

    it('and refused without a subscription, or to a tenant that may not work', async () => {
      const acme = await tenant()
      await cancelledOn(ctx, acme, dayIn('Asia/Kolkata', ctx.clock.now()))
      expect(await checkUsage(ctx, acme.id, null, 0n)).to.include({
        allowed: false,
        reason: 'no_subscription',
      })
      await execute(ctx.db, sql`update public.tenants set status = 'archived' where id = ${acme.id}`)
      expect(await checkUsage(ctx, acme.id, null, 0n)).to.include({
        allowed: false,
        reason: 'tenant_archived',
      })
    })
  })
})
