/** Unpaid invoices walked through time on real rows: what each day brings, and what ends it. */
import { expect } from 'chai'
import { recordPayment } from '../../src/billing/book/record-payment.js'
import { creditInvoice } from '../../src/billing/book/credit-invoice.js'
import { voidInvoice } from '../../src/billing/book/void-invoice.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { addDays, type PlainDate } from '../../src/kernel/dates.js'
import { endSubscription } from '../../src/subscriptions/end.js'
import { setSchedule } from '../../src/payments/dunning/set-schedule.js'
import { liftSuspension, suspendTenant } from '../../src/tenants/suspend.js'
import { putAway } from '../../src/tenants/archive.js'
import { readBillingStatus } from '../../src/views/billing-status.js'
import { showSchedule } from '../../src/views/dunning.js'
import { showInvoice } from '../../src/views/invoice.js'
import { worstOf } from '../../src/workflows/daily-billing/run.js'
import { billing, indianSupplier } from '../support/billing.js'
import { ranDaily } from '../support/daily.js'
import { issued, untaxed } from '../support/issued.js'
import { subscribedTenant, type SubscribedTenant, type TenantOptions } from '../support/tenants.js'
import { rejection } from '../support/errors.js'
import type { Context } from '../../src/kernel/context.js'
import type { Dunned } from '../../src/workflows/daily-billing/step.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }

/** `acme 7: reminder +7 entered; -; reminder`: days late, stage, effects, mail. */
function told({ tenant, days, stage, entered, effects, mail, error }: Dunned): string {
  const where = stage ? `${stage.kind} +${stage.day}${entered ? '' : ' still'}` : '-'
  return `${tenant} ${days ?? '-'}: ${error?.code ?? where}; ${effects.join(' ') || '-'}; ${mail ?? '-'}`
}

const withoutOthers = ['invoices', 'reminders', 'documents', 'mails'] as const

/** What dunning does then; the rest of the day's run is left out. */
async function dunned(ctx: Context): Promise<string[]> {
  const dry = await ranDaily(ctx, { dryRun: true, skip: withoutOthers })
  const { results } = await ranDaily(ctx, { skip: withoutOthers })
  expect(dry.results.dunning, 'dry and real').to.deep.equal(results.dunning)
  return (results.dunning?.items ?? []).map(told)
}

async function stateOf(ctx: Pick<Context, 'db'>, tenant: SubscribedTenant): Promise<string> {
  const { text } = await oneRow<{ text: string }>(
    ctx.db,
    sql`select concat_ws(' ', t.status, t.suspension_cause, s.status) as text
        from public.tenants t left join public.subscriptions s on s.tenant_id = t.id where t.id = ${tenant.id}`,
  )
  return text
}

/** `running suspended +14`, oldest first. */
async function attemptsOf(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ text: string }>(
    ctx.db,
    sql`select concat_ws(' ', i.number, a.counted_from, a.outcome, a.stage, '+' || a.stage_day, a.stage_on) as text
        from public.dunning_attempts a join public.invoices i on i.id = a.invoice_id order by a.created_at`,
  )
  return found.map(({ text }) => text)
}

async function mailsOf(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ kind: string }>(
    ctx.db,
    sql`select kind from public.mails where kind <> 'invoice' order by created_at, kind`,
  )
  return found.map(({ kind }) => kind)
}

const pay = (ctx: Context, invoice: string, amount: string, tds?: string): Promise<unknown> =>
  recordPayment(ctx, invoice, { amount, ...(tds ? { tds, tdsSection: '194J' } : {}) }, false)

/** A tenant with an invoice of a thousand rupees, issued on 5 April 2026 and due on the 12th. */
async function owing(
  ctx: Context,
  name = 'acme',
  facts: Partial<TenantOptions> = {},
): Promise<{ tenant: SubscribedTenant; invoice: { id: string; number: string } }> {
  const tenant = await subscribedTenant(ctx, name, { ...indian, startedOn: '2026-04-05', ...facts })
  const invoice = await issued(ctx, tenant.id, [untaxed(100_000n)], { on: '2026-04-05' })
  return { tenant, invoice }
}

describe('dunning', () => {
  it('walks an unpaid invoice through its days, each once, and restores who settles', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { tenant, invoice } = await owing(ctx)
      const walk: string[] = []
      for (let day = 0; day <= 16; day++) {
        const date = addDays('2026-04-10', day)
        for (const one of await dunned(on(date))) walk.push(`${date} ${one} ${await stateOf(ctx, tenant)}`)
        expect(await dunned(on(date)), `again on ${date}`).to.deep.equal([])
      }
      expect(walk).to.deep.equal([
        '2026-04-12 acme 0: reminder +0; -; reminder active active',
        '2026-04-13 acme 1: past_due +1; past_due; past_due active past_due',
        '2026-04-15 acme 3: reminder +3; -; reminder active past_due',
        '2026-04-17 acme 5: reminder +5; -; reminder active past_due',
        '2026-04-19 acme 7: reminder +7; -; reminder active past_due',
        '2026-04-26 acme 14: suspended +14; suspended; suspended suspended billing suspended',
      ])
      const { reason } = await oneRow<{ reason: string }>(
        ctx.db,
        sql`select suspension_reason as reason from public.tenants where id = ${tenant.id}`,
      )
      expect(reason).to.include(invoice.number)
      await pay(on('2026-04-27'), invoice.number, '1')
      expect(await stateOf(ctx, tenant), 'after one rupee').to.equal('suspended billing suspended')
      expect(await dunned(on('2026-04-27'))).to.deep.equal([])
      await pay(on('2026-04-28'), invoice.number, '999')
      expect(await stateOf(ctx, tenant)).to.equal('active active')
      expect(await attemptsOf(ctx)).to.deep.equal([
        `${invoice.number} 2026-04-12 settled suspended +14 2026-04-26`,
      ])
      expect(await dunned(on('2026-06-28')), 'long after').to.deep.equal([])
      expect(await mailsOf(ctx)).to.deep.equal([
        ...['reminder', 'past_due', 'reminder', 'reminder', 'reminder', 'suspended', 'restored'],
      ])
      const history = (await showInvoice(ctx, invoice.number)).invoice.history.map(({ event }) => event)
      expect(history).to.include.members([
        'dunning reminder',
        'dunning past due',
        'dunning suspended',
        'dunning settled',
      ])
    }))

  it('tells in its mails what is owed, and what comes next and when', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { tenant, invoice } = await owing(ctx)
      const second = await issued(ctx, tenant.id, [untaxed(50_000n)], { on: '2026-04-08' })
      await pay(on('2026-04-09'), invoice.number, '400')
      const one = {
        number: invoice.number,
        due_date: '2026-04-12',
        due: { amount_minor: 60_000, currency: 'INR' },
      }
      const two = {
        number: second.number,
        due_date: '2026-04-15',
        due: { amount_minor: 50_000, currency: 'INR' },
      }
      const common = { company: 'Company acme', pay_url: null }
      const both = { ...common, invoices: [one, two], due: { amount_minor: 110_000, currency: 'INR' } }
      for (const day of ['2026-04-13', '2026-04-15', '2026-04-26']) await dunned(on(day))
      const mails = await rows<{ kind: string; data: object }>(
        ctx.db,
        sql`select kind, data, to_address, language from public.mails order by created_at`,
      )
      const addressed = { to_address: 'owner@acme.test', language: 'en' }
      expect(mails).to.deep.equal([
        {
          ...{ kind: 'past_due', ...addressed },
          data: {
            ...{ ...common, invoices: [one], due: one.due },
            ...{ suspended: false, suspends_on: '2026-04-26' },
          },
        },
        { kind: 'reminder', ...addressed, data: { ...both, days_overdue: 3, suspends_on: '2026-04-26' } },
        { kind: 'suspended', ...addressed, data: { ...both, archives_on: '2026-05-12' } },
      ])
    }))

  it('enters directly what a late cron missed: one notice, no effect left out', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { tenant, invoice } = await owing(ctx)
      expect(await dunned(on('2026-04-13'))).to.deep.equal(['acme 1: past_due +1; past_due; past_due'])
      expect(await dunned(on('2026-04-20'))).to.deep.equal(['acme 8: reminder +7; -; reminder'])
      const other = await owing(ctx, 'late')
      expect(await dunned(on('2026-04-28'))).to.deep.equal([
        'acme 16: suspended +14; suspended; suspended',
        'late 16: suspended +14; past_due suspended; suspended',
      ])
      expect(await stateOf(ctx, other.tenant)).to.equal('suspended billing suspended')
      expect(await mailsOf(ctx)).to.deep.equal(['past_due', 'reminder', 'suspended', 'suspended'])
      // The clock went back: nothing is undone, and nobody told anew.
      expect(await dunned(on('2026-04-16'))).to.deep.equal([])
      expect(await stateOf(ctx, tenant)).to.equal('suspended billing suspended')
      expect(await attemptsOf(ctx)).to.include(`${invoice.number} 2026-04-12 suspended +14 2026-04-28`)
    }))

  it("counts in the tenant's days", () =>
    billing('2026-04-05', async (ctx, { at }) => {
      await owing(ctx, 'kiritimati', { timeZone: 'Pacific/Kiritimati' })
      await owing(ctx, 'kolkata')
      await owing(ctx, 'honolulu', { timeZone: 'Pacific/Honolulu' })
      // The 13th begins at 10:00Z on the 12th in Kiritimati, at 18:30Z in India, at 10:00Z on the 13th on Hawaii.
      expect(await dunned(at('2026-04-12T09:59:59Z'))).to.deep.equal([
        ...['kiritimati 0: reminder +0; -; reminder', 'kolkata 0: reminder +0; -; reminder'],
      ])
      expect(await dunned(at('2026-04-12T10:00:00Z'))).to.deep.equal([
        ...['honolulu 0: reminder +0; -; reminder', 'kiritimati 1: past_due +1; past_due; past_due'],
      ])
      expect(await dunned(at('2026-04-12T18:29:59Z'))).to.deep.equal([])
      expect(await dunned(at('2026-04-12T18:30:00Z'))).to.deep.equal([
        'kolkata 1: past_due +1; past_due; past_due',
      ])
      expect(await dunned(at('2026-04-13T09:59:59Z'))).to.deep.equal([])
      expect(await dunned(at('2026-04-13T10:00:00Z'))).to.deep.equal([
        'honolulu 1: past_due +1; past_due; past_due',
      ])
    }))

  it('counts 29 February where there is one', () =>
    billing('2027-02-10', async (ctx, { on }) => {
      const tenant = await subscribedTenant(ctx, 'common', { ...indian, startedOn: '2027-02-10' })
      await issued(ctx, tenant.id, [untaxed(100n)], { on: '2027-02-10', due: '2027-02-27' })
      const leap = await subscribedTenant(ctx, 'leap', { ...indian, startedOn: '2027-02-10' })
      expect(await dunned(on('2027-02-28'))).to.deep.equal(['common 1: past_due +1; past_due; past_due'])
      // Two days after 27 February is 1 March in 2027, and 29 February in 2028.
      expect(await dunned(on('2027-03-02'))).to.deep.equal(['common 3: reminder +3; -; reminder'])
      expect(await dunned(on('2027-03-13'))).to.deep.equal(['common 14: suspended +14; suspended; suspended'])
      await issued(ctx, leap.id, [untaxed(100n)], { on: '2028-02-20', due: '2028-02-27' })
      const only = async (day: PlainDate): Promise<string[]> =>
        (await dunned(on(day))).filter((one) => one.startsWith('leap'))
      await setSchedule(ctx, { archived: null }, false)
      expect(await only('2028-03-01')).to.deep.equal(['leap 3: reminder +3; past_due; reminder'])
      expect(await only('2028-03-11')).to.deep.equal(['leap 13: reminder +7; -; reminder'])
      expect(await only('2028-03-12')).to.deep.equal(['leap 14: suspended +14; suspended; suspended'])
    }))

  it('ends with whatever settles it: money, tax withheld, a credit note, void, psql', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const found = new Map<string, Awaited<ReturnType<typeof owing>>>()
      for (const name of ['paid', 'withheld', 'credited', 'voided', 'by-hand'])
        found.set(name, await owing(ctx, name))
      const of = (name: string): string => found.get(name)?.invoice.number ?? ''
      await dunned(on('2026-04-26'))
      const day = on('2026-04-26')
      await pay(day, of('paid'), '1000')
      await pay(day, of('withheld'), '900', '100')
      await creditInvoice(
        day,
        of('credited'),
        { line: null, amount: null, commercial: false, reason: 'a test' },
        false,
      )
      await voidInvoice(day, of('voided'), { reason: 'a test', dryRun: false })
      await execute(
        ctx.db,
        sql`insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor)
            select tenant_id, id, 'succeeded', 'manual', 'by hand', 'cash', 'INR', total_minor, total_minor
            from public.invoices where number = ${of('by-hand')}`,
      )
      const states = new Map<string, string>()
      for (const [name, { tenant }] of found) states.set(name, await stateOf(ctx, tenant))
      expect(Object.fromEntries(states)).to.deep.equal({
        ...{
          paid: 'active active',
          withheld: 'active active',
          credited: 'active active',
          voided: 'active active',
        },
        'by-hand': 'suspended billing suspended',
      })
      expect((await attemptsOf(ctx)).map((one) => one.split(' ')[2])).to.deep.equal([
        'settled',
        'settled',
        'settled',
        'void',
        'settled',
      ])
      expect(await dunned(on('2026-04-27'))).to.deep.equal(['by-hand -: -; restored; -'])
      expect(await stateOf(ctx, found.get('by-hand')?.tenant as SubscribedTenant)).to.equal('active active')
      expect(await dunned(on('2026-04-27'))).to.deep.equal([])
    }))

  it('goes by the earliest unpaid invoice: the next one when that is settled, and anew with a later one', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { tenant, invoice: first } = await owing(ctx)
      const second = await issued(ctx, tenant.id, [untaxed(50_000n)], { on: '2026-04-18' })
      expect(await dunned(on('2026-04-26'))).to.deep.equal([
        'acme 14: suspended +14; past_due suspended; suspended',
      ])
      await pay(on('2026-04-27'), first.number, '1000')
      expect(await stateOf(ctx, tenant), 'the second is overdue since the 25th').to.equal(
        'suspended billing suspended',
      )
      expect(await dunned(on('2026-04-27'))).to.deep.equal(['acme 2: past_due +1; -; past_due'])
      const { data } = await oneRow<{ data: { suspended: boolean; suspends_on: string | null } }>(
        ctx.db,
        sql`select data from public.mails where kind = 'past_due'`,
      )
      expect(data).to.deep.include({ suspended: true, suspends_on: null })
      await pay(on('2026-04-28'), second.number, '500')
      expect(await stateOf(ctx, tenant)).to.equal('active active')
      const third = await issued(ctx, tenant.id, [untaxed(100n)], { on: '2026-05-05' })
      expect(await dunned(on('2026-05-12'))).to.deep.equal(['acme 0: reminder +0; -; reminder'])
      // One that is due earlier comes in between, and is paid: the other goes on where it was.
      const earlier = await issued(ctx, tenant.id, [untaxed(100n)], { on: '2026-05-06', due: '2026-05-10' })
      expect(await dunned(on('2026-05-13'))).to.deep.equal(['acme 3: reminder +3; past_due; reminder'])
      await pay(on('2026-05-13'), earlier.number, '1')
      expect(await dunned(on('2026-05-13'))).to.deep.equal(['acme 1: past_due +1; -; past_due'])
      expect(await attemptsOf(ctx)).to.deep.equal(
        [
          `${first.number} 2026-04-12 settled suspended +14 2026-04-26`,
          `${second.number} 2026-04-25 settled past_due +1 2026-04-27`,
          `${third.number} 2026-05-12 past_due +1 2026-05-13`,
          `${earlier.number} 2026-05-10 settled reminder +3 2026-05-13`,
        ].sort(),
      )
    }))

  it('leaves a suspension by an operator alone, and suspends once that is lifted', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { tenant, invoice } = await owing(ctx)
      const byOperator = { cause: 'operator', reason: 'a break', dryRun: false } as const
      await suspendTenant(on('2026-04-14'), tenant, { ...byOperator, bills: true })
      expect(await dunned(on('2026-04-19'))).to.deep.equal(['acme 7: reminder +7; past_due; reminder'])
      expect(await dunned(on('2026-04-26'))).to.deep.equal(['acme 14: suspended +14; -; reminder'])
      expect(await stateOf(ctx, tenant)).to.equal('suspended operator past_due')
      await liftSuspension(on('2026-04-27'), tenant, byOperator)
      expect(await dunned(on('2026-04-27'))).to.deep.equal([
        'acme 15: suspended +14 still; suspended; suspended',
      ])
      expect(await stateOf(ctx, tenant)).to.equal('suspended billing suspended')
      expect(await rejection(liftSuspension(on('2026-04-28'), tenant, byOperator))).to.include({
        code: 'tenant.suspended',
      })
      await pay(on('2026-04-28'), invoice.number, '1000')
      expect(await stateOf(ctx, tenant)).to.equal('active active')
      const { number } = await issued(ctx, tenant.id, [untaxed(100n)], { on: '2026-05-05' })
      await suspendTenant(on('2026-05-20'), tenant, { ...byOperator, bills: true })
      await dunned(on('2026-05-27'))
      await pay(on('2026-05-28'), number, '1')
      expect(await stateOf(ctx, tenant), 'money lifts none by an operator').to.equal(
        'suspended operator active',
      )
    }))

  it('suspends whoever is on trial or has cancelled, too: what they owe is owed', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const trial = await owing(ctx, 'trial', { trialDays: 30 })
      const gone = await owing(ctx, 'gone')
      await endSubscription(on('2026-04-06'), gone.tenant, '2026-04-06', 'leaving')
      expect(await dunned(on('2026-04-13'))).to.deep.equal([
        'gone 1: past_due +1; -; past_due',
        'trial 1: past_due +1; -; past_due',
      ])
      expect([await stateOf(ctx, trial.tenant), await stateOf(ctx, gone.tenant)]).to.deep.equal([
        'active trialing',
        'active cancelled',
      ])
      expect(await dunned(on('2026-04-26'))).to.deep.equal([
        'gone 14: suspended +14; suspended; suspended',
        'trial 14: suspended +14; suspended; suspended',
      ])
      // Its trial is over on 5 May.
      expect(await dunned(on('2026-05-06'))).to.deep.equal(['trial 24: suspended +14 still; past_due; -'])
      expect(await stateOf(ctx, trial.tenant)).to.equal('suspended billing past_due')
      for (const { invoice } of [trial, gone]) await pay(on('2026-05-07'), invoice.number, '1000.00')
      expect([await stateOf(ctx, trial.tenant), await stateOf(ctx, gone.tenant)]).to.deep.equal([
        'active active',
        'active cancelled',
      ])
      expect(await dunned(on('2026-05-08'))).to.deep.equal([])
    }))

  it('rests while the tenant is archived, and goes on where it was', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { tenant, invoice } = await owing(ctx)
      await dunned(on('2026-04-17'))
      await putAway(on('2026-04-18'), tenant, { reason: 'gone', dryRun: false })
      expect(await dunned(on('2026-04-27'))).to.deep.equal([])
      expect((await showInvoice(on('2026-04-27'), invoice.number)).invoice.dunning).to.equal(null)
      await execute(ctx.db, sql`update public.tenants set status = 'active' where id = ${tenant.id}`)
      expect(await dunned(on('2026-04-18'))).to.deep.equal(['acme 6: reminder +5 still; -; -'])
      expect(await attemptsOf(ctx)).to.deep.equal([`${invoice.number} 2026-04-12 reminder +5 2026-04-17`])
    }))

  it('counts an invoice that is open again from the day it is found so', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { tenant, invoice } = await owing(ctx)
      await dunned(on('2026-04-13'))
      await pay(on('2026-04-14'), invoice.number, '1000')
      // The payment is given back, as a dispute that is lost does.
      await execute(
        ctx.db,
        sql`update public.payments set applied_minor = 0, refunded_minor = amount_minor where invoice_id = ${invoice.id}`,
      )
      const shown = (await showInvoice(on('2026-06-20'), invoice.number)).invoice.dunning
      expect(shown).to.deep.include({ counted_from: '2026-06-20', days: 0, stage: null })
      expect(await dunned(on('2026-06-20'))).to.deep.equal(['acme 0: reminder +0; -; reminder'])
      expect(await dunned(on('2026-06-21'))).to.deep.equal(['acme 1: past_due +1; past_due; past_due'])
      expect(await stateOf(ctx, tenant)).to.equal('active past_due')
      expect(await attemptsOf(ctx)).to.deep.equal([
        `${invoice.number} 2026-04-12 settled past_due +1 2026-04-13`,
        `${invoice.number} 2026-06-20 past_due +1 2026-06-21`,
      ])
    }))

  it('follows a schedule that is changed on the way', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      await owing(ctx)
      await dunned(on('2026-04-19'))
      const sooner = await setSchedule(
        on('2026-04-19'),
        { reminders: [0, 2], suspended: 6, archived: 20 },
        true,
      )
      expect(sooner).to.deep.include({
        dry_run: true,
        changed: true,
        next_run: { past_due: 0, suspended: 1, archived: 0 },
      })
      expect(await dunned(on('2026-04-19')), 'it was dry').to.deep.equal([])
      await setSchedule(on('2026-04-19'), { reminders: [4, 9], suspended: 20 }, false)
      expect(await dunned(on('2026-04-20'))).to.deep.equal([])
      expect(await dunned(on('2026-04-21'))).to.deep.equal(['acme 9: reminder +9; -; reminder'])
      expect(await dunned(on('2026-05-01'))).to.deep.equal([])
      expect(await dunned(on('2026-05-02'))).to.deep.equal(['acme 20: suspended +20; suspended; suspended'])
      const same = await setSchedule(on('2026-05-02'), { suspended: 20 }, false)
      expect(same.changed).to.equal(false)
      expect(await mailsOf(ctx)).to.deep.equal(['reminder', 'reminder', 'suspended'])
      const { n } = await oneRow<{ n: number }>(
        ctx.db,
        sql`select count(*)::int as n from public.audit_log where action = 'billing.dunning.set'`,
      )
      expect(n).to.equal(1)
    }))

  it('serves the others where one fails, and that one the next day', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      // Inside another transaction nothing can be exported, and without an export nobody is archived.
      const { tenant } = await owing(ctx, 'broken')
      const sound = await subscribedTenant(ctx, 'sound', { ...indian, startedOn: '2026-04-05' })
      await issued(ctx, sound.id, [untaxed(100n)], { on: '2026-05-04' })
      for (const day of ['2026-05-12', '2026-05-13']) {
        const ran = await ranDaily(on(day), { skip: withoutOthers })
        expect((ran.results.dunning?.items ?? []).map(told)).to.deep.equal([
          `broken ${day === '2026-05-12' ? 30 : 31}: unexpected; -; -`,
          ...(day === '2026-05-12' ? ['sound 1: past_due +1; past_due; past_due'] : []),
        ])
        expect(ran.results.dunning).to.deep.include({ failed: 1, archived: 0 })
        expect(ran.run.status).to.equal('partial')
        expect(worstOf(ran)).to.equal('partial')
        expect(await stateOf(ctx, tenant)).to.equal('suspended billing suspended')
      }
      expect(await mailsOf(ctx)).to.deep.equal(['suspended', 'past_due'])
    }))

  it('is shown: of an invoice, of the schedule, of all', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { tenant, invoice } = await owing(ctx)
      const later = await issued(ctx, tenant.id, [untaxed(100n)], { on: '2026-04-08' })
      const shown = async (day: PlainDate, number = invoice.number): Promise<unknown> =>
        (await showInvoice(on(day), number)).invoice.dunning
      const counted = { invoice: invoice.number, follows: false, counted_from: '2026-04-12' }
      expect(await shown('2026-04-10')).to.deep.equal({
        ...{ ...counted, days: -2, stage: null },
        next: { day: 0, kind: 'reminder', on: '2026-04-12', due_now: false },
      })
      await dunned(on('2026-04-15'))
      expect(await shown('2026-04-16')).to.deep.equal({
        ...{ ...counted, days: 4, stage: { day: 3, kind: 'reminder', on: '2026-04-15' } },
        next: { day: 5, kind: 'reminder', on: '2026-04-17', due_now: false },
      })
      expect(await shown('2026-04-27', later.number)).to.deep.equal({
        ...{ ...counted, follows: true, days: 15, stage: { day: 3, kind: 'reminder', on: '2026-04-15' } },
        next: { day: 14, kind: 'suspended', on: '2026-04-26', due_now: true },
      })
      const stages = [{ day: 3, kind: 'reminder', tenants: 1 }]
      expect((await readBillingStatus(on('2026-04-16'))).dunning).to.deep.equal({
        tenants: 1,
        by_stage: stages,
      })
      const { schedule } = await showSchedule(ctx)
      expect(schedule.stages.map(({ day, kind, tenants }) => `${day} ${kind} ${tenants}`)).to.deep.equal([
        ...['0 reminder 0', '1 past_due 0', '3 reminder 1', '5 reminder 0', '7 reminder 0', '14 suspended 0'],
        '30 archived 0',
      ])
      await pay(on('2026-04-27'), invoice.number, '1000')
      expect(await shown('2026-04-27')).to.equal(null)
    }))

  it('leaves alone what the run itself has issued, due at once though it is', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const tenant = await subscribedTenant(ctx, 'fresh', { ...indian, startedOn: '2026-04-05' })
      await setSupplier(ctx, { ...indianSupplier, paymentTerms: 0 }, false)
      const first = await ranDaily(on('2026-04-05'), { skip: ['mails'] })
      expect(first.results.invoices?.run.invoices).to.equal(1)
      expect(first.results.dunning?.items).to.deep.equal([])
      expect((await dunned(on('2026-04-06'))).map((one) => one.split(':')[0])).to.deep.equal(['fresh 1'])
      expect(await stateOf(ctx, tenant)).to.equal('active past_due')
      expect(worstOf(first)).to.equal(null)
    }))
})
