/** Which periods are billed, from which day and when (billing rules 1, 2, 3 and 12). */
import { expect } from 'chai'
import { billing, europeanSupplier } from '../support/billing.js'
import { add, change, documentsOf, netLines, remove } from '../support/billing-steps.js'
import { rejection } from '../support/errors.js'
import { subscribedTenant } from '../support/tenants.js'
import type { PlainDate } from '../../src/kernel/dates.js'

/** STARTER 49.00 and CRM 199.00 come to 248.00 a month; 470.40 and 1910.40 to 2380.80 a year. */
const crm = { modules: ['crm'] }

describe('billing: the days of the periods', () => {
  it('counts from 31 January: the end of a shorter month, and the 31st again', () =>
    billing(
      '2026-01-31',
      async (ctx, { bill }) => {
        await subscribedTenant(ctx, 'acme', { ...crm, startedOn: '2026-01-31' })
        const dates: PlainDate[] = [
          ...['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30'],
          ...['2026-07-31', '2026-08-31', '2026-09-30', '2026-10-31', '2026-11-30', '2026-12-31'],
          '2027-01-31',
        ]
        for (const [index, day] of dates.entries()) {
          if (index > 0) expect((await bill(dayBefore(day))).run.invoices, dayBefore(day)).to.equal(0)
          expect((await bill(day)).run.invoices, day).to.equal(1)
        }
        const billed = dates.map((from, index) => {
          const number = index < 12 ? `26/000${two(index + 1)}` : '27/00001'
          return `ERP/${number} of ${from} ${from} ${dates[index + 1] ?? '2027-02-28'} 24800`
        })
        expect(await documentsOf(ctx)).to.deep.equal(billed)
      },
      europeanSupplier,
    ))

  it('counts years from 29 February: the 28th of common years, and the 29th again after four', () =>
    billing(
      '2028-02-29',
      async (ctx, { bill }) => {
        await subscribedTenant(ctx, 'acme', { ...crm, cycle: 'annual', startedOn: '2028-02-29' })
        const dates = ['2028-02-29', '2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29']
        for (const [index, day] of dates.entries()) {
          if (index > 0) expect((await bill(dayBefore(day))).run.invoices, dayBefore(day)).to.equal(0)
          expect((await bill(day)).run.invoices, day).to.equal(1)
        }
        expect(await documentsOf(ctx)).to.deep.equal(
          dates.map((from, index) => {
            const to = dates[index + 1] ?? '2033-02-28'
            return `ERP/${from.slice(2, 4)}/00001 of ${from} ${from} ${to} 238080`
          }),
        )
      },
      europeanSupplier,
    ))

  it('begins on the day a trial ended, however long cron slept then', () =>
    billing(
      '2026-03-01',
      async (ctx, { bill, on }) => {
        // 14 days from 1 March: the first day that is paid is 15 March.
        await subscribedTenant(ctx, 'acme', { ...crm, startedOn: '2026-03-01', trialDays: 14 })
        expect((await bill('2026-03-14')).run.invoices).to.equal(0)
        await bill('2026-04-20')
        expect(await documentsOf(on('2026-04-20'))).to.deep.equal([
          'ERP/26/00001 of 2026-04-20 2026-03-15 2026-04-15 24800',
          'ERP/26/00002 of 2026-04-20 2026-04-15 2026-05-15 24800',
        ])
      },
      europeanSupplier,
    ))

  it('never charges what was chosen and given up inside a trial', () =>
    billing(
      '2026-03-01',
      async (ctx, { bill, on }) => {
        await subscribedTenant(ctx, 'acme', { ...crm, startedOn: '2026-03-01', trialDays: 14 })
        await add(on('2026-03-08'), 'acme', 'finance')
        await change(on('2026-03-10'), 'acme', { tier: 'PROFESSIONAL' })
        await remove(on('2026-03-14'), 'acme', 'crm')
        expect((await bill('2026-03-14')).run).to.deep.include({ invoices: 0, credit_notes: 0 })
        expect((await bill('2026-03-15')).run).to.deep.include({ invoices: 1, credit_notes: 0 })
        expect(await netLines(ctx)).to.deep.equal([
          'ERP/26/00001 cycle Finance & Accounting 2026-03-15 2026-04-15 49900',
          'ERP/26/00001 cycle Professional platform fee 2026-03-15 2026-04-15 19900',
        ])
      },
      europeanSupplier,
    ))

  it('bills each period once, oldest first and on the day of the run, after 100 days of silence', () =>
    billing(
      '2026-01-05',
      async (ctx, { bill, on }) => {
        await subscribedTenant(ctx, 'acme', { ...crm, startedOn: '2026-01-05' })
        await bill('2026-01-05')
        await change(on('2026-02-20'), 'acme', { tier: 'PROFESSIONAL' })
        const due = await bill('2026-04-15', { dryRun: true })
        const run = await bill('2026-04-15')
        // 5 February has 28 days: 49.00 x 15/28 = 26.25, 199.00 x 13/28 = 92.3928..; then 199.00 + 199.00 twice.
        const sum = 2625 + 9239 + 19900 + 2 * (19900 + 19900)
        expect(run.run.sums.USD?.invoiced_minor).to.equal(sum)
        expect(due.run.sums).to.deep.equal(run.run.sums)
        expect(await documentsOf(ctx)).to.deep.equal([
          'ERP/26/00001 of 2026-01-05 2026-01-05 2026-02-05 24800',
          'ERP/26/00002 of 2026-04-15 2026-02-05 2026-03-05 31764',
          'ERP/26/00003 of 2026-04-15 2026-03-05 2026-04-05 39800',
          'ERP/26/00004 of 2026-04-15 2026-04-05 2026-05-05 39800',
        ])
        expect((await bill('2026-04-15')).run).to.deep.include({ invoices: 0, credit_notes: 0 })
      },
      europeanSupplier,
    ))

  it('chooses by --as-of what is due, and issues it today; what was taken later is not due yet', () =>
    billing(
      '2026-01-05',
      async (ctx, { bill, on }) => {
        await subscribedTenant(ctx, 'acme', { ...crm, startedOn: '2026-01-05' })
        await bill('2026-01-05')
        await add(on('2026-01-20'), 'acme', 'finance')
        await bill('2026-03-10', { asOf: '2026-01-19' })
        expect((await documentsOf(ctx)).slice(1)).to.deep.equal([])
        await subscribedTenant(on('2026-01-15'), 'late', { ...crm, startedOn: '2026-01-15' })
        await bill('2026-03-10', { asOf: '2026-02-05' })
        // Finance 499.00 x 16/31 = 257.5483.. for 20 January to 5 February.
        expect((await documentsOf(ctx)).slice(1)).to.deep.equal([
          'ERP/26/00002 of 2026-03-10 change 25755',
          'ERP/26/00003 of 2026-03-10 2026-02-05 2026-03-05 74700',
          'ERP/26/00004 of 2026-03-10 2026-01-15 2026-02-15 24800',
        ])
        const later = rejection(bill('2026-03-10', { asOf: '2026-03-11' }))
        expect(await later).to.include({ kind: 'usage', code: 'billing.as_of_future' })
        const shown = await bill('2026-03-10', { asOf: '2026-04-05', dryRun: true })
        expect(shown.documents.map(({ tenant, period }) => `${tenant} ${period?.from}`)).to.deep.equal([
          ...['acme 2026-03-05', 'acme 2026-04-05', 'late 2026-02-15', 'late 2026-03-15'],
        ])
        expect(await documentsOf(ctx)).to.have.length(4)
      },
      europeanSupplier,
    ))

  it('leaves what was given up and taken after --as-of for later', () =>
    billing(
      '2026-01-05',
      async (ctx, { bill, on }) => {
        await subscribedTenant(ctx, 'acme', { modules: ['crm', 'hr'], startedOn: '2026-01-05' })
        await bill('2026-02-05')
        await remove(on('2026-02-12'), 'acme', 'crm', { now: true })
        await remove(on('2026-02-20'), 'acme', 'hr', { now: true })
        await add(on('2026-02-20'), 'acme', 'finance')
        const before = await bill('2026-03-10', { asOf: '2026-02-11' })
        expect(before.run).to.deep.include({ invoices: 0, credit_notes: 0 })
        const between = await bill('2026-03-10', { asOf: '2026-02-19' })
        expect(between.run).to.deep.include({ invoices: 0, credit_notes: 1 })
        await bill('2026-03-10', { asOf: '2026-02-20' })
        // Of 28 days 7 are used of CRM: 199.00 - 49.75; 15 of HR: 299.00 - 160.1785..; 13 of Finance are charged:
        // 499.00 x 13/28 = 231.6785..
        expect(await documentsOf(ctx)).to.deep.equal([
          'CN/26/00001 of 2026-03-10 14925',
          'CN/26/00002 of 2026-03-10 13882',
          'ERP/26/00001 of 2026-02-05 2026-01-05 2026-02-05 54700',
          'ERP/26/00002 of 2026-02-05 2026-02-05 2026-03-05 54700',
          'ERP/26/00003 of 2026-03-10 change 23168',
        ])
      },
      europeanSupplier,
    ))
})

function dayBefore(day: PlainDate): PlainDate {
  return new Date(Date.parse(`${day}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

function two(count: number): string {
  return String(count).padStart(2, '0')
}
