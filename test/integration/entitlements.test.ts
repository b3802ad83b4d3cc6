/** Who may use which module on which day, by the dates on the rows alone: nothing here is applied by a run. */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { dayIn } from '../../src/kernel/dates.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'
import { assertMayUseModule, entitlementOf } from '../../src/subscriptions/entitlements.js'
import { recordChange } from '../../src/subscriptions/changes.js'
import { cancelledOn } from '../support/subscription-rows.js'
import { rejection } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant, type SubscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { SubscriptionId } from '../../src/kernel/ids.js'

const india = { timeZone: 'Asia/Kolkata' }

let ctx: OpenedContext
let named = 0

/** Subscribed to finance and crm from 2026-02-01 on, with a trial to 2026-02-15. */
async function tenant({ cancelled = false } = {}): Promise<SubscribedTenant> {
  named += 1
  const options = { modules: ['finance', 'crm'], startedOn: '2026-02-01', trialDays: 14, ...india }
  const made = await subscribedTenant(ctx, `entitled-${named}`, options)
  if (cancelled) await cancelledOn(ctx, made, '2026-02-02')
  return made
}

/** `yes reason until`, or `no reason until`. */
async function told({ id }: Pick<SubscribedTenant, 'id'>, module: string, day: string): Promise<string> {
  const { entitled, reason, until } = await entitlementOf(ctx, { id }, module, day)
  return [entitled ? 'yes' : 'no', reason, until ?? '-'].join(' ')
}

async function subscriptionOf({ id }: SubscribedTenant): Promise<SubscriptionId> {
  const [found] = await rows<{ id: SubscriptionId }>(
    ctx.db,
    sql`select id from public.subscriptions where tenant_id = ${id}`,
  )
  if (!found) throw new Error('no subscription')
  return found.id
}

const endItem = ({ id }: SubscribedTenant, module: string, day: string) =>
  sql`update public.subscription_items i set active = daterange(lower(i.active), ${day}::date) from public.subscriptions s
      where s.id = i.subscription_id and s.tenant_id = ${id} and i.product_code = ${module}`

describe('entitlements', () => {
  before(async () => (ctx = await sharedContext()))

  it('hold for the base module and what is subscribed, from the first day on', async () => {
    const acme = await tenant()
    expect(await told(acme, 'system_admin', '2026-02-10')).to.equal('yes base -')
    expect(await told(acme, 'finance', '2026-02-01')).to.equal('yes trial -')
    expect(await told(acme, 'finance', '2026-01-31')).to.equal('no not_subscribed -')
    expect(await told(acme, 'hr', '2026-02-10')).to.equal('no not_subscribed -')
  })

  it('a trial ends by its date, though the row still says trialing', async () => {
    const acme = await tenant()
    expect(await told(acme, 'crm', '2026-02-14')).to.equal('yes trial -')
    expect(await told(acme, 'crm', '2026-02-15')).to.equal('yes subscribed -')
  })

  it('a removal ends on its date, whether the item or a scheduled change holds it', async () => {
    for (const byChange of [false, true]) {
      const acme = await tenant()
      if (byChange) {
        const change = {
          kind: 'remove_module',
          status: 'scheduled',
          module: 'crm',
          effectiveOn: '2026-03-15',
        } as const
        await recordChange(ctx, { subscriptionId: await subscriptionOf(acme), ...change })
      } else await execute(ctx.db, endItem(acme, 'crm', '2026-03-15'))
      expect(await told(acme, 'crm', '2026-03-14')).to.equal('yes scheduled_removal 2026-03-15')
      expect(await told(acme, 'crm', '2026-03-15')).to.equal('no not_subscribed -')
      expect(await told(acme, 'finance', '2026-03-15')).to.equal('yes subscribed -')
    }
  })

  it('a withdrawn removal ends nothing', async () => {
    const acme = await tenant()
    const change = {
      kind: 'remove_module',
      status: 'scheduled',
      module: 'crm',
      effectiveOn: '2026-03-15',
    } as const
    const id = await recordChange(ctx, { subscriptionId: await subscriptionOf(acme), ...change })
    await execute(
      ctx.db,
      sql`update public.subscription_changes set status = 'withdrawn', decided_at = now() where id = ${id}`,
    )
    expect(await told(acme, 'crm', '2026-03-20')).to.equal('yes subscribed -')
  })

  it('an item that follows another without a gap goes on; after a gap it begins again', async () => {
    const acme = await tenant()
    const again = async (from: string, to: string | null) =>
      execute(
        ctx.db,
        sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
            select i.subscription_id, i.kind, i.product_code, i.price_id, daterange(${from}::date, ${to}::date)
            from public.subscription_items i where i.subscription_id = ${await subscriptionOf(acme)} and i.product_code = 'crm' limit 1`,
      )
    await execute(ctx.db, endItem(acme, 'crm', '2026-03-01'))
    await again('2026-03-01', '2026-04-01')
    await again('2026-05-01', null)
    expect(await told(acme, 'crm', '2026-02-20')).to.equal('yes scheduled_removal 2026-04-01')
    expect(await told(acme, 'crm', '2026-04-10')).to.equal('no not_subscribed -')
    expect(await told(acme, 'crm', '2026-05-01')).to.equal('yes subscribed -')
  })

  it('a cancellation ends everything on its date, the base module too', async () => {
    const acme = await tenant()
    await execute(
      ctx.db,
      sql`update public.subscriptions set cancel_on = '2026-03-15' where tenant_id = ${acme.id}`,
    )
    expect(await told(acme, 'crm', '2026-03-14')).to.equal('yes scheduled_cancellation 2026-03-15')
    expect(await told(acme, 'system_admin', '2026-03-14')).to.equal('yes base 2026-03-15')
    for (const module of ['crm', 'system_admin', 'hr'])
      expect(await told(acme, module, '2026-03-15')).to.equal('no subscription_cancelled -')
    const now = await tenant({ cancelled: true })
    expect(await told(now, 'crm', '2026-02-02')).to.equal('no subscription_cancelled -')
    const scheduled = await tenant()
    const change = { kind: 'cancel', status: 'scheduled', effectiveOn: '2026-03-15' } as const
    await recordChange(ctx, { subscriptionId: await subscriptionOf(scheduled), ...change })
    expect(await told(scheduled, 'crm', '2026-03-14')).to.equal('yes scheduled_cancellation 2026-03-15')
    expect(await told(scheduled, 'crm', '2026-03-15')).to.equal('no subscription_cancelled -')
  })

  it('the earlier of two ends counts', async () => {
    const acme = await tenant()
    await execute(ctx.db, endItem(acme, 'crm', '2026-03-10'))
    await execute(
      ctx.db,
      sql`update public.subscriptions set cancel_on = '2026-03-15' where tenant_id = ${acme.id}`,
    )
    expect(await told(acme, 'crm', '2026-03-01')).to.equal('yes scheduled_removal 2026-03-10')
    expect(await told(acme, 'crm', '2026-03-12')).to.equal('no not_subscribed -')
    expect(await told(acme, 'finance', '2026-03-12')).to.equal('yes scheduled_cancellation 2026-03-15')
  })

  it('a new subscription after a cancelled one is the one that counts', async () => {
    const acme = await tenant({ cancelled: true })
    expect(await told(acme, 'finance', '2026-03-01')).to.equal('no subscription_cancelled -')
    const other = await tenant()
    await execute(
      ctx.db,
      sql`update public.subscriptions set tenant_id = ${acme.id} where tenant_id = ${other.id}`,
    )
    expect(await told(acme, 'finance', '2026-03-01')).to.equal('yes subscribed -')
    expect(await told(other, 'finance', '2026-03-01')).to.equal('no no_subscription -')
    expect(await told(other, 'system_admin', '2026-03-01')).to.equal('no no_subscription -')
  })

  it('past due is entitled still, suspended is not', async () => {
    const acme = await tenant()
    for (const status of ['active', 'past_due'])
      await execute(
        ctx.db,
        sql`update public.subscriptions set status = ${status} where tenant_id = ${acme.id}`,
      )
    expect(await told(acme, 'crm', '2026-03-01')).to.equal('yes past_due -')
    await execute(
      ctx.db,
      sql`update public.subscriptions set status = 'suspended' where tenant_id = ${acme.id}`,
    )
    expect(await told(acme, 'crm', '2026-03-01')).to.equal('no subscription_suspended -')
    expect(await told(acme, 'system_admin', '2026-03-01')).to.equal('no subscription_suspended -')
  })

  it('the state of the tenant outranks all', async () => {
    const acme = await tenant()
    const move = (status: string, cause: string | null = null) =>
      execute(
        ctx.db,
        sql`update public.tenants set status = ${status}, suspension_cause = ${cause} where id = ${acme.id}`,
      )
    await move('suspended', 'operator')
    expect(await told(acme, 'system_admin', '2026-02-10')).to.equal('no tenant_suspended -')
    await move('archived')
    expect(await told(acme, 'crm', '2026-02-10')).to.equal('no tenant_archived -')
    await move('deleting')
    expect(await told(acme, 'crm', '2026-02-10')).to.equal('no tenant_deleting -')
    await move('deleted')
    const left = await rows(
      ctx.db,
      sql`select 1 from public.tenant_entitlements where tenant_id = ${acme.id}`,
    )
    expect(left).to.deep.equal([])
  })

  it('the view judges by the day it is where the tenant is', async () => {
    // 25 hours apart, so never on the same day.
    const east = await subscribedTenant(ctx, 'entitled-east', {
      timeZone: 'Pacific/Kiritimati',
      startedOn: '2026-02-01',
      modules: ['finance'],
    })
    const west = await subscribedTenant(ctx, 'entitled-west', {
      timeZone: 'Pacific/Pago_Pago',
      startedOn: '2026-02-01',
      modules: ['finance'],
    })
    const today = dayIn('Pacific/Kiritimati', new Date())
    for (const one of [east, west]) await execute(ctx.db, endItem(one, 'finance', today))
    const found = await rows<{ subdomain: string; entitled: boolean; schema_name: string }>(
      ctx.db,
      sql`select subdomain, entitled, schema_name from public.tenant_entitlements
          where module = 'finance' and subdomain in ('entitled-east', 'entitled-west') order by subdomain`,
    )
    expect(found).to.deep.equal([
      { subdomain: 'entitled-east', entitled: false, schema_name: 'tenant_entitled_east' },
      { subdomain: 'entitled-west', entitled: true, schema_name: 'tenant_entitled_west' },
    ])
  })

  it('the view has a row for each tenant and module, and no zone can break it', async () => {
    const [counts] = await rows<{ view: number; expected: number }>(
      ctx.db,
      sql`select (select count(*)::int from public.tenant_entitlements) as view,
                 (select count(*)::int from public.tenants where status <> 'deleted') * (select count(*)::int from public.modules) as expected`,
    )
    expect(counts?.view).to.equal(counts?.expected).and.greaterThan(10)
    const zone = rejection(
      execute(
        ctx.db,
        sql`update public.tenants set time_zone = 'Mars/Olympus' where subdomain = 'entitled-1'`,
      ),
    )
    expect((await zone) as { code: string }).to.include({ code: '22023' })
  })

  it('an unknown module is a usage error', async () => {
    const error = await rejection(entitlementOf(ctx, await tenant(), 'finnance', '2026-02-10'))
    expect(error).to.include({ kind: 'usage', code: 'module.unknown' })
  })

  it('the gate lets the entitled through and says why it refuses the others', async () => {
    const acme = await tenant()
    await assertMayUseModule(ctx, acme, 'crm', '2026-02-10')
    const refused = (await rejection(assertMayUseModule(ctx, acme, 'hr', '2026-02-10'))) as ErpmaxError
    expect(refused).to.include({ kind: 'conflict', code: 'module.not_entitled' })
    expect(refused.details).to.deep.equal({ module: 'hr', reason: 'not_subscribed' })
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'suspended', suspension_cause = 'billing' where id = ${acme.id}`,
    )
    const suspended = await rejection(assertMayUseModule(ctx, acme, 'crm', '2026-02-10'))
    expect(suspended).to.include({ kind: 'conflict', code: 'tenant.suspended' })
  })
})
