/** `billing export`: the book of a month with its sums worked out by hand, its files, and GSTR-1 section by section. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { exportBook, type ExportedBook, type ExportInput } from '../../src/billing/export/export-book.js'
import { execute, rows, sql, verbatim } from '../../src/database/sql.js'
import { unsubscribeModules } from '../../src/workflows/unsubscribe-modules.js'
import { billing } from '../support/billing.js'
import { rejection } from '../support/errors.js'
import { plantedFaults } from '../support/planted-faults.js'
import { throwAwayFolder } from '../support/server.js'
import { soundBook } from '../support/sound-book.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

const place: Omit<ExportInput, 'output'> = { format: 'csv', force: false, write: () => Promise.resolve() }

async function exported(ctx: Context, input: Partial<ExportInput>): Promise<ExportedBook> {
  const events = exportBook(ctx, { ...place, output: null, ...input })
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
  }
}

interface Return {
  [section: string]: unknown
  draft: string
  problems: string[]
  b2b: { inv: object[] }[]
  exp: { exp_typ: string }[]
  hsn: { data: object[] }
  doc_issue: { doc_det: object[] }
}

interface Streamed {
  reconciliation: { ok: boolean }[]
  gstr1: Return
}

/** The document that goes to stdout. */
async function streamed(ctx: Context, input: Partial<ExportInput>): Promise<Streamed> {
  let text = ''
  await exported(ctx, {
    ...{ format: 'json', output: null, ...input },
    write: (piece) => Promise.resolve(void (text += piece)),
  })
  return JSON.parse(text) as Streamed
}

const inr = (amount_minor: number) => ({ amount_minor, currency: 'INR' })

/** Of a CSV file: its rows by the names of the columns; no cell of these holds a comma. */
function table(folder: string, name: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\r\n')
  const columns = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}

describe('billing export', () => {
  it('comes to what the documents of the month come to', () =>
    soundBook(async (ctx) => {
      const folder = throwAwayFolder()
      const book = await exported(ctx, { month: '2026-03', output: folder })
      expect(book.export).to.deep.include({ from: '2026-03-01', to: '2026-03-31', reconciles: true })
      // 3,428.43 HR, 3,999.00 twice, 43,997.00; tax 719.82 twice. Credits: 2,856.96 of each CRM, 514.25 and 514.26.
      const [rupees, dollars] = book.totals
      expect(rupees).to.deep.equal({
        ...{ currency: 'INR', invoices: 4, void: 0 },
        ...{ taxable: inr(5_542_343), tax: inr(143_964), total: inr(5_686_307) },
        ...{ credit_notes: 2, credited_taxable: inr(571_392), credited_tax: inr(102_851) },
        credited: inr(674_243),
        ...{
          payments: 3,
          received: inr(4_459_564),
          refunds: 0,
          refunded: inr(0),
          settlements: 1,
          settled: inr(10_000),
        },
      })
      expect(dollars).to.deep.include({
        ...{ currency: 'USD', invoices: 1, void: 1 },
        total: { amount_minor: 24_800, currency: 'USD' },
      })
      const invoices = table(folder, 'erpmax-book-2026-03.invoices.csv')
      expect(invoices.map(({ number, status }) => `${number} ${status}`)).to.deep.equal([
        ...['ERP/25-26/00005 open', 'ERP/25-26/00006 void', 'ERP/25-26/00007 open'],
        ...['ERP/25-26/00008 open', 'ERP/25-26/00009 open', 'ERP/25-26/00010 open'],
      ])
      expect(invoices[1]).to.include({ void_reason: 'wrong address', currency: 'USD', total: '248.00' })
      // 49.00 and 199.00 at 83.245: 4,079.005 and 16,565.755, each rounded; the total at once.
      expect(invoices[5]).to.include({
        taxable_inr: '20644.77',
        total_inr: '20644.76',
        exchange_rate: '83.245',
      })
      expect(invoices[3]).to.include({
        cgst: '359.91',
        sgst: '359.91',
        igst: '0.00',
        tax: '719.82',
        open: '3718.82',
      })
      expect(table(folder, 'erpmax-book-2026-03.credit-notes.csv')[0]).to.include({
        ...{ number: 'CN/25-26/00001', invoice: 'ERP/25-26/00002', igst: '514.25', total: '3371.21' },
        ...{ applied: '0.00', to_balance: '3371.21' },
      })
      expect(table(folder, 'erpmax-book-2026-03.settlements.csv')[0]).to.include({
        ...{ settled_on: '2026-03-20', kind: 'tds', section: '194J', amount: '100.00' },
      })
      const [igst] = table(folder, 'erpmax-book-2026-03.tax.csv').filter(
        ({ supply }) => supply === 'inter_state',
      )
      expect(igst).to.include({
        rate: '18',
        taxable: '3999.00',
        tax: '719.82',
        net_tax: '205.57',
        place_of_supply_code: '07',
      })
    }))

  it('declares each document in its section of GSTR-1', () =>
    soundBook(async (ctx) => {
      const { gstr1, reconciliation } = await streamed(ctx, { month: '2026-03' })
      expect(reconciliation.every(({ ok }) => ok)).to.equal(true)
      expect(gstr1).to.include({ gstin: '27AAPFU0939F1ZV', fp: '032026' })
      expect(gstr1.draft).to.be.a('string')
      const zeroRated = (txval: number) => [{ num: 1, itm_det: { txval, rt: 0, iamt: 0, csamt: 0 } }]
      const common = { pos: '29', rchrg: 'N', inv_typ: 'SEWOP' }
      expect(gstr1.b2b).to.deep.equal([
        {
          ctin: '07AAPFU0939F1ZX',
          inv: [
            {
              ...{
                inum: 'ERP/25-26/00007',
                idt: '10-03-2026',
                val: 4718.82,
                pos: '07',
                rchrg: 'N',
                inv_typ: 'R',
              },
              itms: [{ num: 1801, itm_det: { txval: 3999, rt: 18, iamt: 719.82, csamt: 0 } }],
            },
          ],
        },
        {
          ctin: '29AAPFU0939F1ZR',
          inv: [
            { inum: 'ERP/25-26/00005', idt: '06-03-2026', val: 3428.43, ...common, itms: zeroRated(3428.43) },
            { inum: 'ERP/25-26/00009', idt: '10-03-2026', val: 43997, ...common, itms: zeroRated(43997) },
          ],
        },
      ])
      // The consumer's 3,999.00 less the 2,856.96 given back: 359.91 - 257.13 of each head.
      expect(gstr1.b2cs).to.deep.equal([
        {
          sply_ty: 'INTRA',
          rt: 18,
          typ: 'OE',
          pos: '27',
          txval: 1142.04,
          camt: 102.78,
          samt: 102.78,
          csamt: 0,
        },
      ])
      expect(gstr1.exp).to.deep.equal([
        {
          exp_typ: 'WOPAY',
          inv: [
            {
              ...{ inum: 'ERP/25-26/00010', idt: '11-03-2026', val: 20644.76 },
              itms: [{ txval: 20644.77, rt: 0, iamt: 0, csamt: 0 }],
            },
          ],
        },
      ])
      expect(gstr1.cdnr).to.deep.equal([
        {
          ctin: '07AAPFU0939F1ZX',
          nt: [
            {
              ...{ nt_num: 'CN/25-26/00001', nt_dt: '05-03-2026', ntty: 'C', val: 3371.21 },
              ...{ pos: '07', rchrg: 'N', inv_typ: 'R' },
              itms: [{ num: 1801, itm_det: { txval: 2856.96, rt: 18, iamt: 514.25, csamt: 0 } }],
            },
          ],
        },
      ])
      expect(gstr1).not.to.have.any.keys('b2cl', 'cdnur')
      const sac = { hsn_sc: '997331', uqc: 'NA', qty: 0, csamt: 0 }
      expect(gstr1.hsn).to.deep.equal({
        hsn_b2b: [
          { num: 1, ...sac, rt: 0, txval: 47425.43, iamt: 0, samt: 0, camt: 0 },
          { num: 2, ...sac, rt: 18, txval: 1142.04, iamt: 205.57, samt: 0, camt: 0 },
        ],
        hsn_b2c: [
          { num: 1, ...sac, rt: 0, txval: 20644.77, iamt: 0, samt: 0, camt: 0 },
          { num: 2, ...sac, rt: 18, txval: 1142.04, iamt: 0, samt: 102.78, camt: 102.78 },
        ],
      })
      expect(gstr1.doc_issue.doc_det).to.deep.equal([
        {
          ...{ doc_num: 1, doc_typ: 'Invoices for outward supply' },
          docs: [
            { num: 1, from: 'ERP/25-26/00005', to: 'ERP/25-26/00010', totnum: 6, cancel: 1, net_issue: 5 },
          ],
        },
        {
          ...{ doc_num: 5, doc_typ: 'Credit Note' },
          docs: [
            { num: 1, from: 'CN/25-26/00001', to: 'CN/25-26/00002', totnum: 2, cancel: 0, net_issue: 2 },
          ],
        },
      ])
      // Without a letter of undertaking: with payment of tax.
      const april = (await streamed(ctx, { month: '2026-04' })).gstr1
      expect(april.exp[0]?.exp_typ).to.equal('WPAY')
      expect(april.b2b[1]?.inv[0]).to.include({ inv_typ: 'SEWP', val: 51916.46 })
    }))

  it('takes an inter-state invoice to a consumer for large above 2.5 lakh, from 1 August 2024 on above 1 lakh', () =>
    billing('2024-07-31', async (ctx, { bill, on }) => {
      const rich = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR', tier: 'ENTERPRISE' }
      const modules = ['crm', 'hr', 'finance']
      await subscribedTenant(ctx, 'before', { ...rich, modules, startedOn: '2024-07-31' })
      await subscribedTenant(ctx, 'after', { ...rich, modules, startedOn: '2024-08-01' })
      await execute(
        ctx.db,
        sql`update public.tenants set gst_state_code = '07', state_code = 'DL' where subdomain in ('before', 'after')`,
      )
      await bill('2024-07-31')
      await bill('2024-08-01')
      await unsubscribeModules(on('2024-08-11'), {
        ...{ tenant: 'after', modules: ['crm'], now: true, reason: null, dryRun: false },
      })
      await bill('2024-08-11')
      // 39,999 + 15,999 + 23,999 + 39,999 = 119,996.00, 18 % of it 21,599.28.
      const { gstr1 } = await streamed(on('2024-08-12'), { from: '2024-07-01', to: '2024-08-31' })
      expect(gstr1.b2cs).to.deep.equal([
        { sply_ty: 'INTER', rt: 18, typ: 'OE', pos: '07', txval: 119996, iamt: 21599.28, csamt: 0 },
      ])
      const large = { num: 1801, itm_det: { txval: 119996, rt: 18, iamt: 21599.28, csamt: 0 } }
      expect(gstr1.b2cl).to.deep.equal([
        { pos: '07', inv: [{ inum: 'ERP/24-25/00002', idt: '01-08-2024', val: 141595.28, itms: [large] }] },
      ])
      // 10 of 31 days of 15,999.00 are used, 5,160.97: 10,838.03 go back, and 1,950.85 of tax.
      expect(gstr1.cdnur).to.deep.equal([
        {
          ...{
            nt_num: 'CN/24-25/00001',
            nt_dt: '11-08-2024',
            ntty: 'C',
            val: 12788.88,
            typ: 'B2CL',
            pos: '07',
          },
          itms: [{ num: 1801, itm_det: { txval: 10838.03, rt: 18, iamt: 1950.85, csamt: 0 } }],
        },
      ])
      // Before May 2025 table 12 was one: 239,992.00 less the credit.
      expect(gstr1.hsn.data).to.have.length(1)
      expect(gstr1.hsn.data[0]).to.include({ txval: 229153.97, iamt: 41247.71 })
      expect(gstr1.problems).to.have.length(1)
    }))

  it('writes the same bytes again, and replaces files only when told so', () =>
    soundBook(async (ctx) => {
      const folder = path.join(throwAwayFolder(), 'books')
      const bytes = (): string[] =>
        readdirSync(folder)
          .sort()
          .map((name) => name + readFileSync(path.join(folder, name), 'latin1'))
      const first = await exported(ctx, { month: '2026-03', output: folder })
      const before = bytes()
      expect(before).to.have.length(first.export.files.length)
      const again = exported(ctx, { month: '2026-03', output: folder })
      expect(await rejection(again)).to.include({ kind: 'conflict', code: 'output.file_exists' })
      expect(bytes(), 'as it was').to.deep.equal(before)
      writeFileSync(path.join(folder, 'erpmax-book-2026-03.invoices.csv'), 'old')
      await exported(ctx, { month: '2026-03', output: folder, force: true })
      expect(bytes()).to.deep.equal(before)
    }))

  it('leaves no formula to a spreadsheet', () =>
    soundBook(async (ctx) => {
      const folder = throwAwayFolder()
      await rows(ctx.db, sql`set local session_replication_role = replica`)
      await execute(
        ctx.db,
        sql`update public.invoices set recipient = recipient || '{"legal_name": "=HYPERLINK(1)"}'`,
      )
      await exported(ctx, { month: '2026-04', output: folder })
      const named = table(folder, 'erpmax-book-2026-04.invoices.csv').map((row) => row.recipient_name)
      expect([...new Set(named)]).to.deep.equal(["'=HYPERLINK(1)"])
    }))

  it('says where the rows do not add up to the documents', () =>
    soundBook(async (ctx) => {
      await rows(ctx.db, sql`set local session_replication_role = replica`)
      for (const statement of plantedFaults['amount.invoice'] ?? [])
        await execute(ctx.db, verbatim(statement))
      const { export: told, reconciliation } = await exported(ctx, { month: '2026-03', format: 'json' })
      expect(told.reconciles).to.equal(false)
      expect(
        reconciliation.filter(({ ok }) => !ok).map(({ sum, expected, found }) => [sum, expected, found]),
      ).to.deep.equal([['lines.taxable INR', inr(5_542_344), inr(5_542_343)]])
    }))
})
