/** Subscribing and unsubscribing on a real server: what is written, what is not, and by two at once. */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { moveTenant } from '../../src/tenants/move.js'
import { checkModule } from '../../src/views/module-check.js'
import { quoteModules, type QuotedModules } from '../../src/workflows/quote-modules.js'
import { subscribeModules, type SubscribedModules } from '../../src/workflows/subscribe-modules.js'
import { unsubscribeModules, type UnsubscribedModules } from '../../src/workflows/unsubscribe-modules.js'
import { cancelledOn } from '../support/subscription-rows.js'
import { rolledBack } from '../support/rolled-back.js'
import { rejection } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant, type SubscribedTenant, type TenantOptions } from '../support/tenants.js'
import { atInstant, onDay } from '../support/clock.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'

let ctx: Context
let count = 0

const usual = { startedOn: '2026-04-05', tier: 'ENTERPRISE', timeZone: 'Asia/Kolkata' }

/** In the period from 5 April to 5 May 2026 unless it is told otherwise. */
async function tenant(options: TenantOptions = {}): Promise<SubscribedTenant> {
  count += 1
  return subscribedTenant(ctx, `modules-${count}`, { ...usual, ...options })
}

function subscribe(name: string, day: string, modules: string[], dryRun = false): Promise<SubscribedModules> {
  return subscribeModules(onDay(ctx, day), { tenant: name, modules, withRequired: false, dryRun })
}

function unsubscribe(
  name: string,
  day: string,
  modules: string[],
  options: { now?: boolean; dryRun?: boolean } = {},
): Promise<UnsubscribedModules> {
  const input = { tenant: name, modules, now: false, reason: 'too dear', dryRun: false, ...options }
  return unsubscribeModules(onDay(ctx, day), input)
}

/** `crm [2026-04-05,2026-05-05)`, in the order they began. */
async function itemsOf(id: TenantId): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select i.product_code || ' ' || i.active as line from public.subscription_items i
        join public.subscriptions s on s.id = i.subscription_id
        where s.tenant_id = ${id} and i.kind = 'module' and i.product_code <> 'system_admin' order by i.created_at, 1`,
  )
  return found.map(({ line }) => line)
}

async function changesOf(id: TenantId): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select concat_ws(' ', c.kind, c.module_code, c.status, c.effective_on, c.reason) as line
        from public.subscription_changes c join public.subscriptions s on s.id = c.subscription_id
        where s.tenant_id = ${id} and c.kind <> 'start' order by c.created_at`,
  )
  return found.map(({ line }) => line)
}

async function adjustmentsOf(id: TenantId): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select i.product_code || ' ' || a.unused || ' ' || a.status as line from public.subscription_adjustments a
        join public.subscription_items i on i.id = a.item_id join public.subscriptions s on s.id = a.subscription_id
        where s.tenant_id = ${id} order by a.created_at`,
  )
  return found.map(({ line }) => line)
}

/** Actions in the audit log and topics in the outbox. */
async function traceOf(id: TenantId): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select line from (select at, action || ' ' || outcome as line from public.audit_log where tenant_id = ${id}
          union all select created_at, topic from public.outbox where tenant_id = ${id}) trace order by line`,
  )
  return found.map(({ line }) => line)
}

const outcomes = ({ modules }: { modules: SubscribedModules['modules'] }): string[] =>
  modules.map(({ code, outcome, from, to }) => `${code} ${outcome} ${from} ${to}`)

describe('modules of a tenant', () => {
  before(async () => {
    ctx = await sharedContext()
  })

  describe('subscribed to', () => {
    it('are held from today on, with a change, an audit row and an event each', async () => {
      const { id, subdomain } = await tenant()
      const done = await subscribe(subdomain, '2026-04-20', ['finance', 'crm'])
      expect(outcomes(done)).to.deep.equal(['finance added 2026-04-20 null', 'crm added 2026-04-20 null'])
      expect(done).to.deep.include({ changed: true, dry_run: false })
      expect(done.quote.now.amount_minor).to.equal(249_50 + 99_50)
      expect(done.subscription?.items.map(({ code }) => code)).to.include.members(['finance', 'crm'])
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-20,)', 'finance [2026-04-20,)'])
      expect(await changesOf(id)).to.deep.equal([
        'add_module finance applied 2026-04-20',
        'add_module crm applied 2026-04-20',
      ])
      expect(await traceOf(id)).to.deep.equal([
        'module.subscribe succeeded',
        'module.subscribed',
        'module.subscribed',
      ])
    })

    it('again are a success that changes nothing', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      const again = await subscribe(subdomain, '2026-04-20', ['crm'])
      expect(outcomes(again)).to.deep.equal(['crm unchanged 2026-04-05 null'])
      expect(again.changed).to.equal(false)
      expect(again.quote.lines).to.deep.equal([])
      expect(await traceOf(id)).to.deep.equal([])
      expect(await changesOf(id)).to.deep.equal([])
    })

    it('begin on the day it is where the tenant is', async () => {
      const { id, subdomain } = await tenant()
      const late = atInstant(ctx, '2026-04-19T18:30:00Z')
      await subscribeModules(late, {
        tenant: subdomain,
        modules: ['crm'],
        withRequired: false,
        dryRun: false,
      })
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-20,)'])
    })

    it('by two at once are held once', async () => {
      const { id, subdomain } = await tenant()
      const both = await Promise.all([1, 2].map(() => subscribe(subdomain, '2026-04-20', ['crm'])))
      expect(both.map(({ changed }) => changed).sort()).to.deep.equal([false, true])
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-20,)'])
    })

    it('twice for a day are refused by the database itself', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      const insert = (range: string) =>
        execute(
          ctx.db,
          sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
              select i.subscription_id, i.kind, i.product_code, i.price_id, ${range}::daterange from public.subscription_items i
              join public.subscriptions s on s.id = i.subscription_id where s.tenant_id = ${id} and i.product_code = 'crm'`,
        )
      await unsubscribe(subdomain, '2026-04-20', ['crm'])
      for (const range of ['[2026-04-20,)', '[2026-05-04,2026-05-05)', '[2026-01-01,2026-04-06)'])
        expect(await rejection(insert(range)), range).to.include({ code: '23P01' })
      expect(await insert('[2026-05-05,)')).to.equal(1)
    })

    it('are refused to a tenant that is suspended, with the reason', async () => {
      const { id, subdomain } = await tenant()
      await execute(
        ctx.db,
        sql`update public.tenants set status = 'suspended', suspension_cause = 'operator', suspension_reason = 'fraud' where id = ${id}`,
      )
      const refused = { kind: 'conflict', code: 'tenant.suspended' }
      expect(await rejection(subscribe(subdomain, '2026-04-20', ['crm']))).to.deep.include({
        ...refused,
        details: { status: 'suspended', cause: 'operator', reason: 'fraud' },
      })
      expect(await rejection(unsubscribe(subdomain, '2026-04-20', ['crm']))).to.deep.include(refused)
      expect(await itemsOf(id)).to.deep.equal([])
    })

    it('need a price in the currency of the subscription', async () => {
      await rolledBack(ctx, async (inner) => {
        await execute(
          inner.db,
          sql`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
              values ('platform', 'ENTERPRISE', 'CHF', 'monthly', 1, '[2026-01-01,)'),
                     ('module', 'system_admin', 'CHF', 'monthly', 0, '[2026-01-01,)')`,
        )
        const { subdomain } = await subscribedTenant(inner, 'unpriced', { ...usual, currency: 'CHF' })
        const wanted = { tenant: subdomain, modules: ['crm'], withRequired: false, dryRun: false }
        expect(await rejection(subscribeModules(onDay(inner, '2026-04-20'), wanted))).to.deep.include({
          kind: 'conflict',
          code: 'price.missing',
          details: { product: 'crm', currency: 'CHF', cycle: 'monthly', day: '2026-04-20' },
        })
      })
    })
  })

  describe('unsubscribed from', () => {
    it('end with the period, as a change that waits, and nothing is given back', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm', 'finance'] })
      const done = await unsubscribe(subdomain, '2026-04-20', ['crm'])
      expect(outcomes(done)).to.deep.equal(['crm removed 2026-04-05 2026-05-05'])
      expect(done).to.deep.include({ on: '2026-05-05', scheduled: true, adjustments: [] })
      expect(done.quote.lines).to.deep.equal([])
      expect(done.quote.per_period.amount_minor).to.equal(998_00)
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-05,2026-05-05)', 'finance [2026-04-05,)'])
      expect(await changesOf(id)).to.deep.equal(['remove_module crm scheduled 2026-05-05 too dear'])
      expect(await adjustmentsOf(id)).to.deep.equal([])
      const again = await unsubscribe(subdomain, '2026-04-21', ['crm'])
      expect(outcomes(again)).to.deep.equal(['crm unchanged 2026-04-05 2026-05-05'])
      expect(await traceOf(id)).to.deep.equal(['module.removal_scheduled', 'module.unsubscribe succeeded'])
    })

    it('stay where they are subscribed to again before, and their days are not charged again', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      await unsubscribe(subdomain, '2026-04-20', ['crm'])
      const kept = await subscribe(subdomain, '2026-05-04', ['crm'])
      expect(outcomes(kept)).to.deep.equal(['crm kept 2026-04-05 null'])
      expect(kept.quote.lines).to.deep.equal([])
      expect(kept.quote.per_period.amount_minor).to.equal(499_00 + 199_00)
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-05,)'])
      expect(await changesOf(id)).to.deep.equal(['remove_module crm withdrawn 2026-05-05 too dear'])
      await unsubscribe(subdomain, '2026-05-04', ['crm'])
      await subscribe(subdomain, '2026-05-04', ['crm'])
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-05,)'])
    })

    it('and subscribed to again on the day they ended are a new item, charged anew', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      await unsubscribe(subdomain, '2026-04-20', ['crm'])
      const added = await subscribe(subdomain, '2026-05-05', ['crm'])
      expect(outcomes(added)).to.deep.equal(['crm added 2026-05-05 null'])
      expect(added.quote.now.amount_minor).to.equal(199_00)
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-05,2026-05-05)', 'crm [2026-05-05,)'])
      // Nobody had applied it: its day had come all the same.
      expect(await changesOf(id)).to.deep.equal([
        'remove_module crm applied 2026-05-05 too dear',
        'add_module crm applied 2026-05-05',
      ])
      await unsubscribe(subdomain, '2026-05-06', ['crm'])
      expect((await itemsOf(id))[1]).to.equal('crm [2026-05-05,2026-06-05)')
    })

    it('now end today, and the days left are noted for a credit', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      const done = await unsubscribe(subdomain, '2026-04-20', ['crm'], { now: true })
      expect(done).to.deep.include({
        ...{ on: '2026-04-20', scheduled: false },
        adjustments: [{ module: 'crm', from: '2026-04-20', to: '2026-05-05' }],
      })
      expect(done.quote.now.amount_minor).to.equal(-99_50)
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-05,2026-04-20)'])
      expect(await changesOf(id)).to.deep.equal(['remove_module crm applied 2026-04-20 too dear'])
      expect(await adjustmentsOf(id)).to.deep.equal(['crm [2026-04-20,2026-05-05) pending'])
      const again = await unsubscribe(subdomain, '2026-04-20', ['crm'], { now: true })
      expect(again).to.deep.include({ changed: false, adjustments: [] })
      expect(await adjustmentsOf(id)).to.have.length(1)
    })

    it('now, while they wait for their day, end today instead', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      await unsubscribe(subdomain, '2026-04-10', ['crm'])
      const done = await unsubscribe(subdomain, '2026-04-20', ['crm'], { now: true })
      expect(done.quote.now.amount_minor).to.equal(-99_50)
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-05,2026-04-20)'])
      expect(await changesOf(id)).to.deep.equal([
        'remove_module crm withdrawn 2026-05-05 too dear',
        'remove_module crm applied 2026-04-20 too dear',
      ])
      expect(await adjustmentsOf(id)).to.deep.equal(['crm [2026-04-20,2026-05-05) pending'])
    })

    it('on the day they began were held on no day, and all that was charged comes back', async () => {
      const { id, subdomain } = await tenant()
      await subscribe(subdomain, '2026-04-20', ['crm'])
      const done = await unsubscribe(subdomain, '2026-04-20', ['crm'], { now: true })
      expect(done.quote.now.amount_minor).to.equal(-99_50)
      expect(await itemsOf(id)).to.deep.equal(['crm empty'])
      expect(await adjustmentsOf(id)).to.deep.equal(['crm [2026-04-20,2026-05-05) pending'])
      await subscribe(subdomain, '2026-04-20', ['crm'])
      expect(await itemsOf(id)).to.deep.equal(['crm empty', 'crm [2026-04-20,)'])
    })

    it('inside a trial end at once, and nothing is noted: nothing was charged', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'], trialDays: 14 })
      const done = await unsubscribe(subdomain, '2026-04-18', ['crm'])
      expect(done).to.deep.include({ on: '2026-04-18', scheduled: false, adjustments: [] })
      expect(done.quote.lines).to.deep.equal([])
      expect(await itemsOf(id)).to.deep.equal(['crm [2026-04-05,2026-04-18)'])
      expect(await changesOf(id)).to.deep.equal(['remove_module crm applied 2026-04-18 too dear'])
      const added = await subscribe(subdomain, '2026-04-18', ['finance'])
      expect(added.quote.lines).to.deep.equal([])
      // The trial has ended by its date, whether or not something ran that day: the first period is from the 19th.
      const later = await unsubscribe(subdomain, '2026-04-19', ['finance'])
      expect(later).to.deep.include({ on: '2026-05-19', scheduled: true })
    })
  })

  describe('in a rehearsal', () => {
    it('change nothing at all, and give the answer of the real thing', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      const all = async (): Promise<unknown> => [
        ...(await Promise.all([itemsOf(id), changesOf(id), adjustmentsOf(id), traceOf(id)])),
        await rows(ctx.db, sql`select * from public.subscriptions where tenant_id = ${id}`),
      ]
      const before = await all()
      const tried = await subscribe(subdomain, '2026-04-20', ['finance'], true)
      const given = await unsubscribe(subdomain, '2026-04-20', ['crm'], { now: true, dryRun: true })
      expect(await all()).to.deep.equal(before)
      expect([tried.dry_run, given.dry_run]).to.deep.equal([true, true])
      const real = await subscribe(subdomain, '2026-04-20', ['finance'])
      expect({ ...tried, dry_run: false }).to.deep.equal(real)
      const gone = await unsubscribe(subdomain, '2026-04-20', ['crm'], { now: true })
      expect(gone.adjustments).to.deep.equal(given.adjustments)
      expect(gone.quote.lines).to.deep.equal(given.quote.lines)
    })

    it('are checked like the real thing', async () => {
      const { subdomain } = await tenant({ tier: 'STARTER', modules: ['oms_wms', 'finance', 'crm'] })
      expect(await rejection(subscribe(subdomain, '2026-04-20', ['hr'], true))).to.include({
        code: 'tier.too_many_modules',
      })
    })
  })

  describe('quoted', () => {
    function quote(
      name: string,
      add: string[],
      remove: string[],
      atPeriodEnd = false,
    ): Promise<QuotedModules> {
      const input = { tenant: name, add, remove, atPeriodEnd, withRequired: false }
      return quoteModules(onDay(ctx, '2026-04-20'), input)
    }

    it('cost what doing it costs, line for line', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      const swap = await quote(subdomain, ['finance'], ['crm'])
      expect(swap.quote.lines.map(({ amount_minor: amount }) => amount)).to.deep.equal([-99_50n, 249_50n])
      expect(await changesOf(id)).to.deep.equal([])
      const [gone, added] = [
        await unsubscribe(subdomain, '2026-04-20', ['crm'], { now: true }),
        await subscribe(subdomain, '2026-04-20', ['finance']),
      ]
      expect([...gone.quote.lines, ...added.quote.lines]).to.deep.equal(swap.quote.lines)
      expect(added.quote.per_period).to.deep.equal(swap.quote.per_period)
    })

    it('to be removed at the end of the period give nothing back', async () => {
      const { subdomain } = await tenant({ modules: ['crm'] })
      const swap = await quote(subdomain, ['finance'], ['crm'], true)
      expect(swap).to.deep.include({ add_on: '2026-04-20', remove_on: '2026-05-05' })
      expect(swap.quote.lines.map(({ amount_minor: amount }) => amount)).to.deep.equal([249_50n])
      expect(swap.quote.per_period.amount_minor).to.equal(998_00)
    })

    it('are checked, and have to be named once', async () => {
      const { subdomain } = await tenant({ tier: 'STARTER', modules: ['oms_wms', 'finance', 'crm'] })
      const code = async (promise: Promise<unknown>): Promise<unknown> =>
        ((await rejection(promise)) as { code: string }).code
      expect(await code(quote(subdomain, ['hr'], []))).to.equal('tier.too_many_modules')
      expect(await code(quote(subdomain, ['field_service'], ['crm']))).to.equal('module.required_by')
      expect(await code(quote(subdomain, [], []))).to.equal('usage.modules')
      expect(await code(quote(subdomain, ['crm'], ['crm']))).to.equal('usage.contradiction')
      expect((await quote(subdomain, ['hr'], ['crm'])).added).to.deep.equal(['hr'])
    })
  })

  describe('are entitled to', () => {
    const check = async (name: string, code: string, day = '2026-04-20'): Promise<unknown> => {
      const { entitled, reason, until } = await checkModule(onDay(ctx, day), name, code)
      return { entitled, reason, until }
    }

    it('while they are held, to the first day they are not', async () => {
      const { subdomain } = await tenant({ modules: ['crm'] })
      const yes = { entitled: true, reason: 'subscribed', until: null }
      const no = { entitled: false, reason: 'not_subscribed', until: null }
      expect(await check(subdomain, 'crm')).to.deep.equal(yes)
      expect(await check(subdomain, 'system_admin')).to.deep.equal({ ...yes, reason: 'base' })
      expect(await check(subdomain, 'hr')).to.deep.equal(no)
      await unsubscribe(subdomain, '2026-04-20', ['crm'])
      expect(await check(subdomain, 'crm', '2026-05-04')).to.deep.equal({
        ...yes,
        reason: 'scheduled_removal',
        until: '2026-05-05',
      })
      expect(await check(subdomain, 'crm', '2026-05-05')).to.deep.equal(no)
    })

    it('unless tenant or subscription stand in the way, which is said first', async () => {
      const { id, subdomain } = await tenant({ modules: ['crm'] })
      const ends = (status: string, day: string | null) =>
        execute(
          ctx.db,
          sql`update public.subscriptions set status = ${status}, cancel_on = ${day}::date where tenant_id = ${id}`,
        )
      await ends('active', '2026-04-30')
      expect(await check(subdomain, 'crm')).to.deep.include({ entitled: true, until: '2026-04-30' })
      expect(await check(subdomain, 'crm', '2026-04-30')).to.deep.include({
        entitled: false,
        reason: 'subscription_cancelled',
      })
      await ends('past_due', null)
      expect(await check(subdomain, 'crm')).to.deep.include({ entitled: true })
      await ends('suspended', null)
      expect(await check(subdomain, 'crm')).to.deep.include({
        entitled: false,
        reason: 'subscription_suspended',
      })
      await cancelledOn(ctx, { id, subdomain }, '2026-04-20')
      expect(await check(subdomain, 'crm')).to.deep.include({ reason: 'subscription_cancelled' })
      await moveTenant(ctx, id, 'archived')
      expect(await check(subdomain, 'crm')).to.deep.include({ reason: 'tenant_archived' })
      await execute(ctx.db, sql`delete from public.subscriptions where tenant_id = ${id}`)
      await moveTenant(ctx, id, 'active')
      expect(await check(subdomain, 'crm')).to.deep.include({ reason: 'no_subscription' })
    })

    it('only where both exist', async () => {
      const { subdomain } = await tenant()
      expect(await rejection(check(subdomain, 'payroll'))).to.include({ kind: 'not_found' })
      expect(await rejection(check('nobody', 'crm'))).to.include({ kind: 'not_found' })
    })
  })
})
