/**
 * GSTR-1 as the GSTN's offline tool writes it (version 3.2.4): a draft for the accountant, who files it. Amounts are
 * rupees, days DD-MM-YYYY; a section without rows is left out.
 */
import { plainAmount } from '../documents/numbers.js'
import { flat, grouped, listed } from './json-groups.js'
import { minor, type BookRow, type Write } from './table.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { BookPeriod } from './period.js'
import type { Gstr1Section, Gstr1Table } from './gstr1-tables.js'

export type RowsOf = (table: Gstr1Table) => AsyncIterable<BookRow>

export interface Gstr1Head {
  gstin: string
  period: BookPeriod
  /** What the accountant has to look at. */
  problems: readonly string[]
}

/** Until the return of this month table 12 was one, and since then it has one part for B2B and one for B2C. */
const hsnApartFrom = '2025-05'

const draft =
  'Draft for the accountant: to be checked, completed and filed. Take this line and the problems out before it is uploaded.'

/** Streams it: the documents of a section are never all in memory. */
export async function writeGstr1(
  write: Write,
  tables: readonly Gstr1Table[],
  rowsOf: RowsOf,
  head: Gstr1Head,
): Promise<void> {
  const { gstin, period, problems } = head
  const first = { draft, problems, gstin, fp: returnPeriod(period), version: 'GST3.2.4', hash: 'hash' }
  await write(JSON.stringify(first).slice(0, -1))
  for (const table of tables) {
    let begun = false
    const chunks = shapes[table.section](rowsOf(table), period)
    for await (const chunk of chunks) {
      if (!begun) await write(`,"${keys[table.section]}":`)
      begun = true
      await write(chunk)
    }
  }
  await write('}')
}

/** `042026`: the month the return is of; of several months the last. */
export function returnPeriod({ to }: Pick<BookPeriod, 'to'>): string {
  return `${to.slice(5, 7)}${to.slice(0, 4)}`
}

const keys: Record<Gstr1Section, string> = {
  ...{
    b2b: 'b2b',
    b2cl: 'b2cl',
    b2cs: 'b2cs',
    exp: 'exp',
    cdnr: 'cdnr',
    cdnur: 'cdnur',
    hsn: 'hsn',
    docs: 'doc_issue',
  },
}

type Shape = (rows: AsyncIterable<BookRow>, period: BookPeriod) => AsyncGenerator<string, void, void>

const shapes: Record<Gstr1Section, Shape> = {
  b2b: (rows) => grouped(rows, 'inv', (row) => ({ ctin: row.gstin }), invoiceOf, wrapped),
  b2cl: (rows) =>
    grouped(
      rows,
      'inv',
      (row) => ({ pos: row.place_of_supply }),
      ({ number, date, value }) => numbered(number, date, value),
      wrapped,
    ),
  exp: (rows) =>
    grouped(
      rows,
      'inv',
      (row) => ({ exp_typ: row.type }),
      ({ number, date, value }) => numbered(number, date, value),
      bare,
    ),
  cdnr: (rows) => grouped(rows, 'nt', (row) => ({ ctin: row.gstin }), noteOf, wrapped),
  cdnur: (rows) => listed(rows, unregisteredNoteOf, wrapped),
  b2cs: (rows) =>
    flat(rows, (row) => ({
      sply_ty: row.supply,
      rt: Number(row.rate),
      typ: 'OE',
      pos: row.place_of_supply,
      ...taxesOf(row, row.supply === 'INTRA'),
    })),
  hsn: summary,
  docs: issued,
}

const numbered = (number: unknown, date: unknown, value: unknown) => ({
  inum: number,
  idt: dayOf(date),
  val: rupees(value),
})

const invoiceOf = (row: BookRow) => ({
  ...numbered(row.number, row.date, row.value),
  ...{ pos: row.place_of_supply, rchrg: row.reverse_charge ? 'Y' : 'N', inv_typ: row.type },
})

const noteOf = (row: BookRow) => ({
  ...{ nt_num: row.number, nt_dt: dayOf(row.date), ntty: 'C', val: rupees(row.value) },
  ...{ pos: row.place_of_supply, rchrg: row.reverse_charge ? 'Y' : 'N', inv_typ: row.type },
})

const unregisteredNoteOf = (row: BookRow) => ({
  ...{ nt_num: row.number, nt_dt: dayOf(row.date), ntty: 'C', val: rupees(row.value), typ: row.type },
  ...(row.place_of_supply === null ? {} : { pos: row.place_of_supply }),
})

/** The tool numbers items by their rate. */
const wrapped = (row: BookRow) => ({
  num: Math.round(Number(row.rate) * 100) + 1,
  itm_det: { txval: rupees(row.taxable), rt: Number(row.rate), ...headsOf(row), csamt: 0 },
})

/** Exports stand there without a number. */
const bare = (row: BookRow) => ({
  txval: rupees(row.taxable),
  rt: Number(row.rate),
  iamt: rupees(row.igst),
  csamt: 0,
})

/** Integrated tax, or the two halves: never both. */
function headsOf(row: BookRow): object {
  const local = minor(row.cgst) !== 0n || minor(row.sgst_utgst) !== 0n
  return local ? { camt: rupees(row.cgst), samt: rupees(row.sgst_utgst) } : { iamt: rupees(row.igst) }
}

function taxesOf(row: BookRow, local: boolean): object {
  const heads = local ? { camt: rupees(row.cgst), samt: rupees(row.sgst_utgst) } : { iamt: rupees(row.igst) }
  return { txval: rupees(row.taxable), ...heads, csamt: 0 }
}

/** Services have neither unit nor quantity. The official description of a code is the tool's own to add. */
async function* summary(
  rows: AsyncIterable<BookRow>,
  { to }: BookPeriod,
): AsyncGenerator<string, void, void> {
  const parts = new Map<string, Map<string, HsnRow>>()
  for await (const row of rows) {
    const part = to.slice(0, 7) < hsnApartFrom ? 'data' : `hsn_${String(row.supplies).toLowerCase()}`
    const own = parts.get(part) ?? new Map<string, HsnRow>()
    const key = `${String(row.sac)} ${String(row.rate)}`
    const sum = own.get(key) ?? {
      sac: String(row.sac),
      rate: String(row.rate),
      taxable: 0n,
      igst: 0n,
      cgst: 0n,
      sgst: 0n,
    }
    sum.taxable += minor(row.taxable)
    sum.igst += minor(row.igst)
    sum.cgst += minor(row.cgst)
    sum.sgst += minor(row.sgst_utgst)
    parts.set(part, own.set(key, sum))
  }
  if (parts.size === 0) return
  yield JSON.stringify(
    Object.fromEntries([...parts].map(([part, own]) => [part, [...own.values()].map(hsnRow)])),
  )
}

interface HsnRow {
  sac: string
  rate: string
  taxable: bigint
  igst: bigint
  cgst: bigint
  sgst: bigint
}

function hsnRow({ sac, rate, taxable, igst, cgst, sgst }: HsnRow, index: number): object {
  return {
    ...{ num: index + 1, hsn_sc: sac, uqc: 'NA', qty: 0, rt: Number(rate), txval: rupees(taxable) },
    ...{ iamt: rupees(igst), samt: rupees(sgst), camt: rupees(cgst), csamt: 0 },
  }
}

/** The places of the form: 1 for invoices, 5 for credit notes. */
const natures: Record<string, { doc_num: number; doc_typ: string }> = {
  invoice: { doc_num: 1, doc_typ: 'Invoices for outward supply' },
  credit_note: { doc_num: 5, doc_typ: 'Credit Note' },
}

async function* issued(rows: AsyncIterable<BookRow>): AsyncGenerator<string, void, void> {
  const kinds = new Map<string, object[]>()
  for await (const { kind, from, to, total, cancelled, net } of rows) {
    const docs = kinds.get(String(kind)) ?? []
    docs.push({ num: docs.length + 1, from, to, totnum: total, cancel: cancelled, net_issue: net })
    kinds.set(String(kind), docs)
  }
  const doc_det = [...kinds].map(([kind, docs]) => ({ ...natures[kind], docs }))
  if (doc_det.length > 0) yield JSON.stringify({ doc_det })
}

function rupees(paise: unknown): number {
  return Number(plainAmount(minor(paise), 'INR'))
}

/** `31-03-2026`. */
function dayOf(day: unknown): string {
  return (day as PlainDate).split('-').reverse().join('-')
}
