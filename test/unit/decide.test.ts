/** What a wish for another tier or cycle comes to, without a database. */
import { expect } from 'chai'
import { decide, type Standing, type Wish } from '../../src/subscriptions/decide.js'
import { anchorAfter } from '../../src/subscriptions/apply-choice.js'
import { nthPeriod } from '../../src/billing/periods.js'
import { catalogue } from '../support/catalogue.js'
import { thrown } from '../support/errors.js'
import type { ScheduledChange } from '../../src/subscriptions/changes.js'
import type { RunningSubscription } from '../../src/subscriptions/running.js'
import type { SubscriptionId, TenantId } from '../../src/kernel/ids.js'

const subscription: RunningSubscription = {
  ...{
    id: 's' as SubscriptionId,
    tenant_id: 't' as TenantId,
    status: 'active',
    tier: 'STARTER',
    cycle: 'monthly',
  },
  ...{ currency: 'USD', started_on: '2026-01-31', trial_ends_on: null, anchor_date: '2026-01-31' },
  ...{ next_billing_on: '2026-02-28', cancel_on: null, items: [] },
}

const pending = (kind: 'tier' | 'cycle', to: string, on = '2026-02-28'): ScheduledChange => ({
  ...{ id: kind, kind, module_code: null, before: {}, after: { [kind]: to }, effective_on: on, reason: null },
})

function decided(wish: Partial<Wish>, standing: Partial<Standing> = {}): string[] {
  const here = {
    subdomain: 'acme',
    subscription,
    scheduled: [],
    today: '2026-02-10',
    periodEnd: '2026-02-28',
  }
  const all = { tier: null, cycle: null, when: null, ...wish }
  return decide(catalogue, { ...here, ...standing }, all).map(({ kind, outcome, on, superseded }) =>
    [kind, outcome, on, ...(superseded ? ['instead'] : [])].join(' '),
  )
}

const refusal = (...args: Parameters<typeof decided>): unknown => thrown(() => decided(...args))

describe('a change of a subscription', () => {
  it('is at once upward, at the end of the period downward or to another cycle', () => {
    expect(decided({ tier: 'ENTERPRISE' })).to.deep.equal(['tier applied 2026-02-10'])
    expect(decided({ tier: 'free' })).to.deep.equal(['tier scheduled 2026-02-28'])
    expect(decided({ cycle: 'annual' })).to.deep.equal(['cycle scheduled 2026-02-28'])
    expect(decided({ tier: 'PROFESSIONAL', cycle: 'annual' })).to.deep.equal([
      'tier applied 2026-02-10',
      'cycle scheduled 2026-02-28',
    ])
  })

  it('is when it is asked for', () => {
    expect(decided({ tier: 'ENTERPRISE', when: 'period_end' })).to.deep.equal(['tier scheduled 2026-02-28'])
    expect(decided({ tier: 'FREE', cycle: 'annual', when: 'now' })).to.deep.equal([
      'tier applied 2026-02-10',
      'cycle applied 2026-02-10',
    ])
    const annual = { subscription: { ...subscription, cycle: 'annual' as const } }
    expect(refusal({ cycle: 'monthly', when: 'now' }, annual)).to.include({
      kind: 'conflict',
      code: 'cycle.at_period_end',
    })
    expect(decided({ cycle: 'monthly' }, annual)).to.deep.equal(['cycle scheduled 2026-02-28'])
  })

  it('takes the place of the one that is scheduled, or is it', () => {
    const scheduled = [pending('tier', 'FREE'), pending('cycle', 'annual')]
    expect(decided({ tier: 'FREE', cycle: 'annual' }, { scheduled })).to.deep.equal([
      'tier unchanged 2026-02-28',
      'cycle unchanged 2026-02-28',
    ])
    expect(decided({ tier: 'STARTER', cycle: 'monthly' }, { scheduled })).to.deep.equal([
      'tier withdrawn  instead',
      'cycle withdrawn  instead',
    ])
    expect(decided({ tier: 'ENTERPRISE' }, { scheduled })).to.deep.equal(['tier applied 2026-02-10 instead'])
    // Due since long and impossible ever since: asked for again it is for the end of this period.
    expect(decided({ tier: 'FREE' }, { scheduled: [pending('tier', 'FREE', '2026-01-31')] })).to.deep.equal([
      'tier scheduled 2026-02-28 instead',
    ])
  })

  it('is nothing where it is so already', () => {
    expect(decided({ tier: 'starter', cycle: 'monthly', when: 'now' })).to.deep.equal([
      'tier unchanged ',
      'cycle unchanged ',
    ])
  })

  it('is at once inside a trial, up to the day before it ends', () => {
    const trial = { subscription: { ...subscription, anchor_date: '2026-02-11', cycle: 'annual' as const } }
    const wish = { tier: 'FREE', cycle: 'monthly' as const, when: 'period_end' as const }
    expect(decided(wish, trial)).to.deep.equal(['tier applied 2026-02-10', 'cycle applied 2026-02-10'])
    expect(decided(wish, { ...trial, today: '2026-02-11' })).to.deep.equal([
      'tier scheduled 2026-02-28',
      'cycle scheduled 2026-02-28',
    ])
  })

  it('is refused where the subscription is to end, unless it changes nothing', () => {
    const ending = { subscription: { ...subscription, cancel_on: '2026-02-28' } }
    expect(refusal({ tier: 'ENTERPRISE' }, ending)).to.include({ code: 'subscription.ending' })
    expect(decided({ tier: 'STARTER' }, ending)).to.deep.equal(['tier unchanged '])
  })
})

describe('the anchor of another cycle', () => {
  it('stays from annual to monthly, so that the days of the month come back', () => {
    const annual = { ...subscription, cycle: 'annual' as const, anchor_date: '2024-02-29' }
    const anchor = anchorAfter(annual, 'monthly', '2025-02-28')
    expect([12, 13, 14].map((n) => nthPeriod(anchor, 'monthly', n).from)).to.deep.equal([
      '2025-02-28',
      '2025-03-29',
      '2025-04-29',
    ])
  })

  it('is the day it begins from monthly to annual', () => {
    expect(anchorAfter(subscription, 'annual', '2026-02-28')).to.equal('2026-02-28')
  })
})
