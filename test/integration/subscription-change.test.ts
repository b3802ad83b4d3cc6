/** Another tier, another cycle: amounts worked out by hand, on the days it happens. */
import { expect } from 'chai'
import { execute, sql } from '../../src/database/sql.js'
import { changeSubscription, type ChangedSubscription } from '../../src/workflows/change-subscription.js'
import { addPeople, subscribedTenant } from '../support/tenants.js'
import { sharedContext } from '../support/server.js'
import {
  adjustmentsOf,
  billedUntil,
  changesOf,
  itemsOf,
  linesOf,
  rowOf,
  scheduleRemoval,
} from '../support/subscription-rows.js'
import { refusalOf } from '../support/errors.js'
import { atInstant, onDay } from '../support/clock.js'
import { rolledBack } from '../support/rolled-back.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'
import type { Wish } from '../../src/subscriptions/decide.js'

let ctx: Context

const change = (
  day: PlainDate,
  tenant: { subdomain: string },
  wish: Partial<Wish>,
  { dryRun = false, on = ctx } = {},
): Promise<ChangedSubscription> =>
  changeSubscription(
    onDay(on, day),
    tenant.subdomain,
    { tier: null, cycle: null, when: null, ...wish },
    dryRun,
  )

const outcomes = ({ changes }: ChangedSubscription): string[] =>
  changes.map(({ kind, module, outcome, effective_on }) =>
    [module ?? kind, outcome, effective_on ?? 'never'].join(' '),
  )

describe('subscription change', () => {
  before(async () => {
    ctx = await sharedContext()
  })

  describe('of the tier', () => {
    it('upward: at once, for the days that are left of the period', async () => {
      const tenant = await subscribedTenant(ctx, 'change-up', { modules: ['crm'], startedOn: '2026-04-05' })
      await billedUntil(ctx, tenant.id, '2026-05-05')
      const rehearsed = await change('2026-04-20', tenant, { tier: 'professional' }, { dryRun: true })
      expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
        'STARTER monthly 2026-04-05 on',
        'crm monthly 2026-04-05 on',
      ])
      const done = await change('2026-04-20', tenant, { tier: 'professional' })
      // 15 of 30 days: 49.00 gives back 24.50, 199.00 takes 99.50.
      expect(linesOf(done.quote)).to.deep.equal([
        'Starter platform fee, unused 2026-04-20 2026-05-05 -2450',
        'Professional platform fee 2026-04-20 2026-05-05 9950',
      ])
      expect(done.quote.now).to.deep.equal({ amount_minor: 7500, currency: 'USD' })
      expect(done.quote.per_period.amount_minor).to.equal(199_00 + 199_00)
      expect({ ...rehearsed, dry_run: false, subscription: null }).to.deep.equal({
        ...done,
        subscription: null,
      })
      expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
        'STARTER monthly 2026-04-05 2026-04-20',
        'crm monthly 2026-04-05 on',
        'PROFESSIONAL monthly 2026-04-20 on',
      ])
      expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal(['STARTER 2026-04-20 2026-05-05 tier'])
      expect(done.subscription.pending_adjustments[0]?.credit?.amount_minor).to.equal(2450)
      expect(done.subscription).to.deep.include({ tier: 'PROFESSIONAL', next_billing_on: '2026-05-05' })
      expect(done.subscription.next_amount?.amount_minor).to.equal(398_00)
      expect(outcomes(await change('2026-04-20', tenant, { tier: 'PROFESSIONAL' }))).to.deep.equal([
        'tier unchanged never',
      ])
      expect(await changesOf(ctx, tenant.id)).to.have.length(2)
    })

    it('twice upward on one day: the one in between was held on no day, and goes back whole', async () => {
      const tenant = await subscribedTenant(ctx, 'change-twice', { startedOn: '2026-04-05' })
      await change('2026-04-20', tenant, { tier: 'PROFESSIONAL' })
      const done = await change('2026-04-20', tenant, { tier: 'ENTERPRISE' })
      expect(linesOf(done.quote)).to.deep.equal([
        'Professional platform fee, unused 2026-04-20 2026-05-05 -9950',
        'Enterprise platform fee 2026-04-20 2026-05-05 24950',
      ])
      expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
        'STARTER monthly 2026-04-05 2026-04-20',
        'ENTERPRISE monthly 2026-04-20 on',
      ])
      const credits = done.subscription.pending_adjustments.map(({ credit }) => credit?.amount_minor)
      expect(credits).to.have.members([2450, 9950])
    })

    it('downward: at the end of the period, without a credit', async () => {
      const tenant = await subscribedTenant(ctx, 'change-down', {
        tier: 'PROFESSIONAL',
        startedOn: '2026-01-31',
      })
      await billedUntil(ctx, tenant.id, '2026-02-28')
      const done = await change('2026-02-10', tenant, { tier: 'STARTER' })
      expect(outcomes(done)).to.deep.equal(['tier scheduled 2026-02-28'])
      expect(linesOf(done.quote)).to.deep.equal([])
      expect(done.quote.per_period.amount_minor).to.equal(49_00)
      expect(done.subscription).to.deep.include({ tier: 'PROFESSIONAL', next_billing_on: '2026-02-28' })
      // The next bill is that of the tier to come.
      expect(done.subscription.next_amount?.amount_minor).to.equal(49_00)
      expect(done.subscription.per_period.amount_minor).to.equal(199_00)
      expect(outcomes(await change('2026-02-11', tenant, { tier: 'STARTER' }))).to.deep.equal([
        'tier unchanged 2026-02-28',
      ])
      expect(outcomes(await change('2026-02-12', tenant, { tier: 'FREE' }))).to.deep.equal([
        'tier scheduled 2026-02-28',
      ])
      const back = await change('2026-02-13', tenant, { tier: 'PROFESSIONAL' })
      expect(outcomes(back)).to.deep.equal(['tier withdrawn never'])
      expect(back.subscription.scheduled_changes).to.deep.equal([])
      expect(await changesOf(ctx, tenant.id)).to.deep.equal([
        'start applied 2026-01-31',
        'tier withdrawn 2026-02-28',
        'tier withdrawn 2026-02-28',
      ])
    })

    it('downward at once: with a credit', async () => {
      const tenant = await subscribedTenant(ctx, 'change-down-now', {
        tier: 'PROFESSIONAL',
        startedOn: '2026-04-05',
      })
      const done = await change('2026-04-20', tenant, { tier: 'STARTER', when: 'now' })
      expect(linesOf(done.quote)).to.deep.equal([
        'Professional platform fee, unused 2026-04-20 2026-05-05 -9950',
        'Starter platform fee 2026-04-20 2026-05-05 2450',
      ])
      expect(await rowOf(ctx, tenant.id)).to.include({ tier_code: 'STARTER' })
    })

    it('upward at the end of the period, where that is asked for', async () => {
      const tenant = await subscribedTenant(ctx, 'change-up-later', { startedOn: '2026-04-05' })
      const done = await change('2026-04-20', tenant, { tier: 'PROFESSIONAL', when: 'period_end' })
      expect(outcomes(done)).to.deep.equal(['tier scheduled 2026-05-05'])
      const sooner = await change('2026-04-21', tenant, { tier: 'PROFESSIONAL' })
      expect(outcomes(sooner)).to.deep.equal(['tier applied 2026-04-21'])
      expect(sooner.subscription.scheduled_changes).to.deep.equal([])
    })

    it('is refused where modules or people are too many, named', async () => {
      const modules = ['crm', 'finance', 'hr', 'bi']
      const tenant = await subscribedTenant(ctx, 'change-full', {
        modules,
        tier: 'PROFESSIONAL',
        startedOn: '2026-04-05',
      })
      const refused = change('2026-04-20', tenant, { tier: 'STARTER' })
      expect(await refusalOf(refused)).to.equal('conflict tier.too_many_modules')
      const details = await refused.catch((error: { details: object; hint: string }) => error)
      expect(details)
        .to.have.nested.property('details.modules')
        .that.deep.equals(['finance', 'crm', 'hr', 'bi'])
      expect(details).to.have.property('hint', 'erpmax module unsubscribe change-full bi')
      await scheduleRemoval(ctx, tenant.id, 'hr', '2026-05-05')
      expect(await refusalOf(change('2026-04-20', tenant, { tier: 'STARTER', when: 'now' }))).to.equal(
        'conflict tier.too_many_modules',
      )
      await addPeople(ctx, tenant.id, 'full', 11)
      expect(await refusalOf(change('2026-04-20', tenant, { tier: 'STARTER' }))).to.equal(
        'conflict tier.too_many_users',
      )
      await execute(
        ctx.db,
        sql`update public.memberships set status = 'removed'
            where id in (select id from public.memberships where tenant_id = ${tenant.id} limit 1)`,
      )
      // Ten people, and three modules once the removal has happened.
      expect(outcomes(await change('2026-04-20', tenant, { tier: 'STARTER' }))).to.deep.equal([
        'tier scheduled 2026-05-05',
      ])
    })

    it('by two at once is one change', async () => {
      const tenant = await subscribedTenant(ctx, 'change-race', { startedOn: '2026-04-05' })
      const both = await Promise.all([1, 2].map(() => change('2026-04-20', tenant, { tier: 'PROFESSIONAL' })))
      expect(both.map(({ changed }) => changed).sort()).to.deep.equal([false, true])
      expect(await changesOf(ctx, tenant.id)).to.deep.equal([
        'start applied 2026-04-05',
        'tier applied 2026-04-20',
      ])
      expect(await adjustmentsOf(ctx, tenant.id)).to.have.length(1)
    })
  })

  describe('of the cycle', () => {
    it('to annual at once: what is left of the month goes back, the year begins today', async () => {
      const tenant = await subscribedTenant(ctx, 'change-year', { modules: ['crm'], startedOn: '2026-01-31' })
      await billedUntil(ctx, tenant.id, '2026-02-28')
      const done = await change('2026-02-10', tenant, { cycle: 'annual', when: 'now' })
      // 18 of 28 days left. Used 10: 17.50 of 49.00 and 71.07 of 199.00.
      expect(linesOf(done.quote)).to.deep.equal([
        'Starter platform fee, unused 2026-02-10 2026-02-28 -3150',
        'CRM & Call Center, unused 2026-02-10 2026-02-28 -12793',
        'Starter platform fee 2026-02-10 2027-02-10 47040',
        'CRM & Call Center 2026-02-10 2027-02-10 191040',
      ])
      expect(await rowOf(ctx, tenant.id)).to.include({
        ...{ cycle: 'annual', anchor_date: '2026-02-10', next_billing_on: '2026-02-10' },
      })
      expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal([
        'STARTER 2026-02-10 2026-02-28 cycle',
        'crm 2026-02-10 2026-02-28 cycle',
      ])
      const credits = done.subscription.pending_adjustments.map(({ credit }) => credit?.amount_minor)
      expect(credits).to.deep.equal([3150, 12793])
    })

    it('does not lose the days that no bill has reached yet', async () => {
      const tenant = await subscribedTenant(ctx, 'change-arrears', { startedOn: '2026-01-31' })
      const done = await change('2026-04-10', tenant, { cycle: 'annual', when: 'now' })
      expect(done.subscription).to.deep.include({ next_billing_on: '2026-01-31', anchor_date: '2026-04-10' })
      expect(done.subscription.next_amount?.amount_minor).to.equal(49_00)
      await billedUntil(ctx, tenant.id, '2026-03-31')
      const later = await change('2026-04-11', tenant, { cycle: 'annual' })
      // The last stretch of months: 10 of the 30 days from 31 March to 30 April, at 49.00.
      expect(later.subscription.next_amount?.amount_minor).to.equal(1633)
    })

    it('to annual at the end of the period, counted from there', async () => {
      const tenant = await subscribedTenant(ctx, 'change-year-later', { startedOn: '2026-01-31' })
      await billedUntil(ctx, tenant.id, '2026-02-28')
      const done = await change('2026-02-10', tenant, { cycle: 'annual' })
      expect(outcomes(done)).to.deep.equal(['cycle scheduled 2026-02-28'])
      expect(done.subscription.next_amount?.amount_minor).to.equal(470_40)
      const back = await change('2026-02-10', tenant, { cycle: 'monthly' })
      expect(outcomes(back)).to.deep.equal(['cycle withdrawn never'])
      await change('2026-02-10', tenant, { cycle: 'annual' })
      // Weeks later, and nothing has applied it: the next change does so first.
      const next = await change('2026-04-10', tenant, { tier: 'PROFESSIONAL' })
      expect(next.subscription.current_period).to.deep.equal({ from: '2026-02-28', to: '2027-02-28' })
      // 324 of 365 days: 470.40 less 52.84 for 41 days, 1,910.40 x 324 / 365.
      expect(linesOf(next.quote)).to.deep.equal([
        'Starter platform fee, unused 2026-04-10 2027-02-28 -41756',
        'Professional platform fee 2026-04-10 2027-02-28 169581',
      ])
    })

    it('to monthly only when the year is over, and counted from the old anchor', async () => {
      const tenant = await subscribedTenant(ctx, 'change-month', { cycle: 'annual', startedOn: '2024-02-29' })
      await billedUntil(ctx, tenant.id, '2025-02-28')
      expect(await refusalOf(change('2024-06-01', tenant, { cycle: 'monthly', when: 'now' }))).to.equal(
        'conflict cycle.at_period_end',
      )
      const done = await change('2024-06-01', tenant, { cycle: 'monthly' })
      expect(outcomes(done)).to.deep.equal(['cycle scheduled 2025-02-28'])
      const after = await change('2025-03-10', tenant, { cycle: 'monthly' })
      expect(after.subscription.current_period).to.deep.equal({ from: '2025-02-28', to: '2025-03-29' })
      expect(after.subscription.next_amount?.amount_minor).to.equal(49_00)
      expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
        'STARTER annual 2024-02-29 2025-02-28',
        'STARTER monthly 2025-02-28 on',
      ])
      // And back at once: 19 of the 29 days have not been used.
      const back = await change('2025-03-10', tenant, { cycle: 'annual', when: 'now' })
      expect(linesOf(back.quote)).to.deep.equal([
        'Starter platform fee, unused 2025-03-10 2025-03-29 -3210',
        'Starter platform fee 2025-03-10 2026-03-10 47040',
      ])
      expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal(['STARTER 2025-03-10 2025-03-29 cycle'])
    })

    it('at once takes with it what was scheduled for the end of the period', async () => {
      const options = { modules: ['crm', 'hr'], tier: 'PROFESSIONAL', startedOn: '2026-04-05' }
      const tenant = await subscribedTenant(ctx, 'change-absorb', options)
      await change('2026-04-10', tenant, { tier: 'STARTER' })
      await scheduleRemoval(ctx, tenant.id, 'hr', '2026-05-05')
      const done = await change('2026-04-20', tenant, { cycle: 'annual', when: 'now' })
      expect(outcomes(done)).to.have.members([
        'cycle applied 2026-04-20',
        'tier applied 2026-04-20',
        'hr applied 2026-04-20',
      ])
      expect(done.subscription).to.deep.include({ tier: 'STARTER', cycle: 'annual', scheduled_changes: [] })
      expect(linesOf(done.quote)).to.deep.equal([
        'Professional platform fee, unused 2026-04-20 2026-05-05 -9950',
        'CRM & Call Center, unused 2026-04-20 2026-05-05 -9950',
        'Human Resources, unused 2026-04-20 2026-05-05 -14950',
        'CRM & Call Center 2026-04-20 2027-04-20 191040',
        'Starter platform fee 2026-04-20 2027-04-20 47040',
      ])
      expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
        'PROFESSIONAL monthly 2026-04-05 2026-04-20',
        'crm monthly 2026-04-05 2026-04-20',
        'hr monthly 2026-04-05 2026-04-20',
        'STARTER annual 2026-04-20 on',
        'crm annual 2026-04-20 on',
      ])
    })

    it('with a better tier: the tier at once, the cycle at the end of the period', async () => {
      const tenant = await subscribedTenant(ctx, 'change-both', { startedOn: '2026-04-05' })
      const done = await change('2026-04-20', tenant, { tier: 'PROFESSIONAL', cycle: 'annual' })
      expect(outcomes(done)).to.deep.equal(['tier applied 2026-04-20', 'cycle scheduled 2026-05-05'])
      expect(done.quote.now.amount_minor).to.equal(7500)
      expect(done.quote.per_period.amount_minor).to.equal(1_910_40)
      const now = await change('2026-04-21', tenant, { tier: 'ENTERPRISE', cycle: 'annual', when: 'now' })
      // 14 of 30 days of 199.00 go back: 199.00 less 106.13.
      expect(linesOf(now.quote)).to.deep.equal([
        'Professional platform fee, unused 2026-04-21 2026-05-05 -9287',
        'Enterprise platform fee 2026-04-21 2027-04-21 479040',
      ])
      expect(now.subscription.scheduled_changes).to.deep.equal([])
    })
  })

  describe('inside a trial', () => {
    it('is immediate and free, and the old choice is never billed', async () => {
      const options = { modules: ['crm'], tier: 'PROFESSIONAL', startedOn: '2026-04-10', trialDays: 14 }
      const tenant = await subscribedTenant(ctx, 'change-trial', options)
      const done = await change('2026-04-20', tenant, {
        tier: 'STARTER',
        cycle: 'annual',
        when: 'period_end',
      })
      expect(outcomes(done)).to.deep.equal(['tier applied 2026-04-20', 'cycle applied 2026-04-20'])
      expect(linesOf(done.quote)).to.deep.equal([])
      expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal([])
      expect(await rowOf(ctx, tenant.id)).to.include({
        ...{ status: 'trialing', tier_code: 'STARTER', cycle: 'annual' },
        ...{ anchor_date: '2026-04-24', next_billing_on: '2026-04-24' },
      })
      expect(done.subscription.next_amount?.amount_minor).to.equal(470_40 + 1_910_40)
      const back = await change('2026-04-23', tenant, { cycle: 'monthly', when: 'now' })
      expect(back.subscription.next_amount?.amount_minor).to.equal(49_00 + 199_00)
    })

    it('is over by its date, though nothing has run that day', async () => {
      const tenant = await subscribedTenant(ctx, 'change-trial-over', {
        startedOn: '2026-04-10',
        trialDays: 14,
      })
      const last = await change('2026-04-23', tenant, { tier: 'PROFESSIONAL' }, { dryRun: true })
      expect(linesOf(last.quote)).to.deep.equal([])
      const done = await change('2026-04-24', tenant, { tier: 'PROFESSIONAL' })
      expect(linesOf(done.quote)).to.deep.equal([
        'Starter platform fee, unused 2026-04-24 2026-05-24 -4900',
        'Professional platform fee 2026-04-24 2026-05-24 19900',
      ])
      expect(await changesOf(ctx, tenant.id)).to.deep.equal([
        'start applied 2026-04-10',
        'end_trial applied 2026-04-24',
        'tier applied 2026-04-24',
      ])
    })
  })

  it('counts in whole yen', () =>
    rolledBack(ctx, async (inner) => {
      await execute(
        inner.db,
        sql`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
            select kind, code, 'JPY', 'monthly', amount, daterange('2020-01-01', null)
            from (values ('platform', 'STARTER', 7001), ('platform', 'PROFESSIONAL', 28003), ('module', 'system_admin', 0))
              as p (kind, code, amount)`,
      )
      const options = { currency: 'JPY', country: 'JP', timeZone: 'Asia/Tokyo', startedOn: '2026-05-05' }
      const tenant = await subscribedTenant(inner, 'change-yen', options)
      const done = await change('2026-05-20', tenant, { tier: 'PROFESSIONAL' }, { on: inner })
      // 15 of 31 days used: 3387.58, rounded 3388; 28003 x 16 / 31 = 14453.16.
      expect(linesOf(done.quote)).to.deep.equal([
        'Starter platform fee, unused 2026-05-20 2026-06-05 -3613',
        'Professional platform fee 2026-05-20 2026-06-05 14453',
      ])
      expect(await refusalOf(change('2026-05-20', tenant, { cycle: 'annual' }, { on: inner }))).to.equal(
        'conflict price.missing',
      )
    }))

  it('happens on the day it is where the tenant is', async () => {
    const options = { startedOn: '2026-04-05', timeZone: 'Asia/Kolkata' }
    const tenant = await subscribedTenant(ctx, 'change-zone', options)
    const late = atInstant(ctx, '2026-04-19T18:30:00Z')
    const done = await changeSubscription(
      late,
      tenant.subdomain,
      { tier: 'PROFESSIONAL', cycle: null, when: null },
      true,
    )
    expect(done.changes[0]?.effective_on).to.equal('2026-04-20')
  })

  it('is refused with a reason', async () => {
    const tenant = await subscribedTenant(ctx, 'change-refused', { startedOn: '2026-04-05' })
    expect(await refusalOf(change('2026-04-20', tenant, {}))).to.equal('usage subscription.nothing_to_change')
    expect(await refusalOf(change('2026-04-20', tenant, { tier: 'GOLD' }))).to.equal('usage tier.unknown')
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'suspended', suspension_cause = 'operator' where id = ${tenant.id}`,
    )
    expect(await refusalOf(change('2026-04-20', tenant, { tier: 'PROFESSIONAL' }))).to.equal(
      'conflict tenant.suspended',
    )
  })
})
