/** What is due happens, each on its own day, however late and however often it is asked for. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { applyDue } from '../../src/subscriptions/apply.js'
import { dueTenants } from '../../src/subscriptions/due.js'
import { selectDue } from '../../src/views/due-tenants.js'
import { showSubscription, subscriptionHistory } from '../../src/views/subscription.js'
import { applySubscriptions, type AppliedToTenant } from '../../src/workflows/apply-subscriptions.js'
import { cancelSubscription } from '../../src/workflows/cancel-subscription.js'
import { changeSubscription } from '../../src/workflows/change-subscription.js'
import { addPeople, subscribedTenant, type TenantOptions } from '../support/tenants.js'
import { sharedContext } from '../support/server.js'
import {
  adjustmentsOf,
  billedUntil,
  changesOf,
  itemsOf,
  rowOf,
  scheduleRemoval,
} from '../support/subscription-rows.js'
import { refusalOf } from '../support/errors.js'
import { atInstant, onDay } from '../support/clock.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'
import type { TenantOutcome } from '../../src/workflows/each-tenant.js'

let ctx: Context

/** Applies what is due for one tenant, and gives what happened. */
async function apply(day: PlainDate, tenant: { id: string }): Promise<TenantOutcome<AppliedToTenant>[]> {
  const on = onDay(ctx, day)
  const due = await selectDue(on, tenant.id, { asOf: null, dryRun: false })
  const outcomes = []
  for await (const outcome of applySubscriptions(on, due, false)) outcomes.push(outcome)
  return outcomes
}

async function applied(day: PlainDate, tenant: { id: string }): Promise<string[]> {
  const [outcome] = await apply(day, tenant)
  return (outcome?.result?.changes ?? []).map(
    ({ kind, module, effective_on }) => `${module ?? kind} ${effective_on}`,
  )
}

async function schedule(
  day: PlainDate,
  { subdomain }: { subdomain: string },
  tier: string | null,
  cycle: 'monthly' | 'annual' | null,
): Promise<void> {
  await changeSubscription(onDay(ctx, day), subdomain, { tier, cycle, when: 'period_end' }, false)
}

const cancel = { now: false, credit: true, reason: null, dryRun: false }

describe('subscription apply', () => {
  before(async () => {
    ctx = await sharedContext()
  })

  it('ends a trial on its day, weeks late and once', async () => {
    const tenant = await subscribedTenant(ctx, 'apply-trial', { startedOn: '2026-01-17', trialDays: 14 })
    expect(await applied('2026-01-30', tenant)).to.deep.equal([])
    expect(await applied('2026-03-20', tenant)).to.deep.equal(['end_trial 2026-01-31'])
    expect(await applied('2026-03-20', tenant)).to.deep.equal([])
    expect(await rowOf(ctx, tenant.id)).to.include({
      ...{ status: 'active', anchor_date: '2026-01-31', next_billing_on: '2026-01-31' },
    })
    const shown = await showSubscription(onDay(ctx, '2026-03-20'), 'apply-trial')
    expect(shown.current_period).to.deep.equal({ from: '2026-02-28', to: '2026-03-31' })
  })

  it('puts another tier and cycle into force on their own day', async () => {
    const tenant = await subscribedTenant(ctx, 'apply-choice', {
      modules: ['crm'],
      tier: 'PROFESSIONAL',
      startedOn: '2026-01-31',
    })
    await billedUntil(ctx, tenant.id, '2026-02-28')
    await schedule('2026-02-10', tenant, 'STARTER', 'annual')
    expect(await applied('2026-02-27', tenant)).to.deep.equal([])
    expect(await applied('2026-03-15', tenant)).to.have.members(['tier 2026-02-28', 'cycle 2026-02-28'])
    expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
      'PROFESSIONAL monthly 2026-01-31 2026-02-28',
      'crm monthly 2026-01-31 2026-02-28',
      'STARTER annual 2026-02-28 on',
      'crm annual 2026-02-28 on',
    ])
    expect(await rowOf(ctx, tenant.id)).to.include({
      ...{ tier_code: 'STARTER', cycle: 'annual', anchor_date: '2026-02-28', next_billing_on: '2026-02-28' },
    })
    expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal([])
    const terms = await rows(
      ctx.db,
      sql`select t.cycle, t.anchor_date, t.days::text from public.subscription_terms t join public.subscriptions s on s.id = t.subscription_id
          where s.tenant_id = ${tenant.id} order by t.days`,
    )
    expect(terms).to.deep.equal([
      { cycle: 'monthly', anchor_date: '2026-01-31', days: '[2026-01-31,2026-02-28)' },
      { cycle: 'annual', anchor_date: '2026-02-28', days: '[2026-02-28,)' },
    ])
  })

  it('gives back what was billed of the old choice in the meantime', async () => {
    const tenant = await subscribedTenant(ctx, 'apply-late', {
      tier: 'PROFESSIONAL',
      startedOn: '2026-01-31',
    })
    await schedule('2026-02-10', tenant, 'STARTER', null)
    await billedUntil(ctx, tenant.id, '2026-03-31')
    expect(await applied('2026-03-15', tenant)).to.deep.equal(['tier 2026-02-28'])
    expect(await adjustmentsOf(ctx, tenant.id)).to.deep.equal(['PROFESSIONAL 2026-02-28 2026-03-31 tier'])
  })

  it('counts a removal as happened, and makes room for the smaller tier by it', async () => {
    const options = { modules: ['crm', 'hr', 'bi', 'finance'], tier: 'PROFESSIONAL', startedOn: '2026-04-05' }
    const tenant = await subscribedTenant(ctx, 'apply-removal', options)
    await scheduleRemoval(ctx, tenant.id, 'hr', '2026-05-05')
    await schedule('2026-04-20', tenant, 'STARTER', null)
    expect(await applied('2026-05-05', tenant)).to.deep.equal(['hr 2026-05-05', 'tier 2026-05-05'])
    const { items } = await showSubscription(onDay(ctx, '2026-05-05'), 'apply-removal')
    expect(items.map(({ code }) => code)).to.deep.equal(['STARTER', 'system_admin', 'finance', 'crm', 'bi'])
  })

  it('reprices what is to end later, and keeps its end', async () => {
    const tenant = await subscribedTenant(ctx, 'apply-ending', {
      modules: ['crm'],
      cycle: 'annual',
      startedOn: '2025-04-05',
    })
    await schedule('2026-04-01', tenant, null, 'monthly')
    await scheduleRemoval(ctx, tenant.id, 'crm', '2026-05-05')
    expect(await applied('2026-04-10', tenant)).to.deep.equal(['cycle 2026-04-05'])
    expect(await itemsOf(ctx, tenant.id)).to.deep.equal([
      'STARTER annual 2025-04-05 2026-04-05',
      'crm annual 2025-04-05 2026-04-05',
      'STARTER monthly 2026-04-05 on',
      'crm monthly 2026-04-05 2026-05-05',
    ])
    expect(await applied('2026-05-05', tenant)).to.deep.equal(['crm 2026-05-05'])
  })

  it('ends what is cancelled, and nothing else happens on that day', async () => {
    const tenant = await subscribedTenant(ctx, 'apply-cancel', {
      modules: ['crm'],
      tier: 'PROFESSIONAL',
      startedOn: '2026-04-05',
    })
    await billedUntil(ctx, tenant.id, '2026-05-05')
    await schedule('2026-04-10', tenant, 'STARTER', 'annual')
    await cancelSubscription(onDay(ctx, '2026-04-20'), tenant.subdomain, cancel)
    expect(await applied('2026-05-20', tenant)).to.deep.equal(['cancel 2026-05-05'])
    expect(await rowOf(ctx, tenant.id)).to.include({
      status: 'cancelled',
      cancel_on: '2026-05-05',
      next_billing_on: null,
    })
    expect(await changesOf(ctx, tenant.id)).to.have.members([
      'start applied 2026-04-05',
      'tier withdrawn 2026-05-05',
      'cycle withdrawn 2026-05-05',
      'cancel applied 2026-05-05',
    ])
  })

  it('leaves what does not fit any more scheduled and says so, and does the rest', async () => {
    const tenant = await subscribedTenant(ctx, 'apply-blocked', {
      tier: 'PROFESSIONAL',
      startedOn: '2026-04-05',
    })
    await schedule('2026-04-10', tenant, 'STARTER', 'annual')
    await addPeople(ctx, tenant.id, 'blocked', 11)
    const [outcome] = await apply('2026-05-05', tenant)
    expect(outcome).to.deep.include({ ok: false, result: null })
    expect(outcome?.error?.code).to.equal('tier.too_many_users')
    expect(await rowOf(ctx, tenant.id)).to.include({
      tier_code: 'PROFESSIONAL',
      cycle: 'annual',
      anchor_date: '2026-05-05',
    })
    expect(await changesOf(ctx, tenant.id)).to.include.members([
      'tier scheduled 2026-05-05',
      'cycle applied 2026-05-05',
    ])
    const failure = await oneRow<{ outcome: string; error_code: string }>(
      ctx.db,
      sql`select outcome, error_code from public.audit_log where tenant_id = ${tenant.id} and error_code is not null`,
    )
    expect(failure).to.deep.equal({ outcome: 'refused', error_code: 'tier.too_many_users' })
    await execute(
      ctx.db,
      sql`update public.memberships set status = 'removed' where tenant_id = ${tenant.id}`,
    )
    expect(await applied('2026-05-06', tenant)).to.deep.equal(['tier 2026-05-05'])
  })

  it('by two at once happens once', async () => {
    const tenant = await subscribedTenant(ctx, 'apply-race', {
      tier: 'PROFESSIONAL',
      startedOn: '2026-04-05',
    })
    await schedule('2026-04-10', tenant, 'STARTER', null)
    const runs = await Promise.all(
      [1, 2, 3].map(() => transaction(ctx, (inner) => applyDue(inner, tenant, '2026-05-05'))),
    )
    expect(runs.flatMap((run) => run.applied)).to.have.length(1)
    expect(await itemsOf(ctx, tenant.id)).to.have.length(2)
  })

  describe('finds what is due', () => {
    const due = async (instant: string, asOf: PlainDate | null = null, dryRun = false): Promise<string[]> => {
      const on = atInstant(ctx, instant)
      const found = await dueTenants(on, { asOf, dryRun })
      return found
        .filter(({ subdomain }) => subdomain.startsWith('due-'))
        .map(({ subdomain, day }) => `${subdomain} ${day}`)
    }
    const trial: TenantOptions = { startedOn: '2027-03-01', trialDays: 14 }

    it('by the day it is where the tenant is', async () => {
      await subscribedTenant(ctx, 'due-india', { ...trial, timeZone: 'Asia/Kolkata' })
      await subscribedTenant(ctx, 'due-utc', trial)
      const cancelled = await subscribedTenant(ctx, 'due-cancel', {
        startedOn: '2027-02-15',
        timeZone: 'America/New_York',
      })
      await cancelSubscription(onDay(ctx, '2027-03-01'), cancelled.subdomain, cancel)
      expect(await due('2027-03-14T18:29:59Z')).to.deep.equal([])
      expect(await due('2027-03-14T18:30:00Z')).to.deep.equal(['due-india 2027-03-15'])
      expect(await due('2027-03-15T03:59:00Z')).to.deep.equal(['due-india 2027-03-15', 'due-utc 2027-03-15'])
      expect(await due('2027-03-15T04:00:00Z')).to.have.length(3)
    })

    it('on an earlier day, and on a later one only to look at it', async () => {
      expect(await due('2027-04-15T12:00:00Z', '2027-03-14')).to.deep.equal([])
      expect(await due('2027-04-15T12:00:00Z', '2027-03-15')).to.have.length(3)
      expect(await due('2027-03-01T12:00:00Z', '2027-03-15', true)).to.have.length(3)
      expect(await refusalOf(due('2027-03-01T12:00:00Z', '2027-03-15'))).to.equal('usage apply.in_future')
    })
  })

  it('is told by the history, page by page', async () => {
    const found = []
    for (let cursor: string | null = null, pages = 0; pages < 10; pages++) {
      const page: Awaited<ReturnType<typeof subscriptionHistory>> = await subscriptionHistory(
        ctx,
        'apply-cancel',
        { limit: 1, cursor },
      )
      found.push(...page.items)
      cursor = page.next_cursor
      if (cursor === null) break
    }
    expect(found.map(({ kind }) => kind)).to.have.members(['cancel', 'cycle', 'tier', 'start'])
    expect(found.at(-1)?.kind).to.equal('start')
    const ended = found.find(({ kind }) => kind === 'cancel')
    expect(ended).to.deep.include({
      before: { status: 'active' },
      after: { status: 'cancelled' },
      status: 'applied',
    })
    expect(ended?.operator).to.equal(ctx.actor.operator)
  })
})
