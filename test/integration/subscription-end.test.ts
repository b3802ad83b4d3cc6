/** The end of a subscription and its withdrawal, a new one after it, trials that last longer, changes that are withdrawn. */
import { expect } from 'chai'
import { execute, oneRow, sql } from '../../src/database/sql.js'
import {
  cancelSubscription,
  resumeSubscription,
  type CancelledSubscription,
} from '../../src/workflows/cancel-subscription.js'
import { changeSubscription } from '../../src/workflows/change-subscription.js'
import { extendTrial } from '../../src/workflows/extend-trial.js'
import { startAgain } from '../../src/workflows/start-subscription.js'
import { withdrawChange } from '../../src/workflows/withdraw-change.js'
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
import { onDay } from '../support/clock.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'

let ctx: Context

const cancel = (
  day: PlainDate,
  { subdomain }: { subdomain: string },
  options: { now?: boolean; credit?: boolean } = {},
): Promise<CancelledSubscription> =>
  cancelSubscription(onDay(ctx, day), subdomain, {
    now: false,
    credit: true,
    reason: 'test',
    dryRun: false,
    ...options,
  })

describe('subscription cancel', () => {
  before(async () => {
    ctx = await sharedContext()
  })

  it('lets it be held to the end of the period', async () => {
    const tenant = await subscribedTenant(ctx, 'end-later', { modules: ['crm'], startedOn: '2026-01-31' })
    await billedUntil(ctx, tenant.id, '2026-02-28')
    const done = await cancel('2026-02-10', tenant)
    expect(done).to.deep.include({ changed: true, ends_on: '2026-02-28' })
    expect(linesOf(done.quote)).to.deep.equal([])
    expect(await rowOf(ctx, tenant.id)).to.include({ status: 'active', cancel_on: '2026-02-28' })
    expect(done.subscription.next_amount).to.equal(null)
    expect(done.subscription.scheduled_changes).to.have.length(1)
    expect((await cancel('2026-02-11', tenant)).changed).to.equal(false)
    const tier = changeSubscription(
      onDay(ctx, '2026-02-11'),
      tenant.subdomain,
      { tier: 'PROFESSIONAL', cycle: null, when: null },
      false,
    )
    expect(await refusalOf(tier)).to.equal('conflict subscription.ending')
    // Its day has come, and nothing has run: it is over all the same.
    expect((await cancel('2026-03-02', tenant, { now: true })).changed).to.equal(false)
    expect(await rowOf(ctx, tenant.id)).to.include({
      ...{ status: 'cancelled', cancel_on: '2026-02-28', next_billing_on: null },
    })
    expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
      'STARTER monthly 2026-01-31 2026-02-28',
      'crm monthly 2026-01-31 2026-02-28',
    ])
    expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal([])
  })

  it('at once gives back what is left, and withdraws what was scheduled', async () => {
    const options = { modules: ['crm', 'hr'], tier: 'PROFESSIONAL', startedOn: '2026-04-05' }
    const tenant = await subscribedTenant(ctx, 'end-now', options)
    await billedUntil(ctx, tenant.id, '2026-05-05')
    await changeSubscription(
      onDay(ctx, '2026-04-10'),
      tenant.subdomain,
      { tier: 'STARTER', cycle: null, when: null },
      false,
    )
    await scheduleRemoval(ctx, tenant.id, 'hr', '2026-05-05')
    const done = await cancel('2026-04-20', tenant, { now: true })
    expect(linesOf(done.quote)).to.deep.equal([
      'Professional platform fee, unused 2026-04-20 2026-05-05 -9950',
      'CRM & Call Center, unused 2026-04-20 2026-05-05 -9950',
      'Human Resources, unused 2026-04-20 2026-05-05 -14950',
    ])
    expect(done.quote.now.amount_minor).to.equal(-348_50)
    expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal([
      'PROFESSIONAL 2026-04-20 2026-05-05 cancel',
      'crm 2026-04-20 2026-05-05 cancel',
      'hr 2026-04-20 2026-05-05 cancel',
    ])
    expect(await changesOf(ctx, tenant.id)).to.deep.equal([
      'start applied 2026-04-05',
      'tier withdrawn 2026-05-05',
      'remove_module hr withdrawn 2026-05-05',
      'cancel applied 2026-04-20',
    ])
    expect(done.subscription).to.deep.include({ status: 'cancelled', next_billing_on: null })
    expect(done.subscription.items.map(({ code }) => code)).to.deep.equal([
      'PROFESSIONAL',
      'system_admin',
      'crm',
      'hr',
    ])
    expect((await cancel('2026-04-20', tenant, { now: true })).changed).to.equal(false)
    expect(await refusalOf(resumeSubscription(onDay(ctx, '2026-04-20'), tenant.subdomain, false))).to.equal(
      'conflict subscription.cancelled',
    )
  })

  it('at once without a credit gives nothing back', async () => {
    const tenant = await subscribedTenant(ctx, 'end-no-credit', { modules: ['crm'], startedOn: '2026-04-05' })
    const done = await cancel('2026-04-20', tenant, { now: true, credit: false })
    expect(done.quote.now.amount_minor).to.equal(0)
    expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal([])
    // What was used and not billed yet stays due: 15 of 30 days of 248.00.
    expect(done.subscription).to.deep.include({
      next_billing_on: '2026-04-05',
      next_amount: { amount_minor: 124_00, currency: 'USD' },
    })
  })

  it('inside a trial ends with the trial, and nothing is ever billed', async () => {
    const tenant = await subscribedTenant(ctx, 'end-trial', {
      modules: ['crm'],
      startedOn: '2026-04-10',
      trialDays: 14,
    })
    const done = await cancel('2026-04-12', tenant)
    expect(done.ends_on).to.equal('2026-04-24')
    expect(done.subscription.next_amount).to.equal(null)
    const extension = extendTrial(onDay(ctx, '2026-04-12'), tenant.subdomain, { days: 7 }, false)
    expect(await refusalOf(extension)).to.equal('conflict subscription.ending')
    await cancel('2026-04-30', tenant)
    expect(await changesOf(ctx, tenant.id)).to.deep.equal([
      'start applied 2026-04-10',
      'cancel applied 2026-04-24',
    ])
    expect(await rowOf(ctx, tenant.id)).to.include({ status: 'cancelled', next_billing_on: null })
  })

  it('is possible while the tenant is suspended, changing is not', async () => {
    const tenant = await subscribedTenant(ctx, 'end-suspended', { startedOn: '2026-04-05' })
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'suspended', suspension_cause = 'billing' where id = ${tenant.id}`,
    )
    expect((await cancel('2026-04-20', tenant)).changed).to.equal(true)
    expect(await refusalOf(resumeSubscription(onDay(ctx, '2026-04-20'), tenant.subdomain, false))).to.equal(
      'conflict tenant.suspended',
    )
  })

  it('by two at once is one cancellation', async () => {
    const tenant = await subscribedTenant(ctx, 'end-race', { startedOn: '2026-04-05' })
    const both = await Promise.all([1, 2].map(() => cancel('2026-04-20', tenant, { now: true })))
    expect(both.map(({ changed }) => changed).sort()).to.deep.equal([false, true])
  })
})

describe('subscription resume', () => {
  it('takes back a cancellation until its day, and only a cancellation', async () => {
    const tenant = await subscribedTenant(ctx, 'resume', { startedOn: '2026-04-05' })
    const resume = (day: PlainDate): Promise<unknown> =>
      resumeSubscription(onDay(ctx, day), tenant.subdomain, false)
    expect(await refusalOf(resume('2026-04-20'))).to.equal('conflict subscription.not_ending')
    await cancel('2026-04-20', tenant)
    await resume('2026-05-04')
    expect(await rowOf(ctx, tenant.id)).to.include({ status: 'active', cancel_on: null })
    expect(await refusalOf(resume('2026-05-04'))).to.equal('conflict subscription.not_ending')
    expect(await changesOf(ctx, tenant.id)).to.deep.equal([
      'start applied 2026-04-05',
      'cancel withdrawn 2026-05-05',
      'resume applied 2026-05-04',
    ])
    await cancel('2026-05-04', tenant)
    expect(await refusalOf(resume('2026-05-05'))).to.equal('conflict subscription.cancelled')
  })
})

describe('subscription start', () => {
  const input = { modules: ['crm'], tier: null, cycle: 'monthly', trialDays: null, dryRun: false }

  it('begins anew after a cancellation, without a second trial', async () => {
    const options = {
      modules: ['crm'],
      startedOn: '2026-04-10',
      trialDays: 14,
      country: 'IN',
      currency: 'INR',
      timeZone: 'Asia/Kolkata',
    }
    const tenant = await subscribedTenant(ctx, 'again', options)
    const start = (trialDays: number | null = null) =>
      startAgain(onDay(ctx, '2026-05-10'), tenant.subdomain, { ...input, trialDays })
    expect(await refusalOf(start())).to.equal('conflict subscription.running')
    await cancel('2026-04-12', tenant)
    // The cancellation is due by now, and happens first.
    const both = await Promise.all([1, 2].map(() => refusalOf(start())))
    expect(both.sort()).to.deep.equal(['conflict subscription.running', 'none'])
    expect(await rowOf(ctx, tenant.id)).to.include({
      ...{ status: 'active', tier_code: 'STARTER', anchor_date: '2026-05-10', trial_ends_on: null },
    })
    const { currency, count } = await oneRow<{ currency: string; count: number }>(
      ctx.db,
      sql`select min(currency) as currency, count(*)::int as count from public.subscriptions where tenant_id = ${tenant.id}`,
    )
    expect([currency, count]).to.deep.equal(['INR', 2])
    await cancel('2026-05-11', tenant, { now: true })
    const again = await Promise.all([1, 2].map(() => refusalOf(start())))
    expect(again.sort()).to.deep.equal(['conflict subscription.running', 'none'])
    await cancel('2026-05-11', tenant, { now: true })
    expect((await start(7)).subscription).to.deep.include({ status: 'trialing', trial_ends_on: '2026-05-17' })
  })

  it('is refused where more people are there than the tier takes', async () => {
    const tenant = await subscribedTenant(ctx, 'again-full', { startedOn: '2026-04-05' })
    await addPeople(ctx, tenant.id, 'again', 11)
    await cancel('2026-04-20', tenant, { now: true })
    const started = startAgain(onDay(ctx, '2026-04-21'), tenant.subdomain, input)
    expect(await refusalOf(started)).to.equal('conflict tier.too_many_users')
  })
})

describe('subscription extend-trial', () => {
  it('moves the first bill with the end, up to a year in all', async () => {
    const tenant = await subscribedTenant(ctx, 'longer', { startedOn: '2026-04-10', trialDays: 14 })
    const extend = (day: PlainDate, extension: { days: number } | { until: PlainDate }) =>
      extendTrial(onDay(ctx, day), tenant.subdomain, extension, false)
    const done = await extend('2026-04-23', { days: 7 })
    expect(done.subscription).to.deep.include({
      ...{ trial_ends_on: '2026-05-01', anchor_date: '2026-05-01', next_billing_on: '2026-05-01' },
    })
    expect((await extend('2026-04-23', { until: '2026-05-01' })).changed).to.equal(false)
    expect(await refusalOf(extend('2026-04-23', { until: '2026-04-30' }))).to.equal(
      'conflict trial.not_longer',
    )
    expect(await refusalOf(extend('2026-04-23', { until: '2027-04-11' }))).to.equal('conflict trial.too_long')
    expect((await extend('2026-04-23', { until: '2027-04-10' })).changed).to.equal(true)
    expect(await refusalOf(extend('2027-04-10', { days: 1 }))).to.equal('conflict trial.none')
    expect(await changesOf(ctx, tenant.id)).to.deep.equal([
      'start applied 2026-04-10',
      'extend_trial applied 2026-04-23',
      'extend_trial applied 2026-04-23',
    ])
  })
})

describe('subscription withdraw', () => {
  it('takes back each kind of change, by the beginning of its id', async () => {
    const options = { modules: ['oms_wms', 'logistics'], tier: 'PROFESSIONAL', startedOn: '2026-04-05' }
    const tenant = await subscribedTenant(ctx, 'withdraw', options)
    const on = onDay(ctx, '2026-04-20')
    const wish = { tier: 'STARTER', cycle: 'annual' as const, when: null }
    await changeSubscription(on, tenant.subdomain, wish, false)
    const needed = await scheduleRemoval(ctx, tenant.id, 'oms_wms', '2026-05-05')
    const removal = await scheduleRemoval(ctx, tenant.id, 'logistics', '2026-05-05')
    const { subscription } = await cancelSubscription(on, tenant.subdomain, {
      now: false,
      credit: true,
      reason: null,
      dryRun: false,
    })
    const withdraw = (id: string) => withdrawChange(on, tenant.subdomain, id, false)
    expect(await refusalOf(withdraw(removal))).to.equal('conflict module.requires')
    await withdraw(needed)
    await withdraw(removal.slice(0, 8))
    for (const { id, kind } of subscription.scheduled_changes)
      expect((await withdraw(id)).changed, kind).to.equal(kind !== 'remove_module')
    expect(await rowOf(ctx, tenant.id)).to.include({ cancel_on: null })
    expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
      'PROFESSIONAL monthly 2026-04-05 on',
      'logistics monthly 2026-04-05 on',
      'oms_wms monthly 2026-04-05 on',
    ])
    const started = await oneRow<{ id: string }>(
      ctx.db,
      sql`select id from public.subscription_changes where subscription_id = ${subscription.id} and kind = 'start'`,
    )
    expect(await refusalOf(withdraw(started.id))).to.equal('conflict change.applied')
    for (const id of ['ffffffff', 'abc', '%%%%', 'no-such-change'])
      expect(await refusalOf(withdraw(id)), id).to.equal('not_found change.not_found')
  })

  it('keeps a module only where the tier that is to come has room for it', async () => {
    const options = { modules: ['crm', 'hr', 'bi', 'finance'], tier: 'PROFESSIONAL', startedOn: '2026-04-05' }
    const tenant = await subscribedTenant(ctx, 'withdraw-full', options)
    const removal = await scheduleRemoval(ctx, tenant.id, 'hr', '2026-05-05')
    const on = onDay(ctx, '2026-04-20')
    await changeSubscription(on, tenant.subdomain, { tier: 'STARTER', cycle: null, when: null }, false)
    expect(await refusalOf(withdrawChange(on, tenant.subdomain, removal, false))).to.equal(
      'conflict tier.too_many_modules',
    )
  })
})
