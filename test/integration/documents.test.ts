/** Documents of the book as they are read: what was issued stays, and what came in since is told. By hand at list prices. */
import { expect } from 'chai'
import { findCreditNote } from '../../src/billing/book/find-credit-note.js'
import { findInvoice } from '../../src/billing/book/find-invoice.js'
import { readCreditNoteDocument, readInvoiceDocument } from '../../src/billing/book/read-document.js'
import { findAttachment } from '../../src/billing/book/attachments.js'
import { sendInvoice } from '../../src/billing/book/send-invoice.js'
import { setExchangeRate } from '../../src/billing/exchange.js'
import { previewInvoice } from '../../src/billing/preview.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { cancelSubscription } from '../../src/workflows/cancel-subscription.js'
import { listCreditNotes, showCreditNote } from '../../src/views/credit-notes.js'
import { listInvoices } from '../../src/views/invoices.js'
import { readStatement, statementCsv } from '../../src/views/statement.js'
import { showInvoice } from '../../src/views/invoice.js'
import { billing } from '../support/billing.js'
import { readPdf } from '../support/documents.js'
import { rejection } from '../support/errors.js'
import { makeVoid, receive } from '../support/receipts.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { InvoiceFilter } from '../../src/views/invoice-filter.js'

/** Starter 3,999.00 and Finance 39,999.00 a month: 43,998.00, with 9 % twice 51,917.64. */
const finance = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR', modules: ['finance'] }
const first = 'ERP/26-27/00001'
const all: InvoiceFilter = {
  ...{
    tenants: [],
    status: [],
    currency: null,
    issuedFrom: null,
    issuedTo: null,
    number: null,
    overdue: false,
  },
}
const page = { sort: '-issued', limit: 50, cursor: null }
const inr = (amount_minor: number) => ({ amount_minor, currency: 'INR' })

const documentOf = async (ctx: Context, number = first) =>
  readInvoiceDocument(ctx, (await findInvoice(ctx, number)).id)

describe('a document of the book', () => {
  it('is what was issued, whatever becomes of both sides', () =>
    billing('2026-04-05', async (ctx, { bill, on }) => {
      const { id } = await subscribedTenant(ctx, 'acme', { ...finance, startedOn: '2026-04-05' })
      await setSupplier(ctx, { paymentDetails: ' HDFC Bank,  account 1, IFSC HDFC0000060 ' }, false)
      await bill('2026-04-05')
      const issued = await documentOf(ctx)
      expect(issued.payment_details).to.equal('HDFC Bank, account 1, IFSC HDFC0000060')
      expect(issued).to.deep.include({
        ...{
          kind: 'invoice',
          number: first,
          issue_date: '2026-04-05',
          due_date: '2026-04-12',
          currency: 'INR',
        },
        ...{ taxable_minor: 43_998_00n, total_minor: 51_917_64n, receipts: null, void: null, original: null },
        place_of_supply: { code: '27', name: 'Maharashtra' },
      })
      expect(issued.taxes).to.deep.equal([
        { head: 'CGST', rate: '9', amount_minor: 3_959_82n },
        { head: 'SGST', rate: '9', amount_minor: 3_959_82n },
      ])
      expect(issued.lines[0]).to.deep.include({
        ...{ position: 1, sac: '997331', period: { from: '2026-04-05', to: '2026-05-05' } },
        taxable_minor: 3_999_00n,
      })
      expect(issued.supplier.legal_name).to.equal('Acme Private Limited')
      expect(issued.recipient).not.to.have.property('gst_treatment')
      await execute(
        ctx.db,
        sql`update public.tenants set name = 'B', legal_name = 'B', city = 'Pune', language = 'hi' where id = ${id}`,
      )
      await setSupplier(
        on('2026-04-06'),
        { legalName: 'Other Limited', city: 'Delhi', paymentDetails: '' },
        false,
      )
      expect(await documentOf(ctx)).to.deep.equal(issued)
    }))

  it('tells what came in since, and what is open; or that it is void', () =>
    billing('2026-04-05', async (ctx, { bill }) => {
      for (const name of ['acme', 'bob'])
        await subscribedTenant(ctx, name, { ...finance, startedOn: '2026-04-05' })
      await bill('2026-04-05')
      await receive(ctx, first, { on: '2026-04-10', paid: 40_000_00n, tds: 4_399_80n })
      expect((await documentOf(ctx)).receipts).to.deep.equal({
        ...{ paid_minor: 40_000_00n, settled_minor: 4_399_80n, credited_minor: 0n, open_minor: 7_517_84n },
      })
      await makeVoid(ctx, 'ERP/26-27/00002', 'Twice')
      expect((await documentOf(ctx, 'ERP/26-27/00002')).void).to.deep.equal({ reason: 'Twice' })
      const { invoice } = await showInvoice(ctx, first.toLowerCase())
      expect(invoice).to.deep.include({
        status: 'open',
        open: inr(7_517_84),
        paid: inr(40_000_00),
        sent_at: null,
      })
      expect(invoice.payments.map(({ applied, method }) => [applied, method])).to.deep.equal([
        [inr(40_000_00), 'bank_transfer'],
      ])
      expect(invoice.settlement_lines.map(({ kind, section }) => [kind, section])).to.deep.equal([
        ['tds', '194J'],
      ])
      expect(invoice.history.map(({ event }) => event)).to.deep.equal([
        'issued',
        'payment succeeded',
        'settled',
      ])
      expect((await showInvoice(ctx, 'ERP/26-27/00002')).invoice).to.deep.include({
        ...{ status: 'void', open: inr(0), void_reason: 'Twice' },
      })
    }))

  it('that credits names its invoice, and is worth what it was at that rate', () =>
    billing('2026-04-05', async (ctx, { bill, on }) => {
      await setExchangeRate(ctx, { currency: 'USD', rate: '83.2512' }, false)
      const usd = { country: 'US', currency: 'USD', modules: ['finance'] }
      await subscribedTenant(ctx, 'globex', { ...usd, startedOn: '2026-04-05' })
      await bill('2026-04-05')
      const then = on('2026-04-20')
      await setExchangeRate(then, { currency: 'USD', rate: '90' }, false)
      await cancelNow(then, 'globex')
      await bill('2026-04-20')
      const note = await findCreditNote(ctx, 'cn/26-27/00001')
      const document = await readCreditNoteDocument(ctx, note.id)
      // Half of 30 days, 24.50 and 249.50, with 18 % 4.41 and 44.91: 323.32 x 83.2512 = 26,916.777984.
      expect(document).to.deep.include({
        ...{ kind: 'credit_note', total_minor: 323_32n, commercial: false, due_date: null },
        original: { number: first, date: '2026-04-05' },
      })
      expect(document.exchange).to.deep.include({
        rate: '83.2512',
        date: '2026-04-05',
        total_minor: 26_916_78n,
      })
      const list = await listCreditNotes(ctx, { ...all, invoice: first }, page)
      expect(list.items.map(({ number, total }) => [number, total.amount_minor])).to.deep.equal([
        ['CN/26-27/00001', 323_32],
      ])
      const { credit_note: shown } = await showCreditNote(ctx, note.id)
      expect(shown).to.deep.include({ applied: { amount_minor: 323_32, currency: 'USD' }, invoice: first })
      expect((await documentOf(ctx)).receipts).to.deep.include({
        credited_minor: 323_32n,
        open_minor: 323_32n,
      })
    }))

  it('is not found by another number, and says so', () =>
    billing('2026-04-05', async (ctx) => {
      const missing = '00000000-0000-4000-8000-000000000000'
      for (const text of ['ERP/26-27/00009', missing, "'; drop table x", ''])
        expect(await rejection(findInvoice(ctx, text))).to.include({
          kind: 'not_found',
          code: 'invoice.not_found',
        })
      expect(await rejection(findCreditNote(ctx, missing))).to.include({ code: 'credit_note.not_found' })
      expect(await rejection(readInvoiceDocument(ctx, missing))).to.include({ code: 'invoice.not_found' })
    }))
})

async function cancelNow(ctx: Context, tenant: string): Promise<void> {
  await cancelSubscription(ctx, tenant, { now: true, credit: true, reason: null, dryRun: false })
}

describe('lists of invoices', () => {
  it('choose, sum up by currency, and go on where the page ended', () =>
    billing('2026-04-05', async (ctx, { bill, on }) => {
      await setExchangeRate(ctx, { currency: 'USD', rate: '83.2512' }, false)
      for (const name of ['acme', 'bob', 'cyd'])
        await subscribedTenant(ctx, name, { ...finance, startedOn: '2026-04-05' })
      await subscribedTenant(ctx, 'globex', { startedOn: '2026-04-05', modules: ['finance'] })
      await bill('2026-04-05')
      await makeVoid(ctx, 'ERP/26-27/00002', 'Twice')
      await receive(ctx, first, { on: '2026-04-10', paid: 1_917_64n })
      // Due on the 12th, where the tenant is: in Kolkata it is the 13th from 18:30 UTC on, in UTC it is not.
      const night = { ...ctx, clock: { now: () => new Date('2026-04-12T19:00:00Z') } }
      const list = await listInvoices(night, all, page)
      expect(list.items.map(({ number, days_overdue }) => [number.slice(-1), days_overdue])).to.deep.equal([
        ...[
          ['4', null],
          ['3', 1],
          ['2', null],
          ['1', 1],
        ],
      ])
      expect(list.sums).to.deep.equal([
        {
          currency: 'INR',
          invoices: 3,
          total: inr(103_835_28),
          open: inr(101_917_64),
          overdue: inr(101_917_64),
        },
        ...[646_64].map((minor) => {
          const usd = { amount_minor: minor, currency: 'USD' }
          return { currency: 'USD', invoices: 1, total: usd, open: usd, overdue: { ...usd, amount_minor: 0 } }
        }),
      ])
      const numbers = async (filter: Partial<InvoiceFilter>, sort = 'number'): Promise<string[]> =>
        (await listInvoices(night, { ...all, ...filter }, { ...page, sort })).items.map(({ number }) =>
          number.slice(-1),
        )
      expect(await numbers({ overdue: true })).to.deep.equal(['1', '3'])
      expect(await numbers({ status: ['void', 'paid'] })).to.deep.equal(['2'])
      expect(await numbers({ currency: 'usd' })).to.deep.equal(['4'])
      expect(await numbers({ tenants: ['bob', 'cyd'] })).to.deep.equal(['2', '3'])
      expect(await numbers({ number: 'erp/26-27/00003' })).to.deep.equal(['3'])
      expect(await numbers({ issuedFrom: '2026-04-06' })).to.deep.equal([])
      expect(await numbers({ issuedTo: '2026-04-05' }, '-open')).to.deep.equal(['3', '1', '4', '2'])
      expect(await rejection(numbers({ tenants: ['nobody'] }))).to.include({ code: 'tenant.not_found' })
      const seen: string[] = []
      for (let cursor: string | null = null; ;) {
        const part = await listInvoices(on('2026-04-13'), all, { ...page, limit: 1, cursor })
        seen.push(...part.items.map(({ number }) => number.slice(-1)))
        cursor = part.next_cursor
        if (cursor === null) break
      }
      expect(seen).to.deep.equal(['4', '3', '2', '1'])
    }))
})

describe('a preview', () => {
  it('is what the next run writes, and writes nothing', () =>
    billing('2026-04-05', async (ctx, { bill, on }) => {
      await subscribedTenant(ctx, 'acme', { ...finance, startedOn: '2026-04-05' })
      for (const day of ['2026-04-05', '2026-05-05']) {
        const { preview } = await previewInvoice(on(day), 'acme', null)
        expect(preview).to.deep.include({ ahead: false, as_of: day, outcome: null })
        expect(await countOf(ctx)).to.equal(day === '2026-04-05' ? 0 : 1)
        const { documents } = await bill(day)
        expect(preview.documents.map(plain)).to.deep.equal(documents.map(plain))
      }
    }))

  it('looks ahead to the next period, with the taxes of then', () =>
    billing('2027-03-05', async (ctx, { bill, on }) => {
      const lut = { number: 'AD270326000001B', firstDay: '2026-04-01', lastDay: '2027-03-31' }
      await setSupplier(ctx, { lut }, false)
      await setExchangeRate(ctx, { currency: 'USD', rate: '83.2512' }, false)
      await subscribedTenant(ctx, 'globex', { startedOn: '2027-03-05', modules: ['finance'] })
      await bill('2027-03-05')
      // Under the letter of undertaking 0 %; it ends on 31 March, so from April 18 % of 548.00 are 98.64.
      const { preview } = await previewInvoice(on('2027-03-10'), 'globex', null)
      expect(preview).to.deep.include({ ahead: true, as_of: '2027-04-05', next_billing_on: '2027-04-05' })
      expect(
        preview.documents.map(({ issue_date, taxes, total }) => [issue_date, taxes[0]?.amount, total]),
      ).to.deep.equal([
        ['2027-04-05', { amount_minor: 98_64, currency: 'USD' }, { amount_minor: 646_64, currency: 'USD' }],
      ])
      expect(
        (await previewInvoice(on('2027-03-10'), 'globex', '2027-03-31')).preview.documents,
      ).to.deep.equal([])
      const { documents } = await bill('2027-04-05')
      expect(preview.documents.map(plain)).to.deep.equal(documents.map(plain))
    }))

  it('says what stands against it, and where nothing comes any more', () =>
    billing('2026-04-05', async (ctx, { on }) => {
      const { id } = await subscribedTenant(ctx, 'acme', { ...finance, startedOn: '2026-04-05' })
      await execute(
        ctx.db,
        sql`insert into public.parked_accounts (tenant_id, code, reason) values (${id}, 'x.y', 'Because')`,
      )
      expect((await previewInvoice(ctx, 'acme', null)).preview.outcome).to.include({ status: 'parked' })
      await execute(ctx.db, sql`update public.parked_accounts set released_at = now(), released_by = 'test'`)
      await cancelNow(ctx, 'acme')
      const { preview } = await previewInvoice(on('2026-04-06'), 'acme', null)
      expect(preview).to.deep.include({ documents: [], next_billing_on: null, outcome: null })
    }))
})

/** Lines, taxes, sums and days alike, of a preview and of a run. */
function plain(document: object): unknown {
  const text = JSON.stringify(document, (_key, value: unknown) => {
    const money = value as { amount_minor?: number; currency?: string } | null
    return money && typeof money === 'object' && Object.keys(money).length === 2 && money.currency
      ? money.amount_minor
      : value
  })
  const { kind, period, issue_date, due_date, ...rest } = JSON.parse(text) as Record<string, unknown>
  const lines = (rest.lines as Record<string, unknown>[]).map((line) => {
    const days = (line.period ?? line) as { from: string; to: string }
    const taxes = (line.taxes as { head: string; amount?: number; amount_minor?: number }[]).map(
      ({ head, amount, amount_minor }) => [head, amount ?? amount_minor],
    )
    return [line.description, days.from, days.to, line.taxable ?? line.amount_minor, taxes]
  })
  return [kind, period, issue_date, due_date, rest.total ?? rest.total_minor, lines]
}

async function countOf(ctx: Context): Promise<number> {
  return (await oneRow<{ count: number }>(ctx.db, sql`select count(*)::int as count from public.invoices`))
    .count
}

describe('sending an invoice', () => {
  it('writes one mail, once, and again only when told', () =>
    billing('2026-04-05', async (ctx, { bill }) => {
      for (const name of ['acme', 'bob'])
        await subscribedTenant(ctx, name, { ...finance, startedOn: '2026-04-05' })
      await bill('2026-04-05')
      const sent = await sendInvoice(ctx, first, { to: null, again: false })
      expect(sent).to.deep.include({ sent: true, to: 'owner@acme.test' })
      const twice = await sendInvoice(ctx, first, { to: null, again: false })
      expect(twice).to.deep.include({
        sent: false,
        invoice: sent.invoice,
        mail_id: null,
        mail_status: 'queued',
      })
      const again = await sendInvoice(ctx, first, { to: 'x@acme.test', again: true })
      expect(again).to.deep.include({ sent: true, to: 'x@acme.test', invoice: sent.invoice })
      const mails = await rows<{ to_address: string; kind: string; data: object; attachments: never[] }>(
        ctx.db,
        sql`select to_address, kind, data, attachments from public.mails order by created_at`,
      )
      expect(mails.map(({ to_address, kind }) => [to_address, kind])).to.deep.equal([
        ['owner@acme.test', 'invoice'],
        ['x@acme.test', 'invoice'],
      ])
      expect(mails[0]?.data).to.deep.equal({
        ...{ company: 'Company acme', number: first, issue_date: '2026-04-05', due_date: '2026-04-12' },
        ...{ total: inr(51_917_64), due: inr(51_917_64), pay_url: null },
      })
      const [attachment] = mails[0]?.attachments ?? []
      if (!attachment) throw new Error('nothing is attached')
      const file = await findAttachment(ctx, attachment)
      expect([file?.name, file?.mediaType]).to.deep.equal(['ERP-26-27-00001.pdf', 'application/pdf'])
      expect((await readPdf(Buffer.from(file?.content ?? [])))[0]?.text).to.include('₹51,917.64')
      const { invoice } = await showInvoice(ctx, first)
      const told = ({ history }: typeof invoice) =>
        history.flatMap(({ event, note, operator }) => (event === 'issued' ? [] : [[event, note, operator]]))
      const { operator } = ctx.actor
      expect(told(invoice)).to.deep.equal([
        ['queued', 'owner@acme.test', operator],
        ['queued', 'x@acme.test', operator],
      ])
      expect([invoice.sent_at, invoice.mail?.status]).to.deep.equal([null, 'queued'])
      const listed = async () => (await listInvoices(ctx, all, page)).items.map((one) => one.sent_at)
      expect((await listed()).at(0)).to.equal(null)
      await delivered(ctx, 'x@acme.test', '2026-04-05T13:00:00Z')
      const after = await showInvoice(ctx, first)
      expect(told(after.invoice)).to.deep.include(['sent', 'x@acme.test', operator])
      expect([after.invoice.sent_at, after.invoice.mail?.status]).to.deep.equal([
        ...['2026-04-05T13:00:00.000Z', 'sent'],
      ])
      expect(await listed()).to.include('2026-04-05T13:00:00.000Z')
      expect(await sendInvoice(ctx, first, { to: null, again: false })).to.include({ mail_status: 'sent' })
      const log = await rows(
        ctx.db,
        sql`select 1 from public.audit_log where action = 'invoice.send' and outcome = 'succeeded'`,
      )
      expect(log).to.have.length(2)
    }))

  it('does nothing where a run has put it into the queue, where it is void, to no address', () =>
    billing('2026-04-05', async (ctx, { bill }) => {
      for (const name of ['acme', 'bob'])
        await subscribedTenant(ctx, name, { ...finance, startedOn: '2026-04-05' })
      await bill('2026-04-05')
      await execute(
        ctx.db,
        sql`insert into public.mails (tenant_id, kind, dedupe_key, to_address, language, data, message_id, status)
            select tenant_id, 'invoice', 'invoice:' || id, 'a@b.test', 'en', '{}', '<' || id || '@test>', 'queued' from public.invoices where number = ${first}`,
      )
      expect(await sendInvoice(ctx, first, { to: null, again: false })).to.include({ sent: false })
      await makeVoid(ctx, 'ERP/26-27/00002', 'Twice')
      const refused = await rejection(sendInvoice(ctx, 'ERP/26-27/00002', { to: null, again: true }))
      expect(refused).to.include({ kind: 'conflict', code: 'invoice.not_sendable' })
      for (const to of ['nobody', 'a@b, c@d', '<a@b>', ''])
        expect(await rejection(sendInvoice(ctx, first, { to, again: true })), to).to.include({
          code: 'usage.email_invalid',
        })
    }))
})

/** As a mail server has taken it. */
async function delivered(ctx: Context, to: string, at: string): Promise<void> {
  await rows(ctx.db, sql`set local session_replication_role = replica`)
  await execute(
    ctx.db,
    sql`update public.mails set status = 'sent', sent_at = ${at} where to_address = ${to}`,
  )
  await rows(ctx.db, sql`set local session_replication_role = origin`)
}

describe('the statement of a tenant', () => {
  it('closes with what is open less the credit balance, on any day', () =>
    billing('2026-04-05', async (ctx, { bill, on }) => {
      await subscribedTenant(ctx, 'acme', { ...finance, startedOn: '2026-04-05' })
      await bill('2026-04-05')
      // 47,517.84 by the bank and 4,399.80 withheld: all of 51,917.64.
      await receive(ctx, first, { on: '2026-04-10', paid: 40_000_00n, tds: 4_399_80n })
      const later = on('2026-06-15')
      await bill('2026-05-05')
      const { statement } = await readStatement(later, 'acme', { from: null, to: null })
      const [account] = statement.accounts
      expect(
        account?.entries.map(({ date, kind, amount, balance }) => [
          date,
          kind,
          amount.amount_minor,
          balance.amount_minor,
        ]),
      ).to.deep.equal([
        ['2026-04-05', 'invoice', 51_917_64, 51_917_64],
        ['2026-04-10', 'payment', -40_000_00, 11_917_64],
        ['2026-04-10', 'tds', -4_399_80, 7_517_84],
        ['2026-05-05', 'invoice', 51_917_64, 59_435_48],
      ])
      // Due on 12 April and 12 May: on 15 June 64 and 34 days ago.
      expect(account?.ageing).to.deep.include({
        days_61_90: inr(7_517_84),
        days_31_60: inr(51_917_64),
        days_1_30: inr(0),
      })
      expect(account).to.deep.include({ closing: inr(59_435_48), open: inr(59_435_48) })
      const april = await readStatement(later, 'acme', { from: '2026-04-06', to: '2026-04-30' })
      expect(april.statement.accounts[0]).to.deep.include({
        opening: inr(51_917_64),
        closing: inr(7_517_84),
        open: inr(7_517_84),
      })
      expect(statementCsv(statement).split('\r\n')[2]).to.equal(
        `account,INR,2026-04-05,invoice,${first},,51917.64,51917.64`,
      )
      expect(await rejection(readStatement(later, 'acme', { from: '2026-07-01', to: null }))).to.include({
        ...{ kind: 'usage', code: 'usage.period_invalid' },
      })
    }))

  it('counts what stands to its credit, and what was taken of it, once', () =>
    billing('2026-04-05', async (ctx, { bill, on }) => {
      await subscribedTenant(ctx, 'acme', { ...finance, startedOn: '2026-04-05' })
      await bill('2026-04-05')
      await receive(ctx, first, { on: '2026-04-06', paid: 51_917_64n })
      await execute(
        ctx.db,
        sql`update public.invoices set status = 'paid' where number = ${first} and status = 'open'`,
      )
      await cancelNow(on('2026-04-20'), 'acme')
      await bill('2026-04-20')
      const { statement } = await readStatement(on('2026-04-20'), 'acme', { from: null, to: null })
      const [account] = statement.accounts
      // Half of it comes back, 1,999.50 and 19,999.50 with 179.96 and 1,799.96 of tax twice; nothing was open.
      expect(account).to.deep.include({ closing: inr(-25_958_84), open: inr(0) })
      expect(account?.credit_balance.closing).to.deep.equal(inr(25_958_84))
      expect(account?.credit_balance.movements.map(({ date, kind }) => [date, kind])).to.deep.equal([
        ['2026-04-20', 'credit_note'],
      ])
    }))

  it('of a tenant without documents is empty', () =>
    billing('2026-04-05', async (ctx) => {
      await subscribedTenant(ctx, 'acme', { ...finance, startedOn: '2026-04-05' })
      const { statement } = await readStatement(ctx, 'acme', { from: null, to: null })
      expect(statement).to.deep.include({ accounts: [], to: '2026-04-05' })
      expect(statementCsv(statement)).to.equal('part,currency,date,kind,number,note,amount,balance\r\n')
    }))
})
