/** What is owed by age, whether the daily run comes, and what past runs did: against figures worked out by hand. */
import { expect } from 'chai'
import { execute, oneRow, sql } from '../../src/database/sql.js'
import { releaseAccount } from '../../src/billing/parked.js'
import { readBillingStatus } from '../../src/views/billing-status.js'
import { listBillingRuns, showBillingRun } from '../../src/views/billing-runs.js'
import { listParked, selectParked } from '../../src/views/parked.js'
import { billing } from '../support/billing.js'
import { ranDaily } from '../support/daily.js'
import { rejection } from '../support/errors.js'
import { issued, untaxed } from '../support/issued.js'
import { subscribedTenant } from '../support/tenants.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
const first = { limit: 2, cursor: null }

describe('billing status', () => {
  it('tells what is owed by days past due, from the day on that is the supplier’s', () =>
    billing('2026-06-30', async (ctx, { on }) => {
      const { id } = await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-06-30' })
      const owing: [string, string, number, number][] = [
        ['2026-06-30', 'INR', 100, 0],
        ['2026-06-29', 'INR', 1_000, 0],
        ['2026-05-31', 'INR', 20_000, 5_000],
        ['2026-05-30', 'INR', 300_000, 0],
        ['2026-05-01', 'INR', 4_000_000, 0],
        ['2026-04-30', 'INR', 50_000_000, 0],
        ['2026-04-01', 'INR', 600_000_000, 0],
        ['2026-03-31', 'INR', 7_000_000_000, 0],
        ['2026-03-31', 'KWD', 9, 0],
      ]
      for (const [due, currency, total, paid] of owing) {
        const terms = { on: '2026-03-31', due, currency }
        const { id: invoice } = await issued(ctx, id, [untaxed(BigInt(total))], terms)
        if (paid > 0)
          await execute(
            ctx.db,
            sql`insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor)
                values (${id}, ${invoice}, 'succeeded', 'manual', ${invoice}, 'cash', ${currency}, ${paid}, ${paid})`,
          )
      }
      const { receivables } = await readBillingStatus(on('2026-06-30'))
      const inr = (amount_minor: number): object => ({ amount_minor, currency: 'INR' })
      const kwd = (amount_minor: number): object => ({ amount_minor, currency: 'KWD' })
      expect(receivables).to.deep.equal([
        {
          ...{ currency: 'INR', invoices: 8, open: inr(7_654_316_100), not_due: inr(100) },
          ...{ overdue_1_30: inr(16_000), overdue_31_60: inr(4_300_000) },
          ...{ overdue_61_90: inr(650_000_000), overdue_over_90: inr(7_000_000_000) },
        },
        {
          ...{ currency: 'KWD', invoices: 1, open: kwd(9), not_due: kwd(0) },
          ...{ overdue_1_30: kwd(0), overdue_31_60: kwd(0), overdue_61_90: kwd(0), overdue_over_90: kwd(9) },
        },
      ])
      // 18:30 UTC is midnight in India: what was due on the 30th is a day late.
      const late = { ...ctx, clock: { now: () => new Date('2026-06-30T18:30:00Z') } }
      expect((await readBillingStatus(late)).receivables[0]).to.deep.include({
        ...{ not_due: inr(0), overdue_1_30: inr(1_100), overdue_31_60: inr(315_000) },
      })
    }))

  it('is on time until the last good run is 26 hours old; one that left out the bills is not good', () =>
    billing('2026-04-05', async (ctx) => {
      const onTime = async (): Promise<boolean> => (await readBillingStatus(ctx)).on_time
      expect(await onTime()).to.equal(false)
      await ranDaily(ctx, { skip: ['invoices'] })
      await ranDaily(ctx, { asOf: '2026-04-04' })
      await ranDaily(ctx, { dryRun: true })
      expect(await onTime()).to.equal(false)
      const { run } = await ranDaily(ctx, { skip: ['mails'] })
      const status = await readBillingStatus(ctx)
      expect(status).to.deep.include({ on_time: true, running: null })
      expect(status.last_good_run?.id).to.equal(run.id)
      const aged = (age: string): Promise<number> =>
        execute(
          ctx.db,
          sql`update public.daily_runs set finished_at = clock_timestamp() - ${age}::interval where id = ${run.id}`,
        )
      await aged('25 hours 59 minutes')
      expect(await onTime()).to.equal(true)
      await aged('26 hours 1 minute')
      expect(await onTime()).to.equal(false)
    }))

  it('counts what is due and who is parked, and not the same twice', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      await subscribedTenant(ctx, 'rupee', { ...indian, startedOn: '2026-04-05' })
      await subscribedTenant(ctx, 'trial', { ...indian, startedOn: '2026-03-22', trialDays: 14 })
      await subscribedTenant(ctx, 'dollar', { startedOn: '2026-04-05' })
      expect((await readBillingStatus(ctx)).due).to.deep.equal({ changes: 1, subscriptions: 3 })
      await ranDaily(ctx)
      const status = await readBillingStatus(ctx)
      expect(status.due).to.deep.equal({ changes: 0, subscriptions: 0 })
      expect(status.parked).to.deep.equal({
        accounts: 1,
        by_code: [{ code: 'fx.rate_missing', accounts: 1 }],
      })
      expect((await readBillingStatus(on('2026-05-05'))).due).to.deep.equal({ changes: 0, subscriptions: 2 })
    }))
})

describe('past runs and parked accounts', () => {
  it('show what was done, page by page', () =>
    billing('2026-04-05', async (ctx, { bill }) => {
      for (const name of ['acme', 'blue', 'cyan'])
        await subscribedTenant(ctx, name, { ...indian, startedOn: '2026-04-05' })
      await subscribedTenant(ctx, 'dollar', { startedOn: '2026-04-05' })
      await bill('2026-04-04')
      const { run } = await ranDaily(ctx)
      const { items } = await listBillingRuns(ctx, { kind: [], status: [] }, { limit: 50, cursor: null })
      // 3,999.00 and 18 % of it, three times.
      const invoiced = { amount_minor: 1415_646, currency: 'INR' }
      expect(
        items.map(({ kind, status, invoices, parked, sums }) => ({ kind, status, invoices, parked, sums })),
      ).to.deep.equal([
        {
          ...{ kind: 'daily', status: 'partial', invoices: 3, parked: 1 },
          sums: [{ currency: 'INR', invoiced, credited: { amount_minor: 0, currency: 'INR' } }],
        },
        { kind: 'invoices', status: 'succeeded', invoices: 0, parked: 0, sums: [] },
      ])
      const shown = await showBillingRun(ctx, run.id?.slice(0, 8) ?? null, first)
      expect(shown.parked.map(({ tenant, code }) => `${tenant} ${code}`)).to.deep.equal([
        'dollar fx.rate_missing',
      ])
      expect(shown.documents.items.map(({ number }) => number)).to.deep.equal([
        'ERP/26-27/00001',
        'ERP/26-27/00002',
      ])
      const { documents } = await showBillingRun(ctx, run.id, {
        limit: 2,
        cursor: shown.documents.next_cursor,
      })
      expect(documents.items.map(({ number, tenant }) => `${number} ${tenant}`)).to.deep.equal([
        'ERP/26-27/00003 cyan',
      ])
      expect(documents.next_cursor).to.equal(null)
      const inner = await showBillingRun(ctx, shown.run.invoice_run_id, first)
      expect(inner.run).to.deep.include({ kind: 'invoices', invoices: 3, steps: [] })
      expect(await rejection(showBillingRun(ctx, 'ffffffff', first))).to.include({
        code: 'billing.run_not_found',
      })
    }))

  it('release an account once, with who and why; nothing is written dry', () =>
    billing('2026-04-05', async (ctx) => {
      const { id, subdomain } = await subscribedTenant(ctx, 'dollar', { startedOn: '2026-04-05' })
      const dollar = { id, subdomain }
      await subscribedTenant(ctx, 'rupee', { ...indian, startedOn: '2026-04-05' })
      await ranDaily(ctx)
      const everybody = { named: null, status: [], tier: [], module: [], exclude: [] }
      expect(await selectParked(ctx, everybody, 'fx.rate_missing')).to.deep.equal([dollar])
      expect(await selectParked(ctx, everybody, 'tax.rule_missing')).to.deep.equal([])
      expect(await rejection(selectParked(ctx, 'rupee', null))).to.include({ code: 'billing.not_parked' })
      const filters = { released: false, code: null, runId: null }
      await releaseAccount(ctx, dollar, { note: 'why', dryRun: true })
      expect((await listParked(ctx, filters, first)).items).to.have.length(1)
      await releaseAccount(ctx, dollar, { note: 'why', dryRun: false })
      expect((await listParked(ctx, filters, first)).items).to.have.length(0)
      expect(await rejection(releaseAccount(ctx, dollar, { note: null, dryRun: false }))).to.include({
        code: 'billing.not_parked',
      })
      const [released] = (await listParked(ctx, { ...filters, released: true }, first)).items
      expect(released).to.deep.include({ tenant: 'dollar', note: 'why', released_by: ctx.actor.operator })
      const logged = await oneRow(
        ctx.db,
        sql`select string_agg(action, ' ' order by at) as actions from public.audit_log
            where tenant_id = ${dollar.id} and action in ('billing.park', 'billing.release')`,
      )
      expect(logged).to.deep.equal({ actions: 'billing.park billing.release' })
    }))
})
