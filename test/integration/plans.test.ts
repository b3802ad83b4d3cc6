/** Tiers as data: who is on them, and what changing them does and does not do. */
import { expect } from 'chai'
import { execute, oneRow, sql } from '../../src/database/sql.js'
import { setTier, type TierSettings } from '../../src/subscriptions/tiers.js'
import { listPlans, showPlan } from '../../src/views/plans.js'
import { changeSubscription } from '../../src/workflows/change-subscription.js'
import { subscribedTenant } from '../support/tenants.js'
import { sharedContext } from '../support/server.js'
import { refusalOf } from '../support/errors.js'
import { onDay } from '../support/clock.js'
import { rolledBack } from '../support/rolled-back.js'
import type { Context, Warning } from '../../src/kernel/context.js'

let ctx: Context

describe('plans', () => {
  before(async () => {
    ctx = onDay(await sharedContext(), '2026-04-20')
  })

  it('are listed in the order of their size, with fees and tenants', () =>
    rolledBack(ctx, async (inner) => {
      const before = (await listPlans(inner)).items
      expect(before.map(({ code }) => code)).to.deep.equal(['FREE', 'STARTER', 'PROFESSIONAL', 'ENTERPRISE'])
      expect(before[1]?.fees).to.deep.include({
        cycle: 'annual',
        price: { amount_minor: 47_040, currency: 'USD' },
      })
      await subscribedTenant(inner, 'plan-a', { startedOn: '2026-04-05' })
      const after = (await listPlans(inner, { currency: 'inr', cycle: 'monthly' })).items
      expect(after[1]?.tenants).to.equal((before[1]?.tenants ?? 0) + 1)
      expect(after[1]?.fees).to.deep.equal([
        { cycle: 'monthly', price: { amount_minor: 399_900, currency: 'INR' } },
      ])
      expect(await refusalOf(listPlans(inner, { currency: 'EUR', cycle: null }))).to.equal(
        'usage currency.unpriced',
      )
    }))

  it('tell who is arriving, leaving and above their limits', () =>
    rolledBack(ctx, async (inner) => {
      const before = await showPlan(inner, 'starter')
      const options = { tier: 'PROFESSIONAL', startedOn: '2026-04-05' }
      const tenant = await subscribedTenant(inner, 'plan-b', options)
      await changeSubscription(inner, tenant.subdomain, { tier: 'STARTER', cycle: null, when: null }, false)
      await subscribedTenant(inner, 'plan-c', { modules: ['crm', 'hr'], startedOn: '2026-04-05', users: 4 })
      await setTier(quiet(inner), 'STARTER', { max_paid_modules: 1, max_users: 3 }, false)
      const after = await showPlan(inner, 'STARTER')
      expect(after.scheduled.arriving).to.equal(before.scheduled.arriving + 1)
      expect((await showPlan(inner, 'professional')).scheduled.leaving).to.be.greaterThan(0)
      expect(after.above.paid_modules).to.be.greaterThan(before.above.paid_modules)
      expect(after.above.users).to.be.greaterThan(before.above.users)
      expect(await refusalOf(showPlan(inner, 'GOLD'))).to.equal('not_found tier.not_found')
    }))

  it('are changed as data, audited once, with a warning for those above', () =>
    rolledBack(ctx, async (inner) => {
      await subscribedTenant(inner, 'plan-d', { modules: ['crm', 'hr'], startedOn: '2026-04-05' })
      const warnings: Warning[] = []
      const noting = { ...inner, warn: (warning: Warning) => warnings.push(warning) }
      const wanted: Partial<TierSettings> = {
        max_paid_modules: 1,
        // There may be tenants with many people.
        max_users: null,
        max_api_calls_per_month: null,
        trial_days: 30,
        name: 'Small',
      }
      const rehearsed = await setTier(noting, 'starter', wanted, true)
      expect((await showPlan(inner, 'STARTER')).name).to.equal('Starter')
      expect(warnings.map(({ code }) => code)).to.deep.equal(['tier.tenants_above'])
      const done = await setTier(noting, 'starter', wanted, false)
      expect({ ...rehearsed, dry_run: false }).to.deep.equal(done)
      expect(done.above.paid_modules).to.be.greaterThan(0)
      expect(await showPlan(inner, 'STARTER')).to.deep.include(wanted)
      expect((await setTier(noting, 'STARTER', wanted, false)).changed).to.equal(false)
      const { count } = await oneRow<{ count: number }>(
        inner.db,
        sql`select count(*)::int as count from public.audit_log where action = 'plan.set' and subject = 'STARTER'`,
      )
      expect(count).to.equal(1)
    }))

  it('name the tenants above new limits of storage and calls, as recorded where they are', () =>
    rolledBack(ctx, async (inner) => {
      // In Kiritimati April began on 31 March at 10:00 UTC.
      const east = await subscribedTenant(inner, 'plan-east', {
        startedOn: '2026-03-01',
        timeZone: 'Pacific/Kiritimati',
      })
      const west = await subscribedTenant(inner, 'plan-west', { startedOn: '2026-03-01' })
      const record = (tenant: { id: string }, metric: string, quantity: string, at: string) =>
        execute(
          inner.db,
          sql`insert into public.usage_records (tenant_id, key, metric, quantity, at)
              values (${tenant.id}, ${metric + at}, ${metric}, ${quantity}, ${at})`,
        )
      for (const tenant of [east, west]) {
        await record(tenant, 'api_calls', '600', '2026-03-31T10:30:00Z')
        await record(tenant, 'api_calls', '500', '2026-04-02T00:00:00Z')
        await record(tenant, 'storage_bytes', '3000000000', '2026-04-02T00:00:00Z')
      }
      await record(west, 'storage_bytes', '1000000000', '2026-04-03T00:00:00Z')
      const above = async (wanted: Partial<TierSettings>, limit: 'api_calls' | 'storage_gb') => {
        const { tenants_above } = await setTier(quiet(inner), 'starter', wanted, true)
        return tenants_above[limit].filter((name) => name.startsWith('plan-'))
      }
      expect(await above({ max_api_calls_per_month: 1000 }, 'api_calls')).to.deep.equal(['plan-east'])
      expect(await above({ max_api_calls_per_month: 499 }, 'api_calls')).to.deep.equal([
        'plan-east',
        'plan-west',
      ])
      expect(await above({ max_storage_gb: 1 }, 'storage_gb')).to.deep.equal(['plan-east'])
      expect(await above({ max_storage_gb: 3 }, 'storage_gb')).to.deep.equal([])
    }))

  it('refuse limits that are none', async () => {
    const refused = (wanted: Partial<TierSettings>, code = 'STARTER') =>
      refusalOf(setTier(ctx, code, wanted, true))
    expect(await refused({})).to.equal('usage tier.nothing_to_change')
    for (const wanted of [
      { max_users: 0 },
      { max_paid_modules: -1 },
      { max_storage_gb: 1.5 },
      { max_users: 2 ** 31 },
    ])
      expect(await refused(wanted), JSON.stringify(wanted)).to.equal('usage tier.limit_invalid')
    expect(await refused({ trial_days: 366 })).to.equal('usage trial.invalid')
    expect(await refused({ name: '' })).to.equal('usage tier.name_invalid')
    expect(await refused({ max_users: 5 }, 'GOLD')).to.equal('not_found tier.not_found')
    expect(await refused({ max_paid_modules: 0, max_users: null })).to.equal('none')
  })
})

function quiet(inner: Context): Context {
  return { ...inner, warn: () => {} }
}
