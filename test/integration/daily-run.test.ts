/** The daily run on real rows: a dry run is the real one, one culprit holds nobody up, reminders go out once. */
import { expect } from 'chai'
import { setExchangeRate } from '../../src/billing/exchange.js'
import { execute, oneRow, rows, sql, type Sql } from '../../src/database/sql.js'
import { liftSuspension, suspendTenant } from '../../src/tenants/suspend.js'
import { putAway } from '../../src/tenants/archive.js'
import { cancelSubscription } from '../../src/workflows/cancel-subscription.js'
import { changeSubscription } from '../../src/workflows/change-subscription.js'
import { retryParked } from '../../src/workflows/retry-parked.js'
import { subscribeModules } from '../../src/workflows/subscribe-modules.js'
import { unsubscribeModules } from '../../src/workflows/unsubscribe-modules.js'
import { worstOf, type DailyResult } from '../../src/workflows/daily-billing/run.js'
import { showBillingRun } from '../../src/views/billing-runs.js'
import { showInvoice } from '../../src/views/invoice.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { insertFleet } from '../support/billing-fleet.js'
import { payAll } from '../support/billing-steps.js'
import { alone, billing, indianSupplier } from '../support/billing.js'
import { comparable, ranDaily } from '../support/daily.js'
import { rejection } from '../support/errors.js'
import { subscribedTenant, addPeople, type TenantOptions } from '../support/tenants.js'
import type { GeneratedRun } from '../../src/billing/runs/generate.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'
import type { TenantId } from '../../src/kernel/ids.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
/** 3,999.00 a month; a year is twelve of them less a fifth: 38,390.40. */
const monthOfStarter = 3999_00
const yearOfStarter = 38_390_40
const atEnd = { now: false, credit: true, reason: null, dryRun: false }

describe('the daily run', () => {
  it('dry does what it does for real, line by line as JSON', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const add = (name: string, facts: Partial<TenantOptions> = {}) =>
        subscribedTenant(ctx, name, { ...indian, startedOn: '2026-04-05', ...facts })
      await add('plain', { modules: ['crm'] })
      await add('removes', { modules: ['crm', 'hr'], tier: 'PROFESSIONAL' })
      await add('leaves')
      const late = await add('late', { tier: 'PROFESSIONAL' })
      await add('annual', { cycle: 'annual', startedOn: '2025-05-10' })
      await add('trial', { startedOn: '2026-04-21', trialDays: 14 })
      await add('ending', { startedOn: '2026-04-28', trialDays: 14 })
      await add('slept', { startedOn: '2026-04-02', trialDays: 14 })
      await add('dollar', { country: 'US', timeZone: 'UTC', currency: 'USD' })
      const paused = await add('paused')
      const away = await add('away')
      const twice = await add('twice')
      await add('smaller', { tier: 'PROFESSIONAL' })
      await ranDaily(on('2026-04-05'))

      const change = { tier: 'STARTER', cycle: null, when: 'period_end' } as const
      await changeSubscription(on('2026-04-10'), 'smaller', change, false)
      await changeSubscription(on('2026-04-10'), 'late', change, false)
      await addPeople(ctx, late.id, 'late', 11)
      await cancelSubscription(on('2026-04-10'), 'leaves', atEnd)
      // Parked since the first day, for want of a rate: today it ends, and nobody counts it any more.
      await cancelSubscription(on('2026-04-10'), 'dollar', atEnd)
      await changeSubscription(on('2026-04-10'), 'away', change, false).catch(() => {})
      await unsubscribeModules(on('2026-04-20'), {
        ...{ tenant: 'removes', modules: ['hr'], now: true, reason: 'not needed', dryRun: false },
      })
      await subscribeModules(on('2026-04-20'), {
        ...{ tenant: 'plain', modules: ['hr'], withRequired: true, dryRun: false },
      })
      await suspendTenant(on('2026-04-20'), paused, {
        ...{ cause: 'operator', reason: 'a break', bills: false, dryRun: false },
      })
      await putAway(on('2026-04-20'), away, { reason: 'gone', dryRun: false })
      await plantedInvoice(ctx, twice.id, '2026-05-05', '2026-06-05')

      // The change of `late` does not fit on its day, and the old tier is billed; ten days later it fits.
      const fifth = on('2026-05-05')
      await payAll(ctx)
      await sameDryAsReal(fifth)
      await execute(
        ctx.db,
        sql`update public.memberships set status = 'removed' where tenant_id = ${late.id}`,
      )
      await payAll(ctx)
      const { results } = await sameDryAsReal(on('2026-05-15'))
      expect(
        results.invoices?.documents.map(({ tenant, kind, total_minor }) => [tenant, kind, total_minor > 0]),
      ).to.deep.equal([
        ['late', 'credit_note', true],
        ['annual', 'cycle', true],
        ['ending', 'cycle', true],
        ['late', 'change', true],
      ])
      await liftSuspension(on('2026-05-20'), paused, { cause: 'operator', reason: null, dryRun: false })
      // What was billed since is not paid: whoever owes is dunned, dry as for real.
      const { dunning } = (await sameDryAsReal(on('2026-06-07'))).results
      expect(dunning?.suspended).to.be.greaterThan(0)
    }))

  it('bills 1,999 of 2,000 and parks the one, for each reason; released it is billed, and no number is missing', () =>
    billing('2026-01-05', async (ctx, { on }) => {
      await insertFleet(ctx, { tenants: 1999, startedOn: '2026-01-05' })
      // What the fleet switched off in its savepoint is back on with this.
      await execute(ctx.db, sql`set local session_replication_role = origin`)
      await subscribedTenant(ctx, 'dollar', { startedOn: '2026-01-05', modules: ['crm'] })
      const culprit = await oneRow<{ id: string }>(
        ctx.db,
        sql`select id from public.tenants where subdomain = 'fleet-000700'`,
      )
      const rate = (day: PlainDate): Promise<unknown> =>
        setExchangeRate(on(day), { currency: 'USD', rate: '83.1', source: 'test' }, false)

      await parksOne(on('2026-01-05'), 'dollar', 'fx.rate_missing')
      await rate('2026-01-05')
      await retried(on('2026-01-06'), 'dollar')

      await holdsHr(ctx, culprit.id)
      await rate('2026-02-05')
      await parksOne(on('2026-02-05'), 'fleet-000700', 'tax.rule_missing')
      await execute(
        ctx.db,
        sql`insert into public.tax_rates (regime, country_code, code, rate, validity, source) values ('in_gst', 'IN', '998314', 18, '[2026-01-01,)', 'test')`,
      )
      await retried(on('2026-02-06'), 'fleet-000700')

      await rate('2026-03-05')
      await elevenfold(ctx, '2026-03-05')
      await parksOne(on('2026-03-05'), 'fleet-000700', 'billing.price_jump')
      await retried(on('2026-03-06'), 'fleet-000700')

      await rate('2026-04-05')
      await plantedInvoice(ctx, culprit.id, '2026-04-05', '2026-05-05')
      await parksOne(on('2026-04-05'), 'fleet-000700', 'billing.refused')
      await planted(
        ctx,
        sql`update public.invoices set status = 'void', void_reason = 'planted' where number = 'X/25-26/00001'`,
      )
      await retried(on('2026-04-06'), 'fleet-000700')

      const numbers = await rows(
        ctx.db,
        sql`select s.year_label, s.last_number::int as last, count(i.id)::int as issued,
                   count(distinct split_part(i.number, '/', 3)::int)::int as different,
                   min(split_part(i.number, '/', 3)::int) as first, max(split_part(i.number, '/', 3)::int) as highest
            from public.number_series s
            join public.invoices i on i.number like s.prefix || '/' || s.year_label || '/%'
            group by s.year_label, s.last_number order by s.year_label`,
      )
      expect(numbers).to.deep.equal([
        { year_label: '25-26', last: 6000, issued: 6000, different: 6000, first: 1, highest: 6000 },
        { year_label: '26-27', last: 2000, issued: 2000, different: 2000, first: 1, highest: 2000 },
      ])
      const parked = await rows(
        ctx.db,
        sql`select code, released_by is not null and release_note = 'looked at' as released from public.parked_accounts order by parked_at`,
      )
      expect(parked).to.deep.equal(
        ['fx.rate_missing', 'tax.rule_missing', 'billing.price_jump', 'billing.refused'].map((code) => ({
          ...{ code, released: true },
        })),
      )
    })).timeout(240_000)

  it('reminds a week ahead and once, in the language of the tenant, unless it leaves', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      await subscribedTenant(ctx, 'trial', { ...indian, startedOn: '2026-04-05', trialDays: 14 })
      await subscribedTenant(ctx, 'annual', { ...indian, startedOn: '2025-04-20', cycle: 'annual' })
      await subscribedTenant(ctx, 'monthly', { ...indian, startedOn: '2026-03-20' })
      await subscribedTenant(ctx, 'leaving', { ...indian, startedOn: '2025-04-20', cycle: 'annual' })
      await subscribedTenant(ctx, 'turning', { ...indian, startedOn: '2025-04-20', cycle: 'annual' })
      await execute(ctx.db, sql`update public.tenants set language = 'uk' where subdomain = 'annual'`)
      await ranDaily(on('2026-04-05'))
      await cancelSubscription(on('2026-04-06'), 'leaving', atEnd)
      const monthly = { tier: null, cycle: 'monthly', when: 'period_end' } as const
      await changeSubscription(on('2026-04-06'), 'turning', monthly, false)

      const reminded = async (day: PlainDate): Promise<string[]> =>
        ((await ranDaily(on(day), { skip: ['invoices'] })).results.reminders?.items ?? []).map(
          ({ tenant, kind, on: when, error }) => `${tenant} ${kind} ${when} ${error?.code ?? 'ok'}`,
        )
      expect(await reminded('2026-04-11')).to.deep.equal([])
      expect(await reminded('2026-04-12')).to.deep.equal(['trial trial_ending 2026-04-19 ok'])
      expect(await reminded('2026-04-16')).to.deep.equal(['annual renewal 2026-04-20 ok'])
      expect(await reminded('2026-04-16')).to.deep.equal([])
      const mails = await rows(
        ctx.db,
        sql`select t.subdomain, m.kind, m.language, m.to_address, m.data from public.mails m join public.tenants t on t.id = m.tenant_id
            where m.kind in ('trial_ending', 'renewal') order by 1`,
      )
      expect(mails).to.deep.equal([
        {
          ...{ subdomain: 'annual', kind: 'renewal', language: 'uk', to_address: 'owner@annual.test' },
          data: {
            ...{ company: 'Company annual', renews_on: '2026-04-20', tier: 'STARTER' },
            amount: { amount_minor: yearOfStarter, currency: 'INR' },
          },
        },
        {
          ...{ subdomain: 'trial', kind: 'trial_ending', language: 'en', to_address: 'owner@trial.test' },
          data: {
            ...{ company: 'Company trial', ends_on: '2026-04-19', tier: 'STARTER', cycle: 'monthly' },
            amount: { amount_minor: monthOfStarter, currency: 'INR' },
          },
        },
      ])
    }))

  it('puts one mail for each document into the queue, those left over by an earlier run too', () =>
    billing('2026-04-05', async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'one', { ...indian, startedOn: '2026-04-05', modules: ['crm'] })
      await bill('2026-04-05')
      await subscribedTenant(ctx, 'two', { ...indian, startedOn: '2026-04-06' })
      await unsubscribeModules(on('2026-04-06'), {
        ...{ tenant: 'one', modules: ['crm'], now: true, reason: 'too much', dryRun: false },
      })
      const queued = async (): Promise<unknown> => (await ranDaily(on('2026-04-06'))).results.documents
      expect(await queued()).to.deep.equal({ invoices: 2, credit_notes: 1 })
      expect(await queued()).to.deep.equal({ invoices: 0, credit_notes: 0 })
      const mails = await rows<{ kind: string; data: object }>(
        ctx.db,
        sql`select m.kind, m.data - 'total' - 'due' as data from public.mails m order by m.kind, m.data ->> 'number'`,
      )
      const sent = await oneRow(ctx.db, sql`select count(sent_at)::int as invoices from public.invoices`)
      expect(sent, 'may not be voided any more').to.deep.equal({ invoices: 2 })
      const { invoice } = await showInvoice(on('2026-04-06'), 'ERP/26-27/00002')
      expect(
        invoice.history.filter(({ event }) => event === 'queued').map(({ note }) => note),
        'told like one sent by hand',
      ).to.deep.equal(['owner@two.test'])
      expect(mails).to.deep.equal([
        {
          kind: 'credit_note',
          data: {
            ...{ company: 'Company one', number: 'CN/26-27/00001', issue_date: '2026-04-06' },
            ...{ invoice_number: 'ERP/26-27/00001', invoice_date: '2026-04-05', reason: 'too much' },
          },
        },
        ...['one', 'two'].map((name, index) => ({
          kind: 'invoice',
          data: {
            ...{ company: `Company ${name}`, number: `ERP/26-27/0000${index + 1}`, pay_url: null },
            ...{ issue_date: `2026-04-0${index + 5}`, due_date: `2026-04-1${index + 2}` },
          },
        })),
      ])
    }))

  it('goes on after a step that fails, keeps what came of each, and ends as the worst', () =>
    alone('2026-04-05T12:00:00Z', async (ctx) => {
      await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-03-27', trialDays: 14 })
      const failing = {
        ...ctx,
        failpoint: (name: string) =>
          name === 'daily.after_reminder' ? Promise.reject(new Error('a fault')) : Promise.resolve(),
      }
      const result = await ranDaily(failing, { skip: ['mails'] })
      expect(stepsOf(result)).to.deep.equal([
        ...['changes succeeded', 'invoices billing.supplier_missing', 'reminders unexpected'],
        ...['dunning succeeded', 'documents succeeded', 'mails skipped'],
      ])
      expect(result.run.status).to.equal('failed')
      expect(worstOf(result)).to.equal('failure')
      const { run } = await showBillingRun(ctx, null, { limit: 50, cursor: null })
      expect(run).to.deep.include({ id: result.run.id, status: 'failed', issue_date: null })
      expect(run.steps.map(({ code, status, error }) => `${code} ${error?.code ?? status}`)).to.deep.equal([
        ...['changes succeeded', 'invoices billing.supplier_missing', 'reminders unexpected'],
        ...['dunning succeeded', 'documents succeeded'],
      ])
      await setSupplier(ctx, indianSupplier, false)
      const next = await ranDaily(ctx, { skip: ['mails'] })
      expect(next.run.status).to.equal('succeeded')
      expect(next.results.reminders?.queued, 'written before it failed').to.equal(0)
    }))

  it('refuses a day that is to come before it does anything, and shows it dry', () =>
    billing('2026-04-05', async (ctx) => {
      await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-04-05' })
      const asOf = '2026-05-05'
      expect(await rejection(ranDaily(ctx, { asOf }))).to.include({ code: 'billing.as_of_future' })
      const { results } = await ranDaily(ctx, { asOf, dryRun: true })
      expect(results.invoices?.documents.map(({ period }) => period?.from)).to.deep.equal([
        ...['2026-04-05', '2026-05-05'],
      ])
      expect((await ranDaily(ctx, { asOf: '2026-04-04' })).results.invoices?.run.invoices).to.equal(0)
      const { n } = await oneRow<{ n: number }>(ctx.db, sql`select count(*)::int as n from public.daily_runs`)
      expect(n, 'runs that left a record').to.equal(1)
    }))
})

function stepsOf({ run }: DailyResult): string[] {
  return run.steps.map(({ code, status, error }) => `${code} ${error?.code ?? status}`)
}

/** One dry run, another one, the real one: the same; and nothing is left after it. */
async function sameDryAsReal(ctx: Context): ReturnType<typeof ranDaily> {
  const dry = await ranDaily(ctx, { dryRun: true })
  expect(comparable(await ranDaily(ctx, { dryRun: true }))).to.deep.equal(comparable(dry))
  const real = await ranDaily(ctx)
  expect(comparable(real)).to.deep.equal(comparable(dry))
  const { invoices, changes } = (await ranDaily(ctx, { dryRun: true })).results
  expect(invoices?.documents).to.deep.equal([])
  expect(changes?.applied).to.equal(0)
  return real
}

/** A run on that day: 1,999 invoiced, the one parked; and the same again finds nothing else to do. */
async function parksOne(ctx: Context, tenant: string, code: string): Promise<void> {
  const first = await ranDaily(ctx, { skip: ['dunning', 'documents', 'mails'] })
  const all = { tenants: 2000, nothing_due: 0, skipped: 0, credit_notes: 0 }
  expect(first.results.invoices?.run).to.deep.include({
    ...{ ...all, status: 'partial', invoiced: 1999, invoices: 1999, parked: 1 },
  })
  const parked = { tenant, outcome: 'parked', code }
  expect(first.results.invoices?.accounts.map(({ reason: _, ...one }) => one)).to.deep.equal([parked])
  expect(worstOf(first)).to.equal('partial')
  const again = await ranDaily(ctx, { skip: ['dunning', 'documents', 'mails'] })
  expect(again.results.invoices?.run).to.deep.include({ invoiced: 0, invoices: 0, parked: 1 })
}

async function retried(ctx: Context, tenant: string): Promise<void> {
  const { id } = await oneRow<{ id: TenantId }>(
    ctx.db,
    sql`select id from public.tenants where subdomain = ${tenant}`,
  )
  const retry = async (dryRun: boolean): Promise<GeneratedRun> => {
    const input = { note: 'looked at', catchUp: null, wait: false, dryRun }
    const events = retryParked(ctx, [{ id, subdomain: tenant }], input)
    for (;;) {
      const next = await events.next()
      if (next.done) return next.value
    }
  }
  const dry = await retry(true)
  const real = await retry(false)
  expect(real.run).to.deep.include({ status: 'succeeded', tenants: 1, invoiced: 1, invoices: 1, parked: 0 })
  expect(real.documents.map((one) => ({ ...one, number: null }))).to.deep.equal(dry.documents)
}

/** Written past the triggers, which would refuse it. */
async function planted(ctx: Context, statement: Sql): Promise<void> {
  await execute(ctx.db, sql`set local session_replication_role = replica`)
  await execute(ctx.db, statement)
  await execute(ctx.db, sql`set local session_replication_role = origin`)
}

/** A second invoice of the period: the database refuses the one that is due. */
async function plantedInvoice(ctx: Context, tenantId: string, from: PlainDate, to: PlainDate): Promise<void> {
  await planted(
    ctx,
    sql`insert into public.invoices (tenant_id, subscription_id, kind, status, number, period, issue_date, due_date, currency, supplier,
                                     recipient, tax_regime, supply, taxable_minor, tax_minor, total_minor, language)
        select ${tenantId}, s.id, 'cycle', 'open', 'X/25-26/00001', daterange(${from}, ${to}), ${from}, ${to}, s.currency, '{}', '{}', 'in_gst',
               'intra_state', 1, 0, 1, 'en' from public.subscriptions s where s.tenant_id = ${tenantId}`,
  )
}

/** HR from 5 February on, under a code that has no rate on file. */
async function holdsHr(ctx: Context, tenantId: string): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
        select s.id, 'module', 'hr', p.id, '[2026-02-05,)' from public.subscriptions s cross join public.prices p
        where s.tenant_id = ${tenantId} and p.product_kind = 'module' and p.product_code = 'hr' and p.currency = 'INR' and p.cycle = 'monthly'`,
  )
  await execute(
    ctx.db,
    sql`insert into public.module_tax_codes (module_code, code, validity) values ('hr', '998314', '[2026-01-01,)')`,
  )
}

/** The price of HR goes up elevenfold. */
async function elevenfold(ctx: Context, day: PlainDate): Promise<void> {
  const price = sql`product_kind = 'module' and product_code = 'hr' and currency = 'INR' and cycle = 'monthly'`
  await execute(
    ctx.db,
    sql`update public.prices set validity = daterange(lower(validity), ${day}::date) where ${price}`,
  )
  await execute(
    ctx.db,
    sql`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
        select product_kind, product_code, currency, cycle, amount_minor * 11, daterange(${day}::date, null) from public.prices where ${price}`,
  )
}
