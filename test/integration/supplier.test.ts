/** Who issues the invoices: versions by day, letters of undertaking, and what the database refuses by itself. */
import { expect } from 'chai'
import { setSupplier, type SupplierInput } from '../../src/billing/set-supplier.js'
import { findSupplier, requireSupplier } from '../../src/billing/supplier.js'
import { execute, oneRow, rows, sql, type Sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { formatSupplier } from '../../src/terminal/supplier-report.js'
import { plainTerminal } from '../support/plain-terminal.js'
import { rejection } from '../support/errors.js'
import { rolledBackAt } from '../support/rolled-back.js'
import type { Context } from '../../src/kernel/context.js'

const noon = '2026-11-21T06:30:00Z'
const dayAfter = '2026-11-22T06:30:00Z'
const acme: SupplierInput = {
  legalName: 'Acme Private Limited',
  addressLine1: '1 MG Road',
  gstin: '27AAPFU0939F1ZV',
}
const german: SupplierInput = {
  ...{ legalName: 'Acme GmbH', addressLine1: 'Hauptstr. 1', country: 'DE', vatId: 'DE136695976' },
}
const lut = (number: string, firstDay: string, lastDay: string) => ({ lut: { number, firstDay, lastDay } })

const set = (ctx: Context, input: SupplierInput) => setSupplier(ctx, input, false)

async function versions(ctx: Context): Promise<string[]> {
  const found = await rows<{ text: string }>(
    ctx.db,
    sql`select validity || ' ' || payment_terms_days as text from public.billing_suppliers order by created_at`,
  )
  return found.map(({ text }) => text)
}

/** Expects the statement to be refused, in a savepoint so that the test goes on. */
async function refusal(ctx: Context, statement: Sql): Promise<unknown> {
  return rejection(transaction(ctx, (inner) => execute(inner.db, statement)))
}

describe('the supplier', () => {
  it('is missing until it is set, and says so', () =>
    rolledBackAt(noon, async (ctx) => {
      expect(await rejection(requireSupplier(ctx))).to.include({
        kind: 'conflict',
        code: 'billing.supplier_missing',
      })
      expect(await findSupplier(ctx)).to.equal(null)
    }))

  it('is completed: state from the GSTIN, ERP and CN, seven days, rupees, Indian time', () =>
    rolledBackAt(noon, async (ctx) => {
      const { supplier } = await set(ctx, acme)
      expect(supplier).to.deep.include({
        name: 'Acme Private Limited',
        country: 'IN',
        state: 'MH',
        gst_state_code: '27',
        currency: 'INR',
        time_zone: 'Asia/Kolkata',
        payment_terms_days: 7,
        first_numbers: { invoice: 'ERP/26-27/00001', credit_note: 'CN/26-27/00001' },
        luts: [],
        lut_in_force: null,
      })
      expect(formatSupplier({ supplier }, plainTerminal)).to.match(/Invoices +first ERP\/26-27\/00001, due/)
    }))

  it('holds for any day before it was set, until it changes', () =>
    rolledBackAt(noon, async (ctx, at) => {
      await set(ctx, acme)
      await set(at(dayAfter), { paymentTerms: 15 })
      expect(await versions(ctx)).to.deep.equal(['(,2026-11-22) 7', '[2026-11-22,) 15'])
      expect((await requireSupplier(ctx, '2020-01-01')).payment_terms_days).to.equal(7)
      expect((await requireSupplier(ctx, '2026-11-21')).payment_terms_days).to.equal(7)
      expect((await requireSupplier(ctx, '2026-11-22')).payment_terms_days).to.equal(15)
      // Today is where the supplier is: 18:30 UTC is midnight there.
      expect((await requireSupplier(at('2026-11-21T18:29:00Z'))).payment_terms_days).to.equal(7)
      expect((await requireSupplier(at('2026-11-21T18:31:00Z'))).payment_terms_days).to.equal(15)
    }))

  it('corrected on the day it was recorded holds from where it did', () =>
    rolledBackAt(noon, async (ctx, at) => {
      await set(ctx, acme)
      await set(ctx, { paymentTerms: 10 })
      expect(await versions(ctx)).to.deep.equal(['empty 7', '(,) 10'])
      await set(at(dayAfter), { paymentTerms: 15 })
      await set(at(dayAfter), { paymentTerms: 20 })
      expect(await versions(ctx)).to.deep.equal([
        'empty 7',
        '(,2026-11-22) 10',
        'empty 15',
        '[2026-11-22,) 20',
      ])
    }))

  it('set twice is one version, and nothing new is said of it', () =>
    rolledBackAt(noon, async (ctx, at) => {
      expect((await set(ctx, acme)).changed).to.include('legal_name')
      expect((await set(at(dayAfter), acme)).changed).to.deep.equal([])
      expect((await set(at(dayAfter), { state: 'MH', prefix: 'erp' })).changed).to.deep.equal([])
      expect(await versions(ctx)).to.deep.equal(['(,) 7'])
      const { count } = await oneRow<{ count: number }>(
        ctx.db,
        sql`select count(*)::int from public.audit_log where action = 'billing.supplier.set'`,
      )
      expect(count).to.equal(1)
    }))

  it('leaves in the audit log what was and what is, and nothing else', () =>
    rolledBackAt(noon, async (ctx) => {
      await set(ctx, acme)
      await set(ctx, { city: 'Pune', paymentTerms: 10 })
      const entry = await oneRow<{ before: unknown; after: unknown; subject: string }>(
        ctx.db,
        sql`select subject, before, after from public.audit_log where action = 'billing.supplier.set' and before is not null`,
      )
      expect(entry).to.deep.equal({
        subject: 'Acme Private Limited',
        before: { city: null, payment_terms_days: 7 },
        after: { city: 'Pune', payment_terms_days: 10 },
      })
    }))

  it('rehearsed gives the same answer and writes nothing', () =>
    rolledBackAt(noon, async (ctx) => {
      const rehearsed = await setSupplier(ctx, { ...acme, ...lut('AD1', '2026-04-01', '2027-03-31') }, true)
      expect(await versions(ctx)).to.deep.equal([])
      const done = await set(ctx, { ...acme, ...lut('AD1', '2026-04-01', '2027-03-31') })
      const { id: _, ...wanted } = done.supplier
      const { id: __, ...got } = rehearsed.supplier
      expect(got).to.deep.equal(wanted)
      expect(rehearsed).to.deep.include({ dry_run: true, changed: done.changed })
    }))

  it('takes its state from a new GSTIN, and loses an optional particular by an empty text', () =>
    rolledBackAt(noon, async (ctx) => {
      await set(ctx, { ...acme, city: 'Mumbai', email: 'Bills@Acme.test' })
      const { supplier } = await set(ctx, { gstin: '29AAGCB7383J1Z4', city: '' })
      expect(supplier).to.include({ state: 'KA', gst_state_code: '29', city: null, email: 'bills@acme.test' })
    }))

  it('in the EU has a VAT id, the money of its country and the calendar year', () =>
    rolledBackAt(noon, async (ctx) => {
      expect((await set(ctx, german)).supplier).to.deep.include({
        country: 'DE',
        gstin: null,
        currency: 'EUR',
        time_zone: 'Europe/Berlin',
        first_numbers: { invoice: 'ERP/26/00001', credit_note: 'CN/26/00001' },
      })
      const { supplier } = await set(ctx, { ...german, country: 'SE', vatId: 'SE556188840401' })
      expect(supplier).to.include({ currency: 'SEK', time_zone: 'Europe/Stockholm' })
    }))

  it('in a country of many zones is asked for one, and counts in UTC until then', () =>
    rolledBackAt(noon, async (ctx) => {
      const warned: string[] = []
      const listening = { ...ctx, warn: ({ code }: { code: string }) => void warned.push(code) }
      const american = { legalName: 'Acme Inc.', addressLine1: '1 Main St', country: 'US' }
      expect((await set(listening, american)).supplier).to.include({ time_zone: 'UTC', currency: 'USD' })
      expect(warned).to.deep.equal(['supplier.time_zone_unknown'])
      await set(listening, { timeZone: 'America/New_York' })
      await set(listening, { paymentTerms: 9 })
      expect(warned).to.have.length(1)
    }))

  const refused: Record<string, [SupplierInput, string]> = {
    'without a name': [{ addressLine1: '1 MG Road', gstin: '27AAPFU0939F1ZV' }, 'usage.missing'],
    'without an address': [{ ...acme, addressLine1: ' ' }, 'usage.missing'],
    'in India without a GSTIN': [{ ...acme, gstin: undefined }, 'usage.missing'],
    'in the EU without a VAT id': [{ ...german, vatId: undefined }, 'usage.missing'],
    'with a wrong check digit': [{ ...acme, gstin: '29ABCDE1234F2Z5' }, 'supplier.gstin_invalid'],
    'with the GSTIN of another state': [{ ...acme, state: 'KA' }, 'supplier.gstin_invalid'],
    'with a wrong VAT id': [{ ...german, vatId: 'DE136695977' }, 'supplier.vat_id_invalid'],
    'with a prefix of 17-character numbers': [{ ...acme, prefix: 'ACMEX' }, 'supplier.prefix_invalid'],
    'with a long prefix of credit notes': [
      { ...acme, creditNotePrefix: 'CNOTE' },
      'supplier.credit_note_prefix_invalid',
    ],
    'with one prefix for both': [{ ...acme, prefix: 'CN' }, 'supplier.credit_note_prefix_invalid'],
    'in another zone than India has': [{ ...acme, timeZone: 'UTC' }, 'supplier.time_zone_invalid'],
    'with half an e-mail address': [{ ...acme, email: 'bills@' }, 'supplier.email_invalid'],
    'with a bank account of a page': [
      { ...acme, paymentDetails: 'x'.repeat(301) },
      'supplier.payment_details_invalid',
    ],
    'with a LUT of ten years': [
      { ...acme, ...lut('AD1', '2026-04-01', '2036-03-31') },
      'supplier.lut_invalid',
    ],
    'with a LUT that ends before it begins': [
      { ...acme, ...lut('AD1', '2026-04-01', '2026-03-31') },
      'supplier.lut_invalid',
    ],
    'with a LUT outside India': [
      { ...german, ...lut('AD1', '2026-04-01', '2027-03-31') },
      'supplier.lut_invalid',
    ],
    'with a LUT on no day': [{ ...acme, ...lut('AD1', '2026-02-30', '2027-03-31') }, 'usage.date_invalid'],
  }
  for (const [what, [input, code]] of Object.entries(refused)) {
    it(`${what} is refused`, () =>
      rolledBackAt(noon, async (ctx) => {
        expect(await rejection(set(ctx, input))).to.include({ kind: 'usage', code })
        expect(await versions(ctx)).to.deep.equal([])
      }))
  }

  it('does not number credit notes with what was a prefix of invoices', () =>
    rolledBackAt(noon, async (ctx, at) => {
      await set(ctx, acme)
      await set(at(dayAfter), { prefix: 'NEW' })
      expect(await rejection(set(at(dayAfter), { creditNotePrefix: 'ERP' }))).to.include({
        kind: 'conflict',
        code: 'supplier.prefix_taken',
      })
      expect((await set(at(dayAfter), { prefix: 'ERP' })).supplier.invoice_prefix).to.equal('ERP')
    }))

  it('is not changed before the version that is there began', () =>
    rolledBackAt(noon, async (ctx, at) => {
      await set(ctx, acme)
      await set(at(dayAfter), { paymentTerms: 15 })
      expect(await rejection(set(ctx, { paymentTerms: 20 }))).to.include({ code: 'supplier.later_version' })
    }))
})

describe('letters of undertaking', () => {
  it('of several years stand side by side, and a coming one leaves the present one alone', () =>
    rolledBackAt(noon, async (ctx, at) => {
      await set(ctx, { ...acme, ...lut('ad270326000001b', '2026-04-01', '2027-03-31') })
      const next = await set(ctx, lut('AD270327000002C', '2027-04-01', '2028-03-31'))
      expect(next.changed).to.deep.equal(['luts'])
      expect(next.supplier).to.deep.include({
        luts: [
          { number: 'AD270326000001B', first_day: '2026-04-01', last_day: '2027-03-31' },
          { number: 'AD270327000002C', first_day: '2027-04-01', last_day: '2028-03-31' },
        ],
        lut_in_force: 'AD270326000001B',
      })
      const supplier = await requireSupplier(at('2027-03-31T18:31:00Z'))
      expect(supplier.luts).to.deep.equal([
        { number: 'AD270326000001B', from: '2026-04-01', to: '2027-04-01' },
        { number: 'AD270327000002C', from: '2027-04-01', to: '2028-04-01' },
      ])
      // A letter makes no version of the supplier.
      expect(await versions(ctx)).to.have.length(1)
    }))

  it('are corrected by the same first day, and else do not overlap', () =>
    rolledBackAt(noon, async (ctx) => {
      await set(ctx, { ...acme, ...lut('AD1', '2026-04-01', '2027-03-31') })
      expect((await set(ctx, lut('AD1', '2026-04-01', '2027-03-31'))).changed).to.deep.equal([])
      const { supplier } = await set(ctx, lut('AD2', '2026-04-01', '2026-12-31'))
      expect(supplier.luts).to.deep.equal([
        { number: 'AD2', first_day: '2026-04-01', last_day: '2026-12-31' },
      ])
      for (const overlapping of [
        lut('AD3', '2026-12-31', '2027-03-31'),
        lut('AD3', '2026-01-01', '2026-04-01'),
      ]) {
        expect(await rejection(set(ctx, overlapping))).to.include({ code: 'supplier.lut_overlap' })
      }
    }))

  it('belong to their GSTIN', () =>
    rolledBackAt(noon, async (ctx) => {
      await set(ctx, { ...acme, ...lut('AD1', '2026-04-01', '2027-03-31') })
      expect((await set(ctx, { gstin: '29AAGCB7383J1Z4' })).supplier.luts).to.deep.equal([])
      expect((await set(ctx, { gstin: '27AAPFU0939F1ZV' })).supplier.luts).to.have.length(1)
    }))
})

describe('the database by itself', () => {
  const insert = (columns: string, values: string): Sql =>
    sql`insert into public.billing_suppliers
      (recorded_on, name, legal_name, country_code, address_line1, currency, time_zone, operator, ${raw(columns)})
      values ('2026-11-21', 'a', 'a', 'IN', 'a', 'INR', 'Asia/Kolkata', 'me', ${raw(values)})`
  const good = `'27AAPFU0939F1ZV', '27', 'ERP', 'CN'`
  const columns = 'validity, gstin, gst_state_code, invoice_prefix, credit_note_prefix'

  it('knows one supplier a day', () =>
    rolledBackAt(noon, async (ctx) => {
      await execute(ctx.db, insert(columns, `daterange(null, '2026-04-01'), ${good}`))
      await execute(ctx.db, insert(columns, `daterange('2026-04-01', null), ${good}`))
      expect(await refusal(ctx, insert(columns, `daterange('2026-05-01', null), ${good}`))).to.include({
        code: '23P01',
      })
    }))

  const wrong = {
    'a prefix of 17-character numbers': `'27AAPFU0939F1ZV', '27', 'ACMEX', 'CN'`,
    'a prefix in lower case': `'27AAPFU0939F1ZV', '27', 'erp', 'CN'`,
    'a prefix that begins with zero': `'27AAPFU0939F1ZV', '27', '0RP', 'CN'`,
    'one prefix for both kinds': `'27AAPFU0939F1ZV', '27', 'CN', 'CN'`,
    'the GSTIN of another state': `'27AAPFU0939F1ZV', '29', 'ERP', 'CN'`,
    'no GSTIN in India': `null, '27', 'ERP', 'CN'`,
  }
  for (const [what, values] of Object.entries(wrong)) {
    it(`refuses ${what}`, () =>
      rolledBackAt(noon, async (ctx) => {
        expect(await refusal(ctx, insert(columns, `daterange(null, null), ${values}`))).to.include({
          code: '23514',
        })
      }))
  }

  it('keeps a version as it was recorded', () =>
    rolledBackAt(noon, async (ctx) => {
      await set(ctx, acme)
      for (const statement of [
        sql`update public.billing_suppliers set legal_name = 'Somebody else'`,
        sql`update public.billing_suppliers set payment_terms_days = 90, validity = 'empty'`,
        sql`delete from public.billing_suppliers`,
      ])
        expect(await refusal(ctx, statement)).to.include({ code: 'ERX02' })
    }))

  it('keeps letters of one GSTIN apart, and none longer than a year', () =>
    rolledBackAt(noon, async (ctx) => {
      const letter = (from: string, to: string): Sql =>
        sql`insert into public.billing_luts (gstin, number, validity, operator)
            values ('27AAPFU0939F1ZV', 'AD1', daterange(${from}::date, ${to}::date), 'me')`
      await execute(ctx.db, letter('2026-04-01', '2027-04-01'))
      expect(await refusal(ctx, letter('2027-03-31', '2027-05-01'))).to.include({ code: '23P01' })
      expect(await refusal(ctx, letter('2027-04-01', '2028-04-03'))).to.include({ code: '23514' })
    }))
})

function raw(text: string): Sql {
  return sql([text] as unknown as TemplateStringsArray)
}
