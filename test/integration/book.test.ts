/** The book by itself: what plain SQL is refused, with which error, and what it may do. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql, verbatim, type Sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { asOperator } from '../../src/tenants/move.js'
import { billing } from '../support/billing.js'
import { faultsOf, issued, local, standing, untaxed } from '../support/issued.js'
import { subscribedTenant } from '../support/tenants.js'
import { rolledBack } from '../support/rolled-back.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
const day = '2026-04-10'

interface Scene {
  ctx: Context
  tenant: TenantId
  /** Open, 100.00 + 18.00 and 50.00 + 9.00. */
  invoice: string
  /** Its lines. */
  lines: string[]
  /** Billed by a run: items and days. */
  cycle: string
}

/** 10 April 2026, one tenant, an invoice by hand of 177.00 and one of a run; taken back at the end. */
function scene(work: (scene: Scene) => Promise<void>): Promise<void> {
  return billing(day, async (ctx, { bill }) => {
    const { id: tenant } = await subscribedTenant(ctx, 'acme', { ...indian, startedOn: day })
    await bill(day)
    await asOperator(ctx)
    const { id: cycle } = await oneRow<{ id: string }>(ctx.db, sql`select id from public.invoices`)
    const { id: invoice } = await issued(ctx, tenant, [local(10000n, 900n), local(5000n, 450n)], { on: day })
    const lines = await rows<{ id: string }>(
      ctx.db,
      sql`select id from public.invoice_lines where invoice_id = ${invoice} order by position`,
    )
    await done(ctx)
    await work({ ctx, tenant, invoice, cycle, lines: lines.map(({ id }) => id) })
  })
}

/** The statements in one transaction, with the checks of COMMIT: null where they are allowed, else the error's code. */
async function outcome(ctx: Context, ...statements: Sql[]): Promise<string | null> {
  try {
    await rolledBack(ctx, async (inner) => {
      for (const statement of statements) await execute(inner.db, statement)
    })
    return null
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

/** The outcome of each, by its name; none of them stays. */
async function outcomes(
  ctx: Context,
  cases: Record<string, readonly Sql[]>,
): Promise<Record<string, string | null>> {
  const found: Record<string, string | null> = {}
  for (const [what, statements] of Object.entries(cases)) found[what] = await outcome(ctx, ...statements)
  return found
}

function named<Value, Result>(
  entries: Record<string, Value>,
  of: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, of(value)]))
}

/** They stay. */
async function done(ctx: Context, ...statements: Sql[]): Promise<void> {
  await transaction(ctx, async (inner) => {
    for (const statement of statements) await execute(inner.db, statement)
    await execute(inner.db, sql`set constraints all immediate`)
    await execute(inner.db, sql`set constraints all deferred`)
  })
}

const issuedOnce = 'ERX03'
const closed = 'ERX04'
const illegal = 'ERX02'
const check = '23514'
const unique = '23505'
const overlap = '23P01'

const take = (kind: 'invoice' | 'credit_note', count = 1, on = day): Sql =>
  kind === 'invoice'
    ? sql`insert into public.number_series as s (kind, prefix, year_label, last_number, last_issue_date)
          values ('invoice', 'ERP', '26-27', ${count}, ${on})
          on conflict (kind, prefix, year_label) do update set last_number = s.last_number + ${count}, last_issue_date = ${on}`
    : sql`insert into public.number_series as s (kind, prefix, year_label, last_number, last_issue_date)
          values ('credit_note', 'CN', '26-27', ${count}, ${on})
          on conflict (kind, prefix, year_label) do update set last_number = s.last_number + ${count}, last_issue_date = ${on}`

const invoiceOf = (
  tenant: string,
  number: string,
  more: { on?: string; paid?: number; status?: string } = {},
): Sql =>
  sql`insert into public.invoices (id, tenant_id, kind, status, number, issue_date, currency, supplier, recipient, tax_regime, supply,
                                   taxable_minor, tax_minor, total_minor, paid_minor, language)
      values ('11111111-1111-4111-8111-111111111111', ${tenant}, 'manual', ${more.status ?? 'open'}, ${number}, ${more.on ?? day}, 'INR', '{}',
              '{}', 'in_gst', 'intra_state', 100, 18, 118, ${more.paid ?? 0}, 'en')`

const igst = (amount: number): string => JSON.stringify([{ head: 'IGST', rate: '18', amount_minor: amount }])

const lineOf = (net: number, tax: number, position = 1, taxes = igst(tax)): Sql =>
  sql`insert into public.invoice_lines (invoice_id, position, description, unit_price_minor, taxable_minor, tax_minor, taxes)
      values ('11111111-1111-4111-8111-111111111111', ${position}, 'x', ${net}, ${net}, ${tax}, ${taxes})`

const note = (
  { tenant, invoice }: Pick<Scene, 'tenant' | 'invoice'>,
  net: number,
  tax: number,
  more: { applied?: number; number?: string; taxed?: boolean; on?: string } = {},
): Sql =>
  sql`insert into public.credit_notes (id, tenant_id, invoice_id, number, issue_date, currency, reason, taxed, taxable_minor, tax_minor,
                                       total_minor, applied_minor)
      values ('22222222-2222-4222-8222-222222222222', ${tenant}, ${invoice}, ${more.number ?? 'CN/26-27/00001'}, ${more.on ?? day}, 'INR', 'x',
              ${more.taxed ?? true}, ${net}, ${tax}, ${net + tax}, ${more.applied ?? net + tax})`

const noteLine = (line: string, net: number, tax: number, period: string | null = null): Sql =>
  sql`insert into public.credit_note_lines (credit_note_id, position, invoice_line_id, description, period, taxable_minor, tax_minor, taxes)
      values ('22222222-2222-4222-8222-222222222222', 1, ${line}, 'x', ${period}, ${net}, ${tax}, ${igst(tax)})`

const payment = (
  { tenant, invoice }: { tenant: string; invoice: string | null },
  amount: number,
  more: { applied?: number; status?: string; key?: string; currency?: string } = {},
): Sql =>
  sql`insert into public.payments (id, tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor)
      values ('33333333-3333-4333-8333-333333333333', ${tenant}, ${invoice}, ${more.status ?? 'succeeded'}, 'manual', ${more.key ?? 'p1'}, 'cash',
              ${more.currency ?? 'INR'}, ${amount}, ${more.applied ?? amount})`

const overpaid = (tenant: string, amount: number): Sql =>
  sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
      values (${tenant}, 'INR', ${amount}, 'overpayment', '33333333-3333-4333-8333-333333333333')`

const settlement = (invoice: string, kind: string, amount: number, section: string | null = null): Sql =>
  sql`insert into public.settlement_lines (invoice_id, kind, amount_minor, section, operator) values (${invoice}, ${kind}, ${amount}, ${section}, 'me')`

describe('the book, by plain SQL', () => {
  it('takes an invoice with its lines, a credit note, a payment and what settles the rest', () =>
    scene(async ({ ctx, tenant, invoice, lines: [first = ''] }) => {
      await done(ctx, take('credit_note'), note({ tenant, invoice }, 1000, 180), noteLine(first, 1000, 180))
      expect(await standing(ctx, invoice)).to.equal('open paid 0 settled 0 credited 1180 of 17700 balance 0')
      await done(ctx, settlement(invoice, 'tds', 1500, '194J'))
      await done(ctx, payment({ tenant, invoice }, 16000, { applied: 15020 }), overpaid(tenant, 980))
      expect(await standing(ctx, invoice)).to.equal(
        'paid paid 15020 settled 1500 credited 1180 of 17700 balance 980',
      )
      // A payment that goes back opens the invoice again.
      const back = sql`update public.payments set applied_minor = 10020, refunded_minor = 5000`
      await done(ctx, back)
      expect(await standing(ctx, invoice)).to.equal(
        'open paid 10020 settled 1500 credited 1180 of 17700 balance 980',
      )
      expect(await faultsOf(ctx)).to.deep.equal([])
    }))

  it('lets a charged day be charged once', () =>
    scene(async ({ ctx, cycle, tenant }) => {
      const again = sql`insert into public.invoice_lines (invoice_id, position, item_id, description, period, full_period, unit_price_minor, taxable_minor, tax_minor)
          select '11111111-1111-4111-8111-111111111111', 1, item_id, 'x', daterange(upper(period) - 1, upper(period) + 1),
                 daterange(upper(period) - 1, upper(period) + 1), 118, 118, 0
          from public.invoice_lines where invoice_id = ${cycle}`
      expect(await outcome(ctx, take('invoice'), invoiceOf(tenant, 'ERP/26-27/00003'), again)).to.equal(
        overlap,
      )
      const dead = sql`insert into public.invoice_lines (invoice_id, position, item_id, description, period, full_period, unit_price_minor, taxable_minor, tax_minor, taxes, live)
          select '11111111-1111-4111-8111-111111111111', 1, item_id, 'x', period, full_period, 100, 100, 18, ${igst(18)}::jsonb, false
          from public.invoice_lines where invoice_id = ${cycle}`
      expect(await outcome(ctx, take('invoice'), invoiceOf(tenant, 'ERP/26-27/00003'), dead)).to.equal(
        issuedOnce,
      )
    }))

  const changes: Record<string, Sql> = {
    'the supplier of an invoice': sql`update public.invoices set supplier = '{}'`,
    'the recipient': sql`update public.invoices set recipient = jsonb_set(recipient, '{name}', '"x"')`,
    'a total': sql`update public.invoices set taxable_minor = taxable_minor - 1, total_minor = total_minor - 1`,
    'a number': sql`update public.invoices set number = 'ERP/26-27/00009'`,
    'a day of issue': sql`update public.invoices set issue_date = '2026-04-11'`,
    'what was paid, by hand': sql`update public.invoices set paid_minor = 100`,
    'what was settled, by hand': sql`update public.invoices set settled_minor = 100`,
    'what was credited, by hand': sql`update public.invoices set credited_minor = 100`,
    'a line': sql`update public.invoice_lines set description = 'x'`,
    'what is credited of a line, by hand': sql`update public.invoice_lines set credited_minor = 1`,
    'a line to a dead one': sql`update public.invoice_lines set live = false`,
    'how many documents a series has': sql`update public.number_series set issued = 0`,
    'the series to an earlier number': sql`update public.number_series set last_number = 1, issued = 1`,
    'the series to an earlier day': sql`update public.number_series set last_issue_date = '2026-04-01'`,
    'a balance': sql`insert into public.credit_balances select id, 'INR', 100 from public.tenants`,
  }
  it('changes nothing that was issued', () =>
    scene(async ({ ctx }) => {
      const found = await outcomes(
        ctx,
        named(changes, (statement) => [statement]),
      )
      expect(found).to.deep.equal(named(changes, () => issuedOnce))
    }))

  it('gives up no row', () =>
    scene(async ({ ctx }) => {
      const statements = [
        ...['invoices', 'invoice_lines', 'credit_notes', 'credit_note_lines', 'payments', 'settlement_lines'],
        ...['credit_ledger', 'credit_balances', 'closed_months', 'number_series', 'billing_runs'],
      ].flatMap((table) => [`delete from public.${table}`, `truncate public.${table} cascade`])
      const all = Object.fromEntries(statements.map((text) => [text, [verbatim(text)]]))
      expect(await outcomes(ctx, all)).to.deep.equal(named(all, () => issuedOnce))
    }))

  it('changes no row of what only grows', () =>
    scene(async ({ ctx }) => {
      const statements = [
        ...['credit_notes set reason', 'credit_note_lines set description', 'settlement_lines set note'],
        ...['credit_ledger set kind', 'closed_months set operator'],
      ].map((text) => `update public.${text} = 'x'`)
      const all = Object.fromEntries(statements.map((text) => [text, [verbatim(text)]]))
      expect(await outcomes(ctx, all)).to.deep.equal(named(all, () => issuedOnce))
    }))

  it('keeps a payment that came in', () =>
    scene(async ({ ctx, tenant, invoice }) => {
      await done(ctx, payment({ tenant, invoice }, 100))
      for (const change of [
        sql`update public.payments set amount_minor = 50, applied_minor = 50`,
        sql`update public.payments set invoice_id = (select id from public.invoices where kind = 'cycle')`,
        sql`update public.payments set reference = 'other'`,
      ])
        expect(await outcome(ctx, change)).to.equal(issuedOnce)
      expect(await outcome(ctx, sql`update public.payments set status = 'failed'`)).to.be.oneOf([
        illegal,
        issuedOnce,
      ])
    }))
})

describe('numbers, by plain SQL', () => {
  it('are taken from the series, one after the other', () =>
    scene(async ({ ctx, tenant }) => {
      const good = [take('invoice'), invoiceOf(tenant, 'ERP/26-27/00003'), lineOf(100, 18)]
      expect(await outcome(ctx, ...good)).to.equal(null)
    }))

  const wrong: Record<string, [(tenant: string) => Sql[], string]> = {
    'one that is there': [
      (tenant) => [take('invoice'), invoiceOf(tenant, 'ERP/26-27/00002'), lineOf(100, 18)],
      unique,
    ],
    'one that was not taken': [
      (tenant) => [invoiceOf(tenant, 'ERP/26-27/00003'), lineOf(100, 18)],
      issuedOnce,
    ],
    'the next but one': [
      (tenant) => [take('invoice'), invoiceOf(tenant, 'ERP/26-27/00004'), lineOf(100, 18)],
      issuedOnce,
    ],
    'one of no series': [
      (tenant) => [take('invoice'), invoiceOf(tenant, 'NEW/26-27/00001'), lineOf(100, 18)],
      issuedOnce,
    ],
    zero: [(tenant) => [take('invoice'), invoiceOf(tenant, 'ERP/26-27/00000'), lineOf(100, 18)], issuedOnce],
    'one written otherwise': [
      (tenant) => [take('invoice'), invoiceOf(tenant, 'ERP/26-27/000003'), lineOf(100, 18)],
      check,
    ],
    'one of 17 characters': [
      (tenant) => [take('invoice'), invoiceOf(tenant, 'ERPXX/26-27/00003'), lineOf(100, 18)],
      check,
    ],
    'one on a day before the last': [
      (tenant) => [
        take('invoice'),
        invoiceOf(tenant, 'ERP/26-27/00003', { on: '2026-04-09' }),
        lineOf(100, 18),
      ],
      issuedOnce,
    ],
    'one on a day of another year': [
      (tenant) => [
        take('invoice'),
        invoiceOf(tenant, 'ERP/26-27/00003', { on: '2027-04-01' }),
        lineOf(100, 18),
      ],
      issuedOnce,
    ],
    'one taken and not used': [() => [take('invoice')], issuedOnce],
    'two taken and one used': [
      (tenant) => [take('invoice', 2), invoiceOf(tenant, 'ERP/26-27/00003'), lineOf(100, 18)],
      issuedOnce,
    ],
    'one of an invoice without lines': [
      (tenant) => [take('invoice'), invoiceOf(tenant, 'ERP/26-27/00003')],
      issuedOnce,
    ],
    'a series that begins with documents': [
      () => [
        sql`insert into public.number_series (kind, prefix, year_label, last_number, issued, last_issue_date) values ('invoice', 'NEW', '26-27', 1, 1, '2026-04-10')`,
      ],
      issuedOnce,
    ],
  }
  it('are no others', () =>
    scene(async ({ ctx, tenant }) => {
      const found = await outcomes(
        ctx,
        named(wrong, ([statements]) => statements(tenant)),
      )
      expect(found).to.deep.equal(named(wrong, ([, code]) => code))
    }))
})

describe('lines, by plain SQL', () => {
  const invoice = (tenant: string): Sql[] => [take('invoice'), invoiceOf(tenant, 'ERP/26-27/00003')]
  const two = sql`insert into public.invoice_lines (invoice_id, position, description, unit_price_minor, taxable_minor, tax_minor, taxes)
      values ('11111111-1111-4111-8111-111111111111', 1, 'x', 60, 60, 11, ${igst(11)}), ('11111111-1111-4111-8111-111111111111', 2, 'x', 40, 40, 7, ${igst(7)})`

  const cases: Record<string, [Sql[], string | null]> = {
    'of one statement that sum up': [[two], null],
    'with less net': [[lineOf(99, 18)], issuedOnce],
    'with more tax': [[lineOf(100, 19)], issuedOnce],
    'whose heads do not sum up': [[lineOf(100, 18, 1, igst(17))], issuedOnce],
    'without a first one': [[lineOf(100, 18, 2)], issuedOnce],
    'in two statements': [[lineOf(60, 11), lineOf(40, 7, 2)], issuedOnce],
    'of nothing': [[lineOf(0, 0)], check],
    'that come later': [[two, lineOf(100, 18, 3)], check],
    'that come later and begin anew': [[two, lineOf(100, 18)], unique],
  }
  it('come in one statement and sum up to their invoice', () =>
    scene(async ({ ctx, tenant }) => {
      const found = await outcomes(
        ctx,
        named(cases, ([statements]) => [...invoice(tenant), ...statements]),
      )
      expect(found).to.deep.equal(named(cases, ([, code]) => code))
    }))

  it('of a run are of items', () =>
    scene(async ({ ctx, tenant }) => {
      const cycle = sql`insert into public.invoices (id, tenant_id, kind, status, number, period, issue_date, currency, supplier, recipient, tax_regime, supply, taxable_minor, tax_minor, total_minor, language)
          values ('11111111-1111-4111-8111-111111111111', ${tenant}, 'cycle', 'open', 'ERP/26-27/00003', '[2026-05-10,2026-06-10)', ${day}, 'INR', '{}', '{}', 'in_gst', 'intra_state', 100, 18, 118, 'en')`
      expect(await outcome(ctx, take('invoice'), cycle, lineOf(100, 18))).to.equal(issuedOnce)
    }))

  it('begin unpaid', () =>
    scene(async ({ ctx, tenant }) => {
      const paid = (more: object): Sql[] => [
        take('invoice'),
        invoiceOf(tenant, 'ERP/26-27/00003', more),
        lineOf(100, 18),
      ]
      expect(await outcome(ctx, ...paid({ paid: 10 }))).to.equal(issuedOnce)
      expect(await outcome(ctx, ...paid({ paid: 118, status: 'paid' }))).to.equal(issuedOnce)
      expect(await outcome(ctx, ...paid({ status: 'paid' }))).to.equal(check)
      expect(await outcome(ctx, ...paid({ status: 'void' }))).to.equal(illegal)
    }))
})

describe('credits, by plain SQL', () => {
  const cases: Record<string, [(scene: Scene) => Sql[], string | null]> = {
    'of a part': [
      (s) => [take('credit_note'), note(s, 1000, 180), noteLine(s.lines[0] ?? '', 1000, 180)],
      null,
    ],
    'of more than the line': [
      (s) => [take('credit_note'), note(s, 10001, 1800), noteLine(s.lines[0] ?? '', 10001, 1800)],
      check,
    ],
    'of more tax than the line': [
      (s) => [take('credit_note'), note(s, 5000, 1801), noteLine(s.lines[0] ?? '', 5000, 1801)],
      issuedOnce,
    ],
    'of more than the invoice': [
      (s) => [
        take('credit_note'),
        note(s, 15000, 2701, { applied: 17700 }),
        noteLine(s.lines[0] ?? '', 15000, 2701),
      ],
      issuedOnce,
    ],
    'without lines': [(s) => [take('credit_note'), note(s, 1000, 180)], issuedOnce],
    'whose lines do not sum up': [
      (s) => [take('credit_note'), note(s, 1000, 180), noteLine(s.lines[0] ?? '', 900, 180)],
      issuedOnce,
    ],
    'without a number of the series': [
      (s) => [note(s, 1000, 180), noteLine(s.lines[0] ?? '', 1000, 180)],
      issuedOnce,
    ],
    'that lower nothing and go nowhere': [
      (s) => [
        take('credit_note'),
        note(s, 1000, 180, { applied: 1000 }),
        noteLine(s.lines[0] ?? '', 1000, 180),
      ],
      issuedOnce,
    ],
    'with tax that are commercial': [
      (s) => [
        take('credit_note'),
        note(s, 1000, 180, { taxed: false }),
        noteLine(s.lines[0] ?? '', 1000, 180),
      ],
      check,
    ],
    'without tax that are commercial': [
      (s) => [take('credit_note'), note(s, 1000, 0, { taxed: false }), noteLine(s.lines[0] ?? '', 1000, 0)],
      null,
    ],
  }
  it('never exceed the charge, and add up', () =>
    scene(async (one) => {
      const found = await outcomes(
        one.ctx,
        named(cases, ([statements]) => statements(one)),
      )
      expect(found).to.deep.equal(named(cases, ([, code]) => code))
    }))

  it("of the same days twice are refused, and of another invoice's line", () =>
    scene(async ({ ctx, tenant, cycle, invoice }) => {
      const { id: line } = await oneRow<{ id: string }>(
        ctx.db,
        sql`select id from public.invoice_lines where invoice_id = ${cycle}`,
      )
      const of = { tenant, invoice: cycle }
      await done(
        ctx,
        take('credit_note'),
        note(of, 1000, 180),
        noteLine(line, 1000, 180, '[2026-04-20,2026-05-01)'),
      )
      const again = sql`insert into public.credit_note_lines (credit_note_id, position, invoice_line_id, description, period, taxable_minor, tax_minor)
          values ('22222222-2222-4222-8222-222222222222', 2, ${line}, 'x', '[2026-04-30,2026-05-02)', 1000, 180)`
      expect(await outcome(ctx, again)).to.equal(overlap)
      const other = sql`insert into public.credit_notes (id, tenant_id, invoice_id, number, issue_date, currency, reason, taxed, taxable_minor, tax_minor, total_minor, applied_minor)
          values ('44444444-4444-4444-8444-444444444444', ${tenant}, ${invoice}, 'CN/26-27/00002', ${day}, 'INR', 'x', true, 1000, 180, 1180, 1180)`
      const strange = sql`insert into public.credit_note_lines (credit_note_id, position, invoice_line_id, description, taxable_minor, tax_minor, taxes)
          values ('44444444-4444-4444-8444-444444444444', 1, ${line}, 'x', 1000, 180, ${igst(180)})`
      expect(await outcome(ctx, take('credit_note'), other, strange)).to.equal(issuedOnce)
    }))

  it('change no GST after 30 November following the financial year', () =>
    billing('2026-03-31', async (ctx) => {
      const { id: tenant } = await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-03-31' })
      const { id: invoice } = await issued(ctx, tenant, [local(10000n, 900n)], { on: '2026-03-31' })
      const { id: line } = await oneRow<{ id: string }>(ctx.db, sql`select id from public.invoice_lines`)
      const credit = (on: string, tax: number, taxed = true): Promise<string | null> =>
        outcome(
          ctx,
          take('credit_note', 1, on),
          note({ tenant, invoice }, 1000, tax, { on, taxed }),
          noteLine(line, 1000, tax),
        )
      expect(await credit('2026-11-30', 180)).to.equal(null)
      expect(await credit('2026-12-01', 180)).to.equal(issuedOnce)
      expect(await credit('2026-12-01', 0, false)).to.equal(null)
    }))
})

describe('money, by plain SQL', () => {
  const cases: Record<string, [(scene: Scene) => Sql[], string | null]> = {
    'all of it': [(s) => [payment(s, 17700)], null],
    'more than the total': [(s) => [payment(s, 17701)], check],
    'more than the total, in parts': [
      (s) => [settlement(s.invoice, 'write_off', 1), payment(s, 17700)],
      check,
    ],
    'more than the total, the rest to the balance': [
      (s) => [payment(s, 20000, { applied: 17700 }), overpaid(s.tenant, 2300)],
      null,
    ],
    'with a rest that is nowhere': [(s) => [payment(s, 20000, { applied: 17700 })], issuedOnce],
    'with more to the balance than came in': [(s) => [payment(s, 17700), overpaid(s.tenant, 1)], issuedOnce],
    'for no invoice, applied to one': [(s) => [payment({ ...s, invoice: null }, 100)], check],
    'that failed, and is applied': [(s) => [payment(s, 100, { status: 'pending' })], check],
    'in another currency': [(s) => [payment(s, 100, { currency: 'USD' })], issuedOnce],
    'the same payment twice': [(s) => [payment(s, 100), payment(s, 100)], unique],
    'given back more than came in': [
      (s) => [payment(s, 100), sql`update public.payments set refunded_minor = 101, applied_minor = 0`],
      check,
    ],
    'given back and still applied': [
      (s) => [payment(s, 100), sql`update public.payments set refunded_minor = 50`],
      issuedOnce,
    ],
    'taken back without being given back': [
      (s) => [payment(s, 100), sql`update public.payments set applied_minor = 50`],
      issuedOnce,
    ],
    'settled above the total': [(s) => [settlement(s.invoice, 'write_off', 17701)], check],
    'tax withheld without a section': [(s) => [settlement(s.invoice, 'tds', 1000)], check],
    'bank charges with a section': [(s) => [settlement(s.invoice, 'bank_charges', 1000, '194J')], check],
    'a balance below zero': [
      (s) => [
        payment(s, 100, { applied: 0 }),
        overpaid(s.tenant, 100),
        sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id) values (${s.tenant}, 'INR', -101, 'refunded', '33333333-3333-4333-8333-333333333333')`,
      ],
      check,
    ],
    'a gift to the balance': [
      (s) => [
        payment(s, 100),
        sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, invoice_id) values (${s.tenant}, 'INR', 100, 'released', ${s.invoice})`,
      ],
      issuedOnce,
    ],
    'the state alone': [() => [sql`update public.invoices set status = 'paid'`], check],
    'the state of a paid one, back': [
      (s) => [payment(s, 17700), sql`update public.invoices set status = 'open' where status = 'paid'`],
      check,
    ],
  }
  it('never exceeds the invoice, and is somewhere', () =>
    scene(async (one) => {
      const found = await outcomes(
        one.ctx,
        named(cases, ([statements]) => statements(one)),
      )
      expect(found).to.deep.equal(named(cases, ([, code]) => code))
    }))

  it('of a supplier abroad knows no tax withheld at source, nor does a foreign currency', () =>
    scene(async ({ ctx, tenant }) => {
      const { id } = await issued(ctx, tenant, [untaxed(100n)], { on: day, currency: 'USD' })
      expect(await outcome(ctx, settlement(id, 'tds', 10, '194J'))).to.equal(issuedOnce)
      expect(await outcome(ctx, settlement(id, 'bank_charges', 10))).to.equal(null)
    }))
})

describe('void and closed months, by plain SQL', () => {
  const voided = (invoice: string): Sql =>
    sql`update public.invoices set status = 'void', void_reason = 'x' where id = ${invoice}`

  it('an invoice is void once, with a reason, and nothing is booked for it any more', () =>
    scene(async (one) => {
      const { ctx, invoice } = one
      expect(
        await outcome(ctx, sql`update public.invoices set status = 'void' where id = ${invoice}`),
      ).to.equal(check)
      expect(await outcome(ctx, voided(invoice))).to.equal(null)
      expect(await outcome(ctx, voided(invoice), payment(one, 100))).to.equal(issuedOnce)
      const kept = [payment(one, 100, { applied: 0 }), overpaid(one.tenant, 100)]
      expect(await outcome(ctx, voided(invoice), ...kept)).to.equal(null)
      expect(await outcome(ctx, voided(invoice), settlement(invoice, 'write_off', 1))).to.equal(issuedOnce)
      const credit = [take('credit_note'), note(one, 1000, 180), noteLine(one.lines[0] ?? '', 1000, 180)]
      expect(await outcome(ctx, voided(invoice), ...credit)).to.equal(issuedOnce)
      expect(
        await outcome(
          ctx,
          voided(invoice),
          sql`update public.invoices set void_reason = 'y' where id = ${invoice}`,
        ),
      ).to.equal(issuedOnce)
      expect(
        await outcome(
          ctx,
          voided(invoice),
          sql`update public.invoices set status = 'open', void_reason = null where id = ${invoice}`,
        ),
      ).to.be.oneOf([issuedOnce, illegal])
    }))

  it('paid, settled, credited, sent or registered it is not voided', () =>
    scene(async (one) => {
      const { ctx, invoice } = one
      const before: Sql[][] = [
        [payment(one, 1)],
        [settlement(invoice, 'write_off', 1)],
        [take('credit_note'), note(one, 1000, 180), noteLine(one.lines[0] ?? '', 1000, 180)],
        [sql`update public.invoices set sent_at = now() where id = ${invoice}`],
        [sql`update public.invoices set irn = repeat('0', 64) where id = ${invoice}`],
      ]
      for (const statements of before)
        expect(await outcome(ctx, ...statements, voided(invoice))).to.equal(issuedOnce)
    }))

  it('it is voided in the month of its issue alone, where the supplier is', () =>
    scene(async ({ ctx, invoice }) => {
      const at = (instant: string): Sql => sql`select set_config('erpmax.now', ${instant}, true)`
      expect(await outcome(ctx, at('2026-04-30T18:29:00Z'), voided(invoice))).to.equal(null)
      expect(await outcome(ctx, at('2026-04-30T18:31:00Z'), voided(invoice))).to.equal(issuedOnce)
    }))

  it('nothing is issued, credited or voided into a closed month, and none is closed before it is over', () =>
    scene(async (one) => {
      const {
        ctx,
        tenant,
        invoice,
        lines: [first = ''],
      } = one
      const close = (month: string): Sql =>
        sql`insert into public.closed_months (month, operator) values (${month}, 'me')`
      const at = sql`select set_config('erpmax.now', '2026-05-01T12:00:00Z', true)`
      const before = sql`select set_config('erpmax.now', '2026-04-10T12:00:00Z', true)`
      expect(await outcome(ctx, close('2026-04-01'))).to.equal(closed)
      expect(await outcome(ctx, at, close('2026-05-01'))).to.equal(closed)
      expect(await outcome(ctx, at, close('2026-03-02'))).to.equal(check)
      const shut = [at, close('2026-04-01')]
      expect(await outcome(ctx, ...shut)).to.equal(null)
      expect(await outcome(ctx, ...shut, close('2026-04-01'))).to.equal(unique)
      expect(await outcome(ctx, ...shut, take('invoice'), invoiceOf(tenant, 'ERP/26-27/00003'))).to.equal(
        closed,
      )
      expect(
        await outcome(ctx, ...shut, take('credit_note'), note(one, 1000, 180), noteLine(first, 1000, 180)),
      ).to.equal(closed)
      expect(await outcome(ctx, ...shut, before, voided(invoice))).to.equal(closed)
      // The month beside it is open, and money comes in whenever it comes.
      const next = [
        take('invoice', 1, '2026-05-01'),
        invoiceOf(tenant, 'ERP/26-27/00003', { on: '2026-05-01' }),
        lineOf(100, 18),
      ]
      expect(await outcome(ctx, ...shut, ...next)).to.equal(null)
      expect(await outcome(ctx, ...shut, payment(one, 100))).to.equal(null)
    }))
})
