/** What the database itself refuses of a subscription, whoever writes it. */
import { expect } from 'chai'
import { execute, oneRow, sql, type Sql } from '../../src/database/sql.js'
import { messageOf } from '../../src/kernel/errors.js'
import { cancelSubscription } from '../../src/workflows/cancel-subscription.js'
import { subscribedTenant } from '../support/tenants.js'
import { sharedContext } from '../support/server.js'
import { rowOf, scheduleRemoval } from '../support/subscription-rows.js'
import { onDay } from '../support/clock.js'
import { rolledBack } from '../support/rolled-back.js'
import type { Context } from '../../src/kernel/context.js'

let ctx: Context
let id: string

/** The constraint, or else the SQLSTATE, that refuses it at the latest at COMMIT; `none`. */
async function refusal(...statements: Sql[]): Promise<string> {
  try {
    await rolledBack(ctx, async (inner) => {
      for (const statement of statements) await execute(inner.db, statement)
    })
    return 'none'
  } catch (error) {
    const { constraint, code } = error as { constraint?: string; code?: string }
    return constraint ?? code ?? messageOf(error)
  }
}

const price = (code: string, currency = 'USD', cycle = 'monthly'): Sql =>
  sql`(select id from public.prices where product_code = ${code} and currency = ${currency} and cycle = ${cycle})`

describe('a subscription in the database', () => {
  before(async () => {
    ctx = await sharedContext()
    const tenant = await subscribedTenant(ctx, 'rules', { modules: ['crm'], startedOn: '2026-04-05' })
    id = (await rowOf(ctx, tenant.id)).id
  })

  it('has the tier of the platform fee it holds', async () => {
    expect(
      await refusal(sql`update public.subscriptions set tier_code = 'PROFESSIONAL' where id = ${id}`),
    ).to.equal('subscriptions_tier')
    const end = sql`update public.subscription_items set active = daterange('2026-04-05', '2026-05-05')
                    where subscription_id = ${id} and kind = 'platform'`
    expect(await refusal(end)).to.equal('subscriptions_tier')
    expect(await refusal(sql`delete from public.subscription_items where subscription_id = ${id}`)).to.equal(
      'subscriptions_tier',
    )
    const swap = [
      end,
      sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
          values (${id}, 'platform', 'PROFESSIONAL', ${price('PROFESSIONAL')}, '[2026-05-05,)')`,
    ]
    expect(await refusal(...swap)).to.equal('subscriptions_tier')
    expect(
      await refusal(
        ...swap,
        sql`update public.subscriptions set tier_code = 'PROFESSIONAL' where id = ${id}`,
      ),
    ).to.equal('none')
  })

  it('holds what is priced for it: the product, the currency, the cycle', async () => {
    const add = (code: string, priceOf: Sql): Sql =>
      sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
          values (${id}, 'module', ${code}, ${priceOf}, '[2026-04-20,)')`
    expect(await refusal(add('hr', price('hr')))).to.equal('none')
    expect(await refusal(add('hr', price('bi')))).to.equal('subscription_items_price')
    expect(await refusal(add('hr', price('hr', 'INR')))).to.equal('subscription_items_price')
    expect(await refusal(add('hr', price('hr', 'USD', 'annual')))).to.equal('subscriptions_cycle')
    expect(await refusal(sql`update public.subscriptions set cycle = 'annual' where id = ${id}`)).to.equal(
      'subscriptions_cycle',
    )
    expect(await refusal(sql`update public.subscriptions set currency = 'INR' where id = ${id}`)).to.equal(
      'subscriptions_currency',
    )
  })

  it('holds a module once on a day', async () => {
    const again = sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
                      values (${id}, 'module', 'crm', ${price('crm')}, '[2026-04-20,2026-04-21)')`
    expect(await refusal(again)).to.equal('subscription_items_once')
  })

  it('holds nothing any more once it is cancelled', async () => {
    const status = sql`update public.subscriptions set status = 'cancelled', cancel_on = '2026-04-20' where id = ${id}`
    expect(await refusal(status)).to.equal('subscriptions_ended')
    expect(
      await refusal(sql`update public.subscriptions set status = 'cancelled' where id = ${id}`),
    ).to.equal('subscriptions_cancel_ck')
    const tenant = await subscribedTenant(ctx, 'rules-ended', { startedOn: '2026-04-05' })
    const options = { now: true, credit: true, reason: null, dryRun: false }
    const { subscription } = await cancelSubscription(onDay(ctx, '2026-04-20'), tenant.subdomain, options)
    const reopen = sql`update public.subscription_items set active = daterange(lower(active), null)
                       where subscription_id = ${subscription.id}`
    expect(await refusal(reopen)).to.equal('subscriptions_ended')
    expect(
      await refusal(sql`update public.subscriptions set status = 'active' where id = ${subscription.id}`),
    ).to.equal('ERX02')
  })

  it('has a trial of a year at most, with its first bill where it ends', async () => {
    const tenant = await subscribedTenant(ctx, 'rules-trial', { startedOn: '2026-04-10', trialDays: 14 })
    const trial = (await rowOf(ctx, tenant.id)).id
    const move = (day: string, bill = day): Sql =>
      sql`update public.subscriptions set trial_ends_on = ${day}, anchor_date = ${day}, next_billing_on = ${bill} where id = ${trial}`
    expect(await refusal(move('2027-04-10'))).to.equal('none')
    expect(await refusal(move('2027-04-11'))).to.equal('subscriptions_trial_length_ck')
    expect(await refusal(move('2026-05-01', '2026-04-24'))).to.equal('subscriptions_next_ck')
  })

  it('keeps its history: what was decided is not written anew, and nothing is deleted', async () => {
    const change = await oneRow<{ id: string }>(
      ctx.db,
      sql`select id from public.subscription_changes where subscription_id = ${id}`,
    )
    const rewrite = sql`update public.subscription_changes set effective_on = '2026-04-06' where id = ${change.id}`
    expect(await refusal(rewrite)).to.equal('ERX02')
    expect(await refusal(sql`delete from public.subscription_changes where id = ${change.id}`)).to.equal(
      'ERX02',
    )
    expect(await refusal(sql`truncate public.subscription_changes cascade`)).to.equal('ERX02')
    const tenant = await subscribedTenant(ctx, 'rules-history', { modules: ['crm'], startedOn: '2026-04-05' })
    const removal = await scheduleRemoval(ctx, tenant.id, 'crm', '2026-05-05')
    const decide = (status: string): Sql =>
      sql`update public.subscription_changes set status = ${status}, decided_at = now() where id = ${removal}`
    expect(await refusal(decide('withdrawn'))).to.equal('none')
    expect(await refusal(decide('withdrawn'), decide('applied'))).to.equal('ERX02')
    const cycle = sql`insert into public.subscription_changes (subscription_id, kind, status, effective_on, operator, decided_at)
                      values (${id}, 'cycle', 'applied', '2026-05-05', 'test', now())`
    expect(await refusal(cycle)).to.equal('subscription_changes_cycle_ck')
  })

  it('goes as a whole with a tenant that never was active', async () => {
    const gone = [
      sql`update public.subscriptions set tenant_id = tenant_id where id = ${id}`,
      sql`delete from public.subscriptions where id = ${id}`,
    ]
    expect(await refusal(...gone)).to.equal('none')
  })
})
