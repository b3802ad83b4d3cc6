/** What others are told of a subscription: one event for each thing that happens to it, in the transaction in which it happens. */
import { expect } from 'chai'
import { rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { applyDue } from '../../src/subscriptions/apply.js'
import { cancelSubscription, resumeSubscription } from '../../src/workflows/cancel-subscription.js'
import { changeSubscription } from '../../src/workflows/change-subscription.js'
import { extendTrial } from '../../src/workflows/extend-trial.js'
import { startAgain } from '../../src/workflows/start-subscription.js'
import { subscribeModules } from '../../src/workflows/subscribe-modules.js'
import { unsubscribeModules } from '../../src/workflows/unsubscribe-modules.js'
import { withdrawChange } from '../../src/workflows/withdraw-change.js'
import { onDay } from '../support/clock.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant, type TenantOptions } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'

const later = { now: false, credit: true, reason: null, dryRun: false }

describe('the events of a subscription', () => {
  let ctx: Context
  const at = (day: string): Context => onDay(ctx, day)
  const seen = new Map<TenantId, number>()

  before(async () => {
    ctx = await sharedContext()
  })

  const tenant = (name: string, options: TenantOptions): ReturnType<typeof subscribedTenant> =>
    subscribedTenant(ctx, `events-${name}`, options)

  /** Since it was asked last: `subscription.changed 2026-04-20`. */
  async function news({ id }: { id: TenantId }): Promise<string[]> {
    const found = await rows<{ line: string }>(
      ctx.db,
      sql`select concat_ws(' ', topic, payload ->> 'module', payload ->> 'on') as line
          from public.outbox where tenant_id = ${id} order by created_at, topic`,
    )
    const fresh = found.slice(seen.get(id) ?? 0).map(({ line }) => line)
    seen.set(id, found.length)
    return fresh.sort()
  }

  it('tell of tier and cycle, now, later and withdrawn, and of nothing in a rehearsal', async () => {
    const acme = await tenant('choice', { modules: ['crm'], startedOn: '2026-04-05' })
    const change = (tier: string | null, cycle: 'annual' | null = null, dryRun = false) =>
      changeSubscription(at('2026-04-20'), acme.subdomain, { tier, cycle, when: null }, dryRun)
    expect(await news(acme)).to.deep.equal([])
    await change('PROFESSIONAL', null, true)
    expect(await news(acme)).to.deep.equal([])
    await change('PROFESSIONAL')
    expect(await news(acme)).to.deep.equal(['subscription.changed 2026-04-20'])
    await change('PROFESSIONAL')
    expect(await news(acme)).to.deep.equal([])
    const { subscription } = await change(null, 'annual')
    expect(await news(acme)).to.deep.equal(['subscription.change_scheduled 2026-05-05'])
    const id = subscription.scheduled_changes[0]?.id ?? ''
    await withdrawChange(at('2026-04-21'), acme.subdomain, id, false)
    await withdrawChange(at('2026-04-21'), acme.subdomain, id, false)
    expect(await news(acme)).to.deep.equal(['subscription.change_withdrawn 2026-05-05'])
    await change('STARTER')
    await news(acme)
    const due = () => transaction(ctx, (inner) => applyDue(inner, acme, '2026-05-07'))
    await Promise.all([due(), due()])
    expect(await news(acme)).to.deep.equal(['subscription.changed 2026-05-05'])
    const [event] = await rows<{ payload: Record<string, unknown> }>(
      ctx.db,
      sql`select payload from public.outbox where tenant_id = ${acme.id} and payload ->> 'on' = '2026-05-05'
          and topic = 'subscription.changed'`,
    )
    expect(event?.payload).to.deep.include({
      ...{ subdomain: acme.subdomain, on: '2026-05-05' },
      ...{ before: { tier: 'PROFESSIONAL' }, after: { tier: 'STARTER' } },
    })
  })

  it('tell of a trial, its extension and its end', async () => {
    const acme = await tenant('trial', { startedOn: '2026-04-10', trialDays: 14 })
    await extendTrial(at('2026-04-12'), acme.subdomain, { days: 2 }, false)
    expect(await news(acme)).to.deep.equal(['subscription.trial_extended 2026-04-12'])
    await transaction(ctx, (inner) => applyDue(inner, acme, '2026-04-30'))
    expect(await news(acme)).to.deep.equal(['subscription.trial_ended 2026-04-26'])
  })

  it('tell of its end, of what takes that back, and of another beginning', async () => {
    const acme = await tenant('end', { startedOn: '2026-04-05' })
    await cancelSubscription(at('2026-04-20'), acme.subdomain, later)
    expect(await news(acme)).to.deep.equal(['subscription.cancel_scheduled 2026-05-05'])
    await resumeSubscription(at('2026-04-21'), acme.subdomain, false)
    expect(await news(acme)).to.deep.equal(['subscription.resumed 2026-04-21'])
    await cancelSubscription(at('2026-04-22'), acme.subdomain, later)
    await news(acme)
    await transaction(ctx, (inner) => applyDue(inner, acme, '2026-05-05'))
    expect(await news(acme)).to.deep.equal(['subscription.cancelled 2026-05-05'])
    const again = { modules: [], tier: null, cycle: 'monthly', trialDays: null, dryRun: false }
    await startAgain(at('2026-05-10'), acme.subdomain, again)
    expect(await news(acme)).to.deep.equal(['subscription.started 2026-05-10'])
  })

  it('tell of a module when it is taken, when its end is decided, and when it ends', async () => {
    const acme = await tenant('module', { startedOn: '2026-04-05' })
    const taken = { tenant: acme.subdomain, modules: ['crm'], withRequired: false, dryRun: false }
    const given = { tenant: acme.subdomain, modules: ['crm'], now: false, reason: null, dryRun: false }
    await subscribeModules(at('2026-04-10'), taken)
    expect(await news(acme)).to.deep.equal(['module.subscribed crm 2026-04-10'])
    await unsubscribeModules(at('2026-04-11'), given)
    expect(await news(acme)).to.deep.equal(['module.removal_scheduled crm 2026-05-05'])
    await subscribeModules(at('2026-04-12'), taken)
    expect(await news(acme)).to.deep.equal(['module.removal_withdrawn crm 2026-04-12'])
    await unsubscribeModules(at('2026-04-13'), given)
    await news(acme)
    await transaction(ctx, (inner) => applyDue(inner, acme, '2026-05-05'))
    expect(await news(acme)).to.deep.equal(['module.unsubscribed crm 2026-05-05'])
  })
})
