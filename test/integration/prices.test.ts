/** Prices in versions: what a new one does to the others, what is refused, and that nothing is rewritten. */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { rolledBack } from '../support/rolled-back.js'
import { parseMoney } from '../../src/kernel/money.js'
import { setPrice, type PriceInput, type SetPrice } from '../../src/subscriptions/prices.js'
import { showModule } from '../../src/views/module.js'
import { listPrices, type PriceList, type PriceListFilters } from '../../src/views/prices.js'
import { rejection } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import { atInstant, onDay } from '../support/clock.js'
import type { Context } from '../../src/kernel/context.js'

/** In a transaction that is taken back: the other tests keep their prices. */
async function aside(work: (ctx: Context) => Promise<void>): Promise<void> {
  await rolledBack(onDay(await sharedContext(), '2026-04-20'), work)
}

function set(
  ctx: Context,
  amount: string,
  from: string,
  input: Partial<PriceInput> = {},
): Promise<SetPrice & { dry_run: boolean }> {
  return setPrice(ctx, {
    ...{ product: { module: 'finance' }, cycle: 'monthly', money: parseMoney(amount, 'USD') },
    ...{ from, replace: false, dryRun: false, ...input },
  })
}

/** `49900 [2020-01-01,2026-06-01)`, earliest first. */
async function versions(ctx: Context, code = 'finance'): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select amount_minor || ' ' || validity as line from public.prices
        where product_code = ${code} and currency = 'USD' and cycle = 'monthly' order by validity`,
  )
  return found.map(({ line }) => line)
}

const everything: PriceListFilters = {
  ...{ module: null, tier: null, currency: null, cycle: null, on: null, all: false },
}
const list = (ctx: Context, filters: Partial<PriceListFilters>, limit = 500): Promise<PriceList> =>
  listPrices(ctx, { ...everything, ...filters }, { limit, cursor: null })

describe('a new price', () => {
  it('closes the one before on its day, and is audited', () =>
    aside(async (ctx) => {
      const done = await set(ctx, '549', '2026-06-01')
      expect(done).to.deep.include({ changed: true, dry_run: false, replaced: [] })
      expect(done.price).to.deep.equal({
        ...{ kind: 'module', code: 'finance', cycle: 'monthly', from: '2026-06-01', to: null },
        price: { amount_minor: 549_00, currency: 'USD' },
      })
      expect(done.before).to.deep.include({ from: '2020-01-01', to: '2026-06-01' })
      expect(await versions(ctx)).to.deep.equal(['49900 [2020-01-01,2026-06-01)', '54900 [2026-06-01,)'])
      const [log] = await rows<{ subject: string; outcome: string }>(
        ctx.db,
        sql`select subject, outcome from public.audit_log where action = 'price.set' order by at desc limit 1`,
      )
      expect(log).to.deep.equal({ subject: 'finance USD monthly', outcome: 'succeeded' })
    }))

  it('set again is a success that changes nothing, on its day and after it too', () =>
    aside(async (ctx) => {
      await set(ctx, '549', '2026-06-01')
      expect((await set(ctx, '549.00', '2026-06-01')).changed).to.equal(false)
      expect((await set(onDay(ctx, '2026-06-01'), '549.00', '2026-06-01')).changed).to.equal(false)
      expect((await set(onDay(ctx, '2026-09-01'), '549.00', '2026-06-01')).changed).to.equal(false)
      expect((await set(ctx, '499', '2026-05-01', { product: { module: 'crm' } })).changed).to.equal(true)
      expect((await set(ctx, '299', '2026-05-01', { product: { module: 'hr' } })).changed).to.equal(false)
      expect(await versions(ctx)).to.have.length(2)
      expect(await versions(ctx, 'hr')).to.deep.equal(['29900 [2020-01-01,)'])
    }))

  it('may begin today, not on a day that is over', () =>
    aside(async (ctx) => {
      expect(await rejection(set(ctx, '549', '2026-04-19'))).to.deep.include({
        kind: 'conflict',
        code: 'price.in_the_past',
        details: { from: '2026-04-19', today: '2026-04-20' },
      })
      expect((await set(ctx, '549', '2026-04-20')).changed).to.equal(true)
      // What has begun is not rewritten, not even today.
      for (const replace of [false, true])
        expect(await rejection(set(ctx, '559', '2026-04-20', { replace }))).to.include({
          code: 'price.begun',
        })
    }))

  it('not on a day that is over where a tenant is, though it is not in UTC', () =>
    aside(async (ctx) => {
      const lateInUtc = atInstant(ctx, '2026-04-20T20:00:00Z')
      await subscribedTenant(ctx, 'ahead', { startedOn: '2026-04-05', timeZone: 'Asia/Kolkata' })
      expect(await rejection(set(lateInUtc, '549', '2026-04-20'))).to.deep.include({
        code: 'price.in_the_past',
        details: { from: '2026-04-20', today: '2026-04-21' },
      })
    }))

  it('gives way to none that is to come, unless it is to replace it', () =>
    aside(async (ctx) => {
      await set(ctx, '549', '2026-06-01')
      await set(ctx, '599', '2026-09-01')
      for (const from of ['2026-05-01', '2026-06-01', '2026-09-01'])
        expect(await rejection(set(ctx, '520', from)), from).to.deep.include({
          kind: 'conflict',
          code: 'price.version_ahead',
        })
      const before = await versions(ctx)
      expect(before).to.have.length(3)
      const done = await set(ctx, '520', '2026-05-01', { replace: true })
      expect(done.replaced.map(({ from }) => from)).to.deep.equal(['2026-06-01', '2026-09-01'])
      expect(await versions(ctx)).to.deep.equal(['49900 [2020-01-01,2026-05-01)', '52000 [2026-05-01,)'])
    }))

  it('that is the old one takes back what was to come', () =>
    aside(async (ctx) => {
      await set(ctx, '549', '2026-06-01')
      const done = await set(ctx, '499', '2026-06-01', { replace: true })
      expect(done.price).to.deep.include({ from: '2020-01-01', to: null })
      expect(await versions(ctx)).to.deep.equal(['49900 [2020-01-01,)'])
    }))

  it('is one more version of a currency, a tier or a cycle of its own', () =>
    aside(async (ctx) => {
      const yen = await set(ctx, '1', '2026-05-01', { money: parseMoney('74900', 'JPY') })
      expect(yen).to.deep.include({ changed: true, before: null })
      expect(yen.price.price).to.deep.equal({ amount_minor: 74_900, currency: 'JPY' })
      const fee = await set(ctx, '59', '2026-05-01', { product: { tier: 'starter' } })
      expect(fee.price).to.deep.include({ kind: 'platform', code: 'STARTER' })
      expect(await versions(ctx)).to.deep.equal(['49900 [2020-01-01,)'])
    }))

  it('rehearsed writes nothing, and is checked', () =>
    aside(async (ctx) => {
      const tried = await set(ctx, '549', '2026-06-01', { dryRun: true })
      expect(tried).to.deep.include({ changed: true, dry_run: true })
      expect(await versions(ctx)).to.deep.equal(['49900 [2020-01-01,)'])
      expect(await rejection(set(ctx, '549', '2026-04-19', { dryRun: true }))).to.include({
        code: 'price.in_the_past',
      })
    }))

  it('tells how many it concerns, and warns where it is tenfold', () =>
    aside(async (ctx) => {
      const warned: string[] = []
      const listening = { ...ctx, warn: ({ code }: { code: string }) => void warned.push(code) }
      const before = await set(ctx, '549', '2026-06-01', { dryRun: true })
      await subscribedTenant(ctx, 'payer', { startedOn: '2026-04-05', modules: ['finance'] })
      const tenfold = await set(listening, '4990', '2026-06-01', { dryRun: true })
      expect(tenfold.subscriptions).to.equal(before.subscriptions + 1)
      expect(warned).to.deep.equal([])
      await set(listening, '4990.01', '2026-06-01', { dryRun: true })
      await set(listening, '49.89', '2026-06-01', { dryRun: true })
      expect(warned).to.deep.equal(['price.tenfold', 'price.tenfold'])
    }))

  it('of what there is not is refused', () =>
    aside(async (ctx) => {
      expect(await rejection(set(ctx, '1', '2026-06-01', { product: { module: 'payroll' } }))).to.include({
        kind: 'not_found',
        code: 'module.unknown',
      })
      expect(await rejection(set(ctx, '1', '2026-06-01', { product: { tier: 'GOLD' } }))).to.include({
        kind: 'usage',
        code: 'tier.unknown',
      })
    }))
})

describe('a price on file', () => {
  const change = (statement: string): Promise<void> =>
    aside(async (ctx) => {
      await execute(
        ctx.db,
        sql`update public.prices set amount_minor = amount_minor where product_code = 'finance'`,
      )
      const refused = ctx.db.raw(`${statement} where product_code = 'finance' and currency = 'USD'`)
      expect(await rejection(refused as unknown as Promise<unknown>)).to.include({ code: 'ERX02' })
    })

  it('keeps its amount', () => change('update public.prices set amount_minor = amount_minor + 1'))
  it('keeps its first day', () =>
    change(`update public.prices set validity = daterange('2021-01-01', upper(validity))`))
  it('stays the price of what it is', () =>
    change(`update public.prices set cycle = 'annual', currency = 'EUR'`))
})

describe('the list of prices', () => {
  it('holds those in force on the day, or all there are, and says which is which', () =>
    aside(async (ctx) => {
      await set(ctx, '549', '2026-06-01')
      const finance = { module: 'finance', currency: 'USD', cycle: 'monthly' as const }
      const states = async (filters: Partial<PriceListFilters>): Promise<string[]> =>
        (await list(ctx, { ...finance, ...filters })).items.map(
          ({ state, price }) => `${state} ${price.amount_minor}`,
        )
      expect(await states({})).to.deep.equal(['in_force 49900'])
      expect(await states({ on: '2026-06-01' })).to.deep.equal(['in_force 54900'])
      expect(await states({ on: '2019-12-31' })).to.deep.equal([])
      expect(await states({ all: true })).to.deep.equal(['in_force 49900', 'to_come 54900'])
      expect(await states({ all: true, on: '2026-06-01' })).to.deep.equal(['past 49900', 'in_force 54900'])
      const shown = await showModule(ctx, 'finance')
      expect(shown.prices).to.have.length(4)
      expect(shown.price_history).to.have.length(5)
    }))

  it('goes through all of them page by page, in the order of the catalogue', () =>
    aside(async (ctx) => {
      const whole = (await list(ctx, {})).items
      expect(whole.length).to.be.at.least(14 * 2 * 2)
      expect(whole[0]).to.deep.include({ code: 'system_admin', cycle: 'monthly' })
      expect(whole.at(-1)).to.deep.include({ code: 'ENTERPRISE', cycle: 'annual' })
      const paged: unknown[] = []
      for (let cursor: string | null = null; ;) {
        const page: PriceList = await listPrices(ctx, everything, { limit: 9, cursor })
        paged.push(...page.items)
        if (page.next_cursor === null) break
        cursor = page.next_cursor
      }
      expect(paged).to.deep.equal(whole)
    }))

  it('is filtered by tier and currency', () =>
    aside(async (ctx) => {
      expect(
        (await list(ctx, { tier: 'STARTER', currency: 'INR' })).items.map(({ price }) => price.amount_minor),
      ).to.deep.equal([
        3_999_00,
        // 12 x 3,999 less 20 %
        38_390_40,
      ])
      expect((await list(ctx, { currency: 'EUR' })).items).to.deep.equal([])
      expect(await rejection(list(ctx, { module: 'payroll' }))).to.include({ code: 'module.unknown' })
    }))
})

describe('a module', () => {
  it('is shown with what it needs, what needs it, and who has it today', () =>
    aside(async (ctx) => {
      const before = await showModule(ctx, 'crm')
      await subscribedTenant(ctx, 'has-it', { startedOn: '2026-04-05', modules: ['crm'] })
      const crm = await showModule(ctx, 'CRM')
      expect(crm).to.deep.include({ code: 'crm', requires: [], required_by: ['field_service'], tables: 21 })
      expect(crm.tenants).to.equal(before.tenants + 1)
      expect(await showModule(ctx, 'logistics')).to.deep.include({ requires: ['oms_wms'], required_by: [] })
      expect((await showModule(onDay(ctx, '2026-04-04'), 'crm')).tenants).to.be.at.most(before.tenants)
      expect(await rejection(showModule(ctx, 'cmr'))).to.deep.include({
        code: 'module.unknown',
        details: { module: 'cmr', nearest: 'crm' },
      })
    }))
})
