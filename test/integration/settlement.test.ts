/** Void, credit notes, payments and closed months: numbers worked out by hand. */
import { expect } from 'chai'
import { closeMonth, readMonths } from '../../src/billing/book/close-month.js'
import {
  creditInvoice,
  type CreditInput,
  type CreditedInvoice,
} from '../../src/billing/book/credit-invoice.js'
import { sendInvoice } from '../../src/billing/book/send-invoice.js'
import { recordPayment, type RecordedPayment } from '../../src/billing/book/record-payment.js'
import { voidInvoice, type VoidedInvoice } from '../../src/billing/book/void-invoice.js'
import { bookPeriod } from '../../src/billing/export/period.js'
import { readTotals } from '../../src/billing/export/totals.js'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { showInvoice } from '../../src/views/invoice.js'
import { statementRows } from '../../src/views/statement-rows.js'
import { archiveTenantRow, suspendedByBilling } from '../support/standing.js'
import { billing, bookOf } from '../support/billing.js'
import { rejection } from '../support/errors.js'
import { faultsOf, issued, local, standing, untaxed } from '../support/issued.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'
import type { PaymentInput } from '../../src/billing/book/payment-input.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
const day = '2026-04-10'

const tenantOf = (ctx: Context, subdomain = 'acme', startedOn = day) =>
  subscribedTenant(ctx, subdomain, { ...indian, startedOn })
const cancel = (ctx: Context, number: string, dryRun = false): Promise<VoidedInvoice> =>
  voidInvoice(ctx, number, { reason: 'wrong customer', dryRun })
const credit = (
  ctx: Context,
  number: string,
  input: Partial<CreditInput> = {},
  dryRun = false,
): Promise<CreditedInvoice> =>
  creditInvoice(
    ctx,
    number,
    { line: null, amount: null, commercial: false, reason: 'outage', ...input },
    dryRun,
  )
const pay = (ctx: Context, number: string, input: PaymentInput, dryRun = false): Promise<RecordedPayment> =>
  recordPayment(ctx, number, input, dryRun)

async function statusOf(ctx: Context, number: string): Promise<string> {
  const { status } = await oneRow<{ status: string }>(
    ctx.db,
    sql`select status from public.invoices where number = ${number}`,
  )
  return status
}

async function topics(ctx: Context): Promise<string[]> {
  const found = await rows<{ topic: string }>(
    ctx.db,
    sql`select topic from public.outbox where topic ~ '^(invoice|payment|credit)[.]' order by created_at, topic`,
  )
  return found.map(({ topic }) => topic)
}

describe('an invoice that is void', () => {
  it('keeps its number and frees its days: the next run bills them once, with the next number', () =>
    billing(day, async (ctx, { bill }) => {
      await tenantOf(ctx)
      await bill(day)
      // 3,999.00 and 9 % of it, 359.91, twice.
      const line = 'cycle Starter platform fee 2026-04-10 2026-05-10 399900 + 71982'
      expect(await bookOf(ctx)).to.deep.equal([`acme ERP/26-27/00001 ${line}`])
      const rehearsed = await cancel(ctx, 'ERP/26-27/00001', true)
      expect(rehearsed).to.deep.include({ dry_run: true, changed: true })
      expect(await statusOf(ctx, 'ERP/26-27/00001')).to.equal('open')
      const done = await cancel(ctx, 'erp/26-27/00001')
      expect(done).to.deep.include({ changed: true, reason: 'wrong customer' })
      expect(done.invoice).to.deep.include({ status: 'void', open: { amount_minor: 0, currency: 'INR' } })
      expect((await cancel(ctx, 'ERP/26-27/00001')).changed).to.equal(false)
      await bill(day)
      await bill(day)
      expect(await bookOf(ctx)).to.deep.equal([`acme ERP/26-27/00002 ${line}`])
      expect(await topics(ctx)).to.deep.equal(['invoice.voided'])
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('frees its days alone where later periods are billed already', () =>
    billing(day, async (ctx, { bill }) => {
      await tenantOf(ctx, 'acme', '2026-02-10')
      await bill(day)
      await cancel(ctx, 'ERP/26-27/00002')
      expect((await bill(day)).run.invoices).to.equal(1)
      expect((await bill(day)).run.invoices).to.equal(0)
      expect(
        (await bookOf(ctx)).map((line) =>
          line.split(' ').slice(1, 2).concat(line.split(' ').slice(-5, -3)).join(' '),
        ),
      ).to.deep.equal([
        'ERP/26-27/00001 2026-02-10 2026-03-10',
        'ERP/26-27/00003 2026-04-10 2026-05-10',
        'ERP/26-27/00004 2026-03-10 2026-04-10',
      ])
      const { next } = await oneRow<{ next: string }>(
        ctx.db,
        sql`select next_billing_on::text as next from public.subscriptions`,
      )
      expect(next).to.equal('2026-05-10')
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('was of a module added in mid-period: only its days come again', () =>
    billing(day, async (ctx, { bill, on }) => {
      const { id } = await tenantOf(ctx)
      await bill(day)
      const later = on('2026-04-25')
      await execute(
        later.db,
        sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
            select s.id, 'module', 'crm', p.id, '[2026-04-25,)' from public.subscriptions s
            join public.prices p on p.product_code = 'crm' and p.currency = 'INR' and p.cycle = 'monthly' where s.tenant_id = ${id}`,
      )
      await bill('2026-04-25')
      // 15,999.00 x 15/30 = 7,999.50.
      const added = (await bookOf(ctx)).filter((line) => line.includes('799950'))
      expect(added).to.have.length(1)
      await cancel(later, 'ERP/26-27/00002')
      await bill('2026-04-25')
      const lines = await bookOf(ctx)
      expect(lines.filter((line) => line.includes('2026-04-25 2026-05-10 799950'))).to.have.length(1)
      expect(lines).to.have.length(2)
      expect(lines[1]).to.include('ERP/26-27/00003')
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('gives back what it took from the credit balance, and the next one takes it again', () =>
    billing(day, async (ctx, { bill }) => {
      const { id } = await tenantOf(ctx)
      const { number } = await issued(ctx, id, [untaxed(100n)], { on: day })
      await pay(ctx, number, { amount: '1001.00', reference: 'UTR1' })
      await bill(day)
      const of = (invoice: string) =>
        oneRow<{ text: string }>(
          ctx.db,
          sql`select concat_ws(' ', i.status, i.credit_applied_minor, b.balance_minor) as text
              from public.invoices i join public.credit_balances b on b.tenant_id = i.tenant_id where i.number = ${invoice}`,
        ).then(({ text }) => text)
      expect(await of('ERP/26-27/00002')).to.equal('open 100000 0')
      expect((await cancel(ctx, 'ERP/26-27/00002')).released).to.deep.equal({
        amount_minor: 100000,
        currency: 'INR',
      })
      expect(await of('ERP/26-27/00002')).to.equal('void 100000 100000')
      await bill(day)
      expect(await of('ERP/26-27/00003')).to.equal('open 100000 0')
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('is not one that is paid, credited, sent, registered, of another month or of a closed one', () =>
    billing('2026-03-31', async (ctx, { on }) => {
      const { id } = await tenantOf(ctx, 'acme', '2026-03-31')
      const fresh = () => issued(ctx, id, [local(10000n, 900n)], { on: '2026-03-31' })
      const refused = async (number: string, at = ctx) =>
        (await rejection(cancel(at, number))) as { code: string; hint: string; message: string }
      const paid = await fresh()
      await pay(ctx, paid.number, { amount: '1' })
      expect(await refused(paid.number)).to.include({ kind: 'conflict', code: 'invoice.paid' })
      const settled = await fresh()
      await pay(ctx, settled.number, { writeOff: '1' })
      expect(await refused(settled.number)).to.include({ code: 'invoice.paid' })
      const credited = await fresh()
      await credit(ctx, credited.number, { amount: '1' })
      const again = 'erpmax invoice credit ERP/25-26/00003 --whole --reason "..."'
      expect(await refused(credited.number)).to.include({ code: 'invoice.credited', hint: again })
      await credit(ctx, credited.number)
      expect(await refused(credited.number), 'nothing is left to credit').to.include({
        ...{ code: 'invoice.credited', hint: `erpmax invoice show ${credited.number}` },
      })
      const sent = await fresh()
      await execute(
        ctx.db,
        sql`update public.invoices set sent_at = '2026-03-30T20:00:00Z' where id = ${sent.id}`,
      )
      // 01:30 of the next day in Mumbai.
      expect(await refused(sent.number)).to.include({ code: 'invoice.sent' })
      expect((await refused(sent.number)).message).to.include('sent on 2026-03-31')
      const queued = await fresh()
      await sendInvoice(ctx, queued.number, { to: null, again: false })
      expect(await refused(queued.number)).to.include({ code: 'invoice.sent' })
      expect((await refused(queued.number)).message)
        .to.include('queue')
        .and.not.include('sent')
      const registered = await fresh()
      await execute(ctx.db, sql`update public.invoices set irn = repeat('a', 64) where id = ${registered.id}`)
      expect(await refused(registered.number)).to.include({ code: 'invoice.registered' })
      const old = await fresh()
      // 31 March in UTC, 1 April where the supplier is.
      expect(await refused(old.number, on('2026-04-01'))).to.include({ code: 'invoice.month_over' })
      expect((await refused(old.number, on('2026-04-01'))).hint).to.equal(
        `erpmax invoice credit ${old.number} --whole --reason "..."`,
      )
      await closeMonth(on('2026-04-01'), '2026-03', false)
      expect(await refused(old.number)).to.include({ code: 'billing.month_closed' })
      expect(await refused('ERP/26-27/99999')).to.include({ kind: 'not_found', code: 'invoice.not_found' })
    }))
})

describe('a credit note', () => {
  it('of a whole unpaid invoice settles it', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const { id: invoice, number } = await issued(ctx, id, [local(10050n, 905n), local(5000n, 450n)], {
        on: day,
      })
      const { credit_note, invoice: after } = await credit(ctx, number)
      expect(credit_note).to.deep.include({
        ...{ number: 'CN/26-27/00001', invoice: number, issue_date: day, taxed: true },
        taxable: { amount_minor: 15050, currency: 'INR' },
        tax: { amount_minor: 2710, currency: 'INR' },
        total: { amount_minor: 17760, currency: 'INR' },
        applied: { amount_minor: 17760, currency: 'INR' },
        to_balance: { amount_minor: 0, currency: 'INR' },
      })
      expect(after.status).to.equal('paid')
      const { history } = (await showInvoice(ctx, number)).invoice
      expect(history.find(({ event }) => event === 'credited')?.operator).to.equal(ctx.actor.operator)
      expect(await standing(ctx, invoice)).to.equal('paid paid 0 settled 0 credited 17760 of 17760 balance 0')
      expect(await rejection(credit(ctx, number))).to.include({
        kind: 'conflict',
        code: 'credit.nothing_left',
      })
      expect(await topics(ctx)).to.deep.equal(['credit.issued', 'invoice.paid'])
    }))

  it('of a paid one goes to the credit balance, and of one half paid first lowers what is open', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const paid = await issued(ctx, id, [local(10000n, 900n)], { on: day })
      await pay(ctx, paid.number, { amount: '118.00', reference: 'a' })
      await credit(ctx, paid.number)
      expect(await standing(ctx, paid.id)).to.equal(
        'paid paid 11800 settled 0 credited 0 of 11800 balance 11800',
      )
      const half = await issued(ctx, id, [local(10000n, 900n)], { on: day })
      await pay(ctx, half.number, { amount: '100.00', reference: 'b' })
      // 118.00 of which 18.00 are open: the rest, 100.00, joins the 118.00.
      await credit(ctx, half.number)
      expect(await standing(ctx, half.id)).to.equal(
        'paid paid 10000 settled 0 credited 1800 of 11800 balance 21800',
      )
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('by line and by amount, up to what was charged and not a unit further', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const { number } = await issued(ctx, id, [local(10000n, 900n), local(5000n, 450n)], { on: day })
      const shown = ({ credit_note }: CreditedInvoice) => [
        credit_note.number,
        credit_note.taxable.amount_minor,
        credit_note.tax.amount_minor,
      ]
      expect(shown(await credit(ctx, number, { amount: '10.00' }, true))).to.deep.equal([null, 1000, 180])
      // 6.67 and 3.33: 0.60 + 0.60 and 0.30 + 0.30.
      expect(shown(await credit(ctx, number, { amount: '10.00' }))).to.deep.equal([
        'CN/26-27/00001',
        1000,
        180,
      ])
      expect(shown(await credit(ctx, number, { line: 2, amount: '40' }))).to.deep.equal([
        'CN/26-27/00002',
        4000,
        720,
      ])
      expect(await rejection(credit(ctx, number, { line: 2, amount: '6.68' }))).to.include({
        code: 'credit.exceeds',
      })
      expect(shown(await credit(ctx, number, { line: 2 }))).to.deep.equal(['CN/26-27/00003', 667, 120])
      expect(await rejection(credit(ctx, number, { line: 2 }))).to.include({ code: 'credit.nothing_left' })
      expect(await rejection(credit(ctx, number, { line: 3 }))).to.include({ code: 'invoice.line_not_found' })
      expect(await rejection(credit(ctx, number, { amount: '0' }))).to.include({
        kind: 'usage',
        code: 'money.invalid',
      })
      expect(await rejection(credit(ctx, number, { amount: '1.234' }))).to.include({ code: 'money.invalid' })
      expect(shown(await credit(ctx, number))).to.deep.equal(['CN/26-27/00004', 9333, 1680])
      const { tax } = await oneRow<{ tax: bigint }>(
        ctx.db,
        sql`select sum(tax_minor)::bigint as tax from public.credit_notes`,
      )
      expect(tax).to.equal(2700n)
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('after 30 November following the financial year is commercial, and only when that is said', () =>
    billing('2026-03-31', async (ctx, { on }) => {
      const { id } = await tenantOf(ctx, 'acme', '2026-03-31')
      const { number } = await issued(ctx, id, [local(10000n, 900n)], { on: '2026-03-31' })
      expect(
        (await credit(on('2026-11-30'), number, { amount: '10' })).credit_note.tax.amount_minor,
      ).to.equal(180)
      const late = on('2026-12-01')
      expect(await rejection(credit(late, number))).to.deep.include({
        kind: 'conflict',
        code: 'credit.too_late_for_tax',
        details: { invoice: number, last_day: '2026-11-30', issue_date: '2026-12-01' },
      })
      const { credit_note } = await credit(late, number, { commercial: true })
      expect(credit_note).to.deep.include({ taxed: false, number: 'CN/26-27/00002' })
      expect([credit_note.taxable.amount_minor, credit_note.tax.amount_minor]).to.deep.equal([9000, 0])
    }))

  it('of a run after that day is commercial by itself', () =>
    billing('2026-03-31', async (ctx, { bill }) => {
      const { id } = await subscribedTenant(ctx, 'acme', {
        ...indian,
        startedOn: '2026-03-31',
        cycle: 'annual',
        modules: ['crm'],
      })
      await bill('2026-03-31')
      await execute(
        ctx.db,
        sql`with change as (
              insert into public.subscription_changes (subscription_id, kind, status, module_code, effective_on, operator, decided_at)
              select s.id, 'remove_module', 'applied', 'crm', '2026-12-31', 'me', now() from public.subscriptions s where s.tenant_id = ${id}
              returning id, subscription_id
            ), item as (
              update public.subscription_items i set active = daterange('2026-03-31', '2026-12-31') from change c
              where i.subscription_id = c.subscription_id and i.product_code = 'crm' returning i.id
            )
            insert into public.subscription_adjustments (subscription_id, item_id, change_id, unused)
            select c.subscription_id, i.id, c.id, '[2026-12-31,2027-03-31)' from change c, item i`,
      )
      await bill('2026-12-31')
      const note = await oneRow<{ taxed: boolean; tax: bigint; taxable: bigint }>(
        ctx.db,
        sql`select taxed, tax_minor as tax, taxable_minor as taxable from public.credit_notes`,
      )
      // 153,590.40 for 365 days, 275 of them used: 115,718.794520..., so 37,871.61 is given back.
      expect(note).to.deep.equal({ taxed: false, tax: 0n, taxable: 3787161n })
    }))

  it('is not written for a void invoice', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const { number } = await issued(ctx, id, [local(10000n, 900n)], { on: day })
      await cancel(ctx, number)
      expect(await rejection(credit(ctx, number))).to.include({ kind: 'conflict', code: 'invoice.void' })
      expect(await rejection(pay(ctx, number, { amount: '1' }))).to.include({
        kind: 'conflict',
        code: 'invoice.void',
      })
    }))
})

describe('a payment', () => {
  it('of 44,910.00 with 4,990.00 withheld under section 194J settles 49,900.00', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const invoice = await issued(ctx, id, [untaxed(4_990_000n)], { on: day })
      const input = {
        amount: '44910.00',
        tds: '4990.00',
        tdsSection: '194j',
        reference: 'UTR 1',
        receivedOn: '2026-04-09',
      }
      const rehearsed = await pay(ctx, invoice.number, input, true)
      expect(rehearsed.invoice.status).to.equal('paid')
      expect(await standing(ctx, invoice.id)).to.equal(
        'open paid 0 settled 0 credited 0 of 4990000 balance 0',
      )
      const done = await pay(ctx, invoice.number, input)
      expect(done).to.deep.include({ dry_run: false, changed: true, suspension_lifted: false })
      expect(done.payment).to.deep.include({
        method: 'bank_transfer',
        received_on: '2026-04-09',
        reference: 'UTR 1',
        status: 'succeeded',
      })
      expect(done.payment?.settlement_lines).to.deep.equal([
        {
          ...{ kind: 'tds', amount: { amount_minor: 499000, currency: 'INR' }, section: '194J' },
          ...{ section_2025: '393(1) Sl. 6(iii)', certificate: null },
        },
      ])
      expect(await standing(ctx, invoice.id)).to.equal(
        'paid paid 4491000 settled 499000 credited 0 of 4990000 balance 0',
      )
      expect(await topics(ctx)).to.deep.equal(['invoice.paid', 'payment.received'])
      // The same again is the same; under its reference nothing else is booked.
      expect((await pay(ctx, invoice.number, input)).changed).to.equal(false)
      const { amount: _, ...withoutMoney } = input
      for (const other of [{ ...input, amount: '44910.01' }, { ...input, tds: '4989' }, withoutMoney])
        expect(await rejection(pay(ctx, invoice.number, other))).to.include({
          kind: 'conflict',
          code: 'payment.duplicate',
        })
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('of a reference is one for each tenant, whatever the invoice', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const { id: other } = await tenantOf(ctx, 'globex')
      const [one, two, foreign] = [
        await issued(ctx, id, [untaxed(100n)], { on: day }),
        await issued(ctx, id, [untaxed(100n)], { on: day }),
        await issued(ctx, other, [untaxed(100n)], { on: day }),
      ]
      await pay(ctx, one.number, { amount: '1', reference: 'UTR1' })
      expect(await rejection(pay(ctx, two.number, { amount: '1', reference: 'UTR1' }))).to.include({
        code: 'payment.duplicate',
      })
      expect((await pay(ctx, foreign.number, { amount: '1', reference: 'UTR1' })).changed).to.equal(true)
      // Without a reference the same day and amount are taken for the same payment.
      await pay(ctx, two.number, { amount: '0.50' })
      expect(await rejection(pay(ctx, two.number, { amount: '0.50' }))).to.include({
        code: 'payment.duplicate',
      })
      expect((await pay(ctx, two.number, { amount: '0.50', reference: 'second' })).invoice.status).to.equal(
        'paid',
      )
    }))

  it('beyond what is open goes to the credit balance; what settles never does', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const fresh = () => issued(ctx, id, [untaxed(10000n)], { on: day })
      const over = await fresh()
      const paid = await pay(ctx, over.number, { amount: '150' })
      expect(paid.payment).to.deep.include({ to_balance: { amount_minor: 5000, currency: 'INR' } })
      expect(paid.credit_balance).to.deep.equal({ amount_minor: 5000, currency: 'INR' })
      const { number } = await fresh()
      for (const input of [
        { writeOff: '100.01' },
        { amount: '100', writeOff: '1' },
        { amount: '99', bankCharges: '1.01' },
        { amount: '50', tds: '40', tdsSection: '194J', bankCharges: '10.01' },
        { tds: '100.01', tdsSection: '194J' },
      ])
        expect(await rejection(pay(ctx, number, input)), JSON.stringify(input)).to.include({
          kind: 'conflict',
          code: 'payment.settlement_exceeds',
        })
      expect(
        (await pay(ctx, number, { amount: '88.59', bankCharges: '10', roundOff: '0.99', writeOff: '0.42' }))
          .invoice.status,
      ).to.equal('paid')
      // Withheld although everything was paid: the customer has that much to its credit.
      const both = await fresh()
      expect(
        (await pay(ctx, both.number, { amount: '100', tds: '10', tdsSection: '194J' })).credit_balance
          .amount_minor,
      ).to.equal(6000)
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('later by certificate: settlement lines alone, once for their reference', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const { id: invoice, number } = await issued(ctx, id, [untaxed(10000n)], { on: day })
      await pay(ctx, number, { amount: '90' })
      const tds = {
        tds: '10',
        tdsSection: '393(1) Sl. 6(iii)',
        tdsCertificate: 'ABCDEF',
        reference: '26AS Q1',
      }
      const done = await pay(ctx, number, tds)
      expect(done).to.deep.include({ payment: null, changed: true })
      expect(done.settlement_lines[0]).to.deep.include({ section: '194J', certificate: 'ABCDEF' })
      expect((await pay(ctx, number, tds)).changed).to.equal(false)
      expect(await standing(ctx, invoice)).to.equal(
        'paid paid 9000 settled 1000 credited 0 of 10000 balance 0',
      )
      expect(await rejection(pay(ctx, number, { writeOff: '1' }))).to.include({
        code: 'payment.settlement_exceeds',
      })
    }))

  it('settles otherwise on the day of its clock where the supplier is, in all that is read of it', () =>
    billing(day, async (ctx, { at }) => {
      const { id } = await tenantOf(ctx)
      const { number } = await issued(ctx, id, [untaxed(10000n)], { on: day })
      // 01:30 of the next month in Mumbai.
      const late = at('2026-12-31T20:00:00Z')
      await pay(late, number, { writeOff: '1' })
      await pay(late, number, { amount: '50', roundOff: '0.50', receivedOn: '2026-12-30' })
      const { invoice } = await showInvoice(late, number)
      expect(invoice.settlement_lines.map(({ kind, settled_on }) => `${kind} ${settled_on}`)).to.deep.equal([
        'write_off 2027-01-01',
        'round_off 2026-12-30',
      ])
      const month = bookPeriod('IN', { month: '2027-01' })
      expect((await readTotals(late, month)).map(({ settled }) => settled.amount_minor)).to.deep.equal([100])
      const book = (await statementRows(late, id, 'Asia/Kolkata')).get('INR')
      expect(book?.entries.map(({ date, kind }) => `${date} ${kind}`)).to.deep.equal([
        `${day} invoice`,
        ...['2026-12-30 payment', '2026-12-30 round_off', '2027-01-01 write_off'],
      ])
    }))

  it('is refused where it does not make sense', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const { number } = await issued(ctx, id, [untaxed(10000n)], { on: day })
      const dollars = await issued(ctx, id, [untaxed(10000n)], { on: day, currency: 'USD' })
      const yen = await issued(ctx, id, [untaxed(10000n)], { on: day, currency: 'JPY' })
      const refused: [string, PaymentInput, string][] = [
        [number, {}, 'usage.missing'],
        [number, { amount: '0' }, 'money.invalid'],
        [number, { amount: '-5' }, 'money.invalid'],
        [number, { amount: '1.001' }, 'money.invalid'],
        [yen.number, { amount: '1.5' }, 'money.invalid'],
        [number, { amount: '1', currency: 'USD' }, 'payment.currency_differs'],
        [number, { amount: '1', receivedOn: '2026-04-11' }, 'payment.received_in_future'],
        [number, { tds: '1' }, 'usage.missing'],
        [number, { tds: '1', tdsSection: '80C' }, 'payment.tds_section_unknown'],
        [dollars.number, { tds: '1', tdsSection: '194J' }, 'payment.tds_not_withheld'],
        [number, { roundOff: '1.00' }, 'payment.round_off_too_large'],
        [number, { amount: '1.00', note: 'nowhere to be written' }, 'payment.note_unused'],
        [yen.number, { roundOff: '1' }, 'payment.round_off_too_large'],
        ['ERP/26-27/09999', { amount: '1' }, 'invoice.not_found'],
      ]
      for (const [of, input, code] of refused)
        expect(await rejection(pay(ctx, of, input)), JSON.stringify(input)).to.include({ code })
      expect((await pay(ctx, yen.number, { amount: '10000', currency: 'jpy' })).invoice.status).to.equal(
        'paid',
      )
      expect((await pay(ctx, number, { roundOff: '0.99' })).invoice.open.amount_minor).to.equal(9901)
    }))

  it('of every overdue invoice lifts the suspension that billing caused, and no other', () =>
    billing(day, async (ctx, { on }) => {
      const { id } = await tenantOf(ctx)
      const late = on('2026-05-01')
      const overdue = [
        await issued(ctx, id, [untaxed(100n)], { on: day }),
        await issued(ctx, id, [untaxed(200n)], { on: day }),
      ]
      await issued(late, id, [untaxed(300n)], { on: '2026-05-01' })
      await suspendedByBilling(late, id)
      expect((await pay(late, overdue[0]?.number ?? '', { amount: '1' })).suspension_lifted).to.equal(false)
      expect(
        (await pay(late, overdue[1]?.number ?? '', { amount: '1.99', reference: 'x' })).suspension_lifted,
      ).to.equal(false)
      expect(
        (await pay(late, overdue[1]?.number ?? '', { amount: '0.01', reference: 'y' }, true))
          .suspension_lifted,
      ).to.equal(true)
      expect(await stateOf(late, id)).to.equal('suspended past_due')
      expect((await credit(late, overdue[1]?.number ?? '', { amount: '0.01' })).suspension_lifted).to.equal(
        true,
      )
      expect(await stateOf(late, id)).to.equal('active active')
    }))

  it('of a tenant that an operator suspended, or that is archived, is booked, and the state stays', () =>
    billing(day, async (ctx) => {
      const { id } = await tenantOf(ctx)
      const invoices = [
        await issued(ctx, id, [untaxed(100n)], { on: day }),
        await issued(ctx, id, [untaxed(200n)], { on: day }),
      ]
      await execute(
        ctx.db,
        sql`update public.tenants set status = 'suspended', suspension_cause = 'operator' where id = ${id}`,
      )
      expect((await pay(ctx, invoices[0]?.number ?? '', { amount: '1' })).invoice.status).to.equal('paid')
      expect(await stateOf(ctx, id)).to.equal('suspended active')
      await archiveTenantRow(ctx, id)
      expect((await pay(ctx, invoices[1]?.number ?? '', { amount: '2' })).invoice.status).to.equal('paid')
      expect(await stateOf(ctx, id)).to.equal('archived active')
    }))
})

async function stateOf(ctx: Context, id: TenantId): Promise<string> {
  const { state } = await oneRow<{ state: string }>(
    ctx.db,
    sql`select t.status || ' ' || s.status as state from public.tenants t join public.subscriptions s on s.tenant_id = t.id where t.id = ${id}`,
  )
  return state
}

describe('a closed month', () => {
  it('is one that is over where the supplier is, closed once', () =>
    billing('2026-04-30', async (ctx, { on }) => {
      const { id } = await tenantOf(ctx, 'acme', '2026-04-30')
      await issued(ctx, id, [untaxed(100n)], { on: '2026-04-30' })
      expect(await rejection(closeMonth(ctx, '2026-04', false))).to.include({
        kind: 'conflict',
        code: 'billing.month_not_over',
      })
      expect(await rejection(closeMonth(ctx, '2026-4', false))).to.include({
        kind: 'usage',
        code: 'billing.month_invalid',
      })
      const next = on('2026-05-01')
      expect((await closeMonth(next, '2026-04', true)).closed_month).to.deep.include({
        month: '2026-04',
        invoices: 1,
        credit_notes: 0,
      })
      expect(await readMonths(next)).to.deep.equal([])
      expect((await closeMonth(next, '2026-04', false)).changed).to.equal(true)
      expect((await closeMonth(next, '2026-04', false)).changed).to.equal(false)
      expect((await readMonths(next)).map(({ month }) => month)).to.deep.equal(['2026-04'])
    }))

  it('takes no credit, and the one of the next month is dated there', () =>
    billing('2026-04-30', async (ctx, { on }) => {
      const { id } = await tenantOf(ctx, 'acme', '2026-04-30')
      const { number } = await issued(ctx, id, [local(10000n, 900n)], { on: '2026-04-30' })
      await closeMonth(on('2026-05-01'), '2026-04', false)
      // A clock that was put back.
      expect(await rejection(credit(ctx, number))).to.include({
        kind: 'conflict',
        code: 'billing.month_closed',
      })
      expect((await credit(on('2026-05-02'), number, { amount: '1' })).credit_note.issue_date).to.equal(
        '2026-05-02',
      )
      // Never before the last one of the series.
      expect((await credit(on('2026-05-01'), number, { amount: '1' })).credit_note.issue_date).to.equal(
        '2026-05-02',
      )
    }))
})
