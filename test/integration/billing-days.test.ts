/** On which instant a day is billed, and on which day and in which series its document is issued (rules 2, 12 and 17). */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { billed, billing, europeanSupplier, type Biller } from '../support/billing.js'
import { add, cancel, documentsOf, remove } from '../support/billing-steps.js'
import { rejection } from '../support/errors.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR', modules: ['crm'] }

function days(name: string, day: string, test: (ctx: Context, biller: Biller) => Promise<void>): void {
  it(name, () => billing(day, test))
}

/** `5 invoices` at that instant. */
async function runAt({ at }: Biller, instant: string): Promise<number> {
  return (await billed(at(instant))).run.invoices
}

describe('billing: instants, days and numbers', () => {
  for (const { zone, before, after } of [
    // Midnight in India is 18:30 UTC of the day before.
    { zone: 'Asia/Kolkata', before: '2026-05-04T18:29:59Z', after: '2026-05-04T18:30:00Z' },
    // 14 hours ahead of UTC.
    { zone: 'Pacific/Kiritimati', before: '2026-05-04T09:59:59Z', after: '2026-05-04T10:00:00Z' },
    // 7 hours behind in May.
    { zone: 'America/Los_Angeles', before: '2026-05-05T06:59:59Z', after: '2026-05-05T07:00:00Z' },
  ])
    it(`begins the day of 5 May in ${zone} at ${after}`, () =>
      billing(
        '2026-04-05',
        async (ctx, biller) => {
          await subscribedTenant(ctx, 'acme', { timeZone: zone, modules: ['crm'], startedOn: '2026-04-05' })
          await biller.bill('2026-04-06')
          expect(await runAt(biller, before)).to.equal(0)
          expect(await runAt(biller, after)).to.equal(1)
          expect(await runAt(biller, after)).to.equal(0)
        },
        europeanSupplier,
      ))

  days(
    "issues on the supplier's day, however far ahead or behind the customer's is",
    '2026-04-05',
    async (ctx, biller) => {
      await subscribedTenant(ctx, 'kiri', {
        ...indian,
        timeZone: 'Pacific/Kiritimati',
        startedOn: '2026-05-05',
      })
      await subscribedTenant(ctx, 'losa', {
        ...indian,
        timeZone: 'America/Los_Angeles',
        startedOn: '2026-05-05',
      })
      // 15:30 IST of 4 May, 00:00 of the 5th in Kiritimati; then 12:30 IST of the 5th, 00:00 of the 5th in Los Angeles.
      expect(await runAt(biller, '2026-05-04T10:00:00Z')).to.equal(1)
      expect(await runAt(biller, '2026-05-05T07:00:00Z')).to.equal(1)
      // (3,999 + 15,999) x 1.18
      expect(await documentsOf(ctx)).to.deep.equal([
        'ERP/26-27/00001 of 2026-05-04 2026-05-05 2026-06-05 2359764',
        'ERP/26-27/00002 of 2026-05-05 2026-05-05 2026-06-05 2359764',
      ])
      const due = await rows(ctx.db, sql`select due_date from public.invoices order by number`)
      // The usual terms are 7 days.
      expect(due).to.deep.equal([{ due_date: '2026-05-11' }, { due_date: '2026-05-12' }])
    },
  )

  days(
    "does not bill a customer whose day has not come, though it is the supplier's --as-of",
    '2026-04-05',
    async (ctx, biller) => {
      await subscribedTenant(ctx, 'losa', {
        ...indian,
        timeZone: 'America/Los_Angeles',
        startedOn: '2026-05-05',
      })
      const early = biller.at('2026-05-05T06:59:00Z')
      expect((await billed(early, { asOf: '2026-05-05' })).run.invoices).to.equal(0)
      const later = biller.at('2026-05-05T07:01:00Z')
      expect((await billed(later, { asOf: '2026-05-05' })).run.invoices).to.equal(1)
    },
  )

  days(
    'turns the financial year at midnight in India, and loses no number',
    '2026-03-01',
    async (ctx, biller) => {
      for (const name of ['anna', 'bert', 'carl'])
        await subscribedTenant(ctx, name, { ...indian, startedOn: '2026-03-31' })
      await subscribedTenant(ctx, 'dora', { ...indian, startedOn: '2026-04-01' })
      // 31 March 23:59 and 1 April 00:01 in India
      const [ids] = [
        await rows<{ id: never }>(ctx.db, sql`select id from public.tenants where subdomain <> 'carl'`),
      ]
      await billed(biller.at('2026-03-31T18:29:00Z'), { tenants: ids.map(({ id }) => id) })
      await billed(biller.at('2026-03-31T18:31:00Z'))
      expect(await documentsOf(ctx)).to.deep.equal([
        'ERP/25-26/00001 of 2026-03-31 2026-03-31 2026-04-30 2359764',
        'ERP/25-26/00002 of 2026-03-31 2026-03-31 2026-04-30 2359764',
        'ERP/26-27/00001 of 2026-04-01 2026-03-31 2026-04-30 2359764',
        'ERP/26-27/00002 of 2026-04-01 2026-04-01 2026-05-01 2359764',
      ])
    },
  )

  days(
    'never issues before the last document of a series, whatever the clock says',
    '2026-04-05',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'anna', { ...indian, startedOn: '2026-04-05' })
      await subscribedTenant(ctx, 'bert', { ...indian, startedOn: '2026-04-06' })
      await bill('2026-04-05')
      await bill('2026-04-10')
      await subscribedTenant(ctx, 'carl', { ...indian, startedOn: '2026-04-07' })
      await bill('2026-04-08')
      expect((await documentsOf(ctx)).map((line) => line.split(' ').slice(0, 3).join(' '))).to.deep.equal([
        'ERP/26-27/00001 of 2026-04-05',
        'ERP/26-27/00002 of 2026-04-10',
        'ERP/26-27/00003 of 2026-04-10',
      ])
      // A credit note too: the customer's day is the 9th, the series' the 10th.
      await cancel(on('2026-04-09'), 'anna', { now: true })
      await bill('2026-04-09')
      expect((await documentsOf(ctx))[0]).to.match(/^CN\/26-27\/00001 of 2026-04-10 /)
    },
  )

  days(
    'takes the turn of the year with it where the clock goes back over it',
    '2026-03-30',
    async (ctx, { bill }) => {
      await subscribedTenant(ctx, 'anna', { ...indian, startedOn: '2026-04-01' })
      await subscribedTenant(ctx, 'bert', { ...indian, startedOn: '2026-03-31' })
      const [anna] = await rows<{ id: never }>(
        ctx.db,
        sql`select id from public.tenants where subdomain = 'anna'`,
      )
      await bill('2026-04-01', { tenants: anna ? [anna.id] : [] })
      await bill('2026-03-31')
      expect((await documentsOf(ctx)).map((line) => line.split(' ').slice(0, 3).join(' '))).to.deep.equal([
        'ERP/26-27/00001 of 2026-04-01',
        'ERP/26-27/00002 of 2026-04-01',
      ])
    },
  )

  days(
    'numbers invoices and credit notes apart, each without a gap, over runs and another prefix',
    '2026-04-05',
    async (ctx, { on, bill }) => {
      await subscribedTenant(ctx, 'anna', { ...indian, startedOn: '2026-04-05' })
      await subscribedTenant(ctx, 'bert', { ...indian, startedOn: '2026-04-05' })
      await bill('2026-04-05')
      for (const name of ['anna', 'bert']) await remove(on('2026-04-20'), name, 'crm', { now: true })
      await add(on('2026-04-20'), 'bert', 'finance')
      await bill('2026-04-20')
      await setSupplier(on('2026-04-25'), { prefix: 'INV' }, false)
      await bill('2026-05-05')
      expect((await documentsOf(ctx)).map((line) => line.split(' ')[0])).to.deep.equal([
        ...['CN/26-27/00001', 'CN/26-27/00002'],
        ...['ERP/26-27/00001', 'ERP/26-27/00002', 'ERP/26-27/00003'],
        ...['INV/26-27/00001', 'INV/26-27/00002'],
      ])
    },
  )

  for (const { what, meanwhile, code } of [
    {
      what: 'its month is closed',
      // The run has begun in the last minute of April; it is closed in the first of May.
      meanwhile: [
        sql`insert into public.closed_months (month, operator)
                     select '2026-04-01', set_config('erpmax.now', '2026-05-01T00:01:00+05:30', true)`,
      ],
      code: 'billing.month_closed',
    },
    {
      what: 'a later document has been issued',
      meanwhile: [sql`update public.number_series set last_issue_date = '2026-05-01'`],
      code: 'billing.day_turned',
    },
    {
      // ERP/26-27/999999 has 16 characters, one more is too many.
      what: 'the series has no room left',
      meanwhile: [
        // The triggers would ask for the 999,998 documents, the one of the end of the transaction too.
        sql`set constraints all immediate`,
        sql`set constraints all deferred`,
        sql`set local session_replication_role = replica`,
        sql`update public.number_series set last_number = 999999, issued = 999999`,
        sql`set local session_replication_role = origin`,
      ],
      code: 'numbering.series_full',
    },
  ])
    days(`ends a run where meanwhile ${what}, and parks nobody`, '2026-04-05', async (ctx, { at, bill }) => {
      await subscribedTenant(ctx, 'anna', { ...indian, startedOn: '2026-04-05' })
      await bill('2026-04-05')
      await subscribedTenant(ctx, 'bert', { ...indian, startedOn: '2026-04-05' })
      const overtaken: Context = {
        ...at('2026-04-30T23:59:00+05:30'),
        failpoint: async (name) => {
          if (name !== 'billing.begun') return
          for (const statement of meanwhile) await execute(ctx.db, statement)
        },
      }
      expect(await rejection(billed(overtaken))).to.include({ code })
      const left = await rows(
        ctx.db,
        sql`select (select count(*)::int from public.invoices) as invoices, (select count(*)::int from public.parked_accounts) as parked,
                   (select string_agg(status, ' ' order by started_at) from public.billing_runs) as runs`,
      )
      expect(left).to.deep.equal([{ invoices: 1, parked: 0, runs: 'succeeded failed' }])
    })
})
