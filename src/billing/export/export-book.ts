/** `billing export`: the book of a period as files, read at one moment and checked against its own totals. */
import { streamSnapshot } from '../../database/snapshot.js'
import { rows, verbatim } from '../../database/sql.js'
import { requireSupplier, type Supplier } from '../supplier.js'
import { BookWriter, type ExportProgress } from './book-writer.js'
import { gstr1Problems } from './gstr1-problems.js'
import { gstr1Tables, type Gstr1Table } from './gstr1-tables.js'
import { returnPeriod, type Gstr1Head } from './gstr1-json.js'
import { bookPeriod, type BookPeriod, type PeriodInput } from './period.js'
import { BookFiles, BookStream, type BookPlace, type WrittenFile } from './places.js'
import { reconcile, type Reconciliation } from './sums.js'
import { bookTables } from './tables.js'
import { readGstTotals, readTotals, totalsTable, type BookTotals } from './totals.js'
import type { Context } from '../../kernel/context.js'
import type { BookTable } from './table.js'

export interface ExportInput extends PeriodInput {
  format: 'csv' | 'json'
  /** A folder; null: one JSON document, whatever the format, to `write`. */
  output: string | null
  force: boolean
  /** Of stdout. */
  write(text: string): Promise<void>
}

export interface ExportedBook {
  export: { from: string; to: string; format: 'csv' | 'json'; reconciles: boolean; files: WrittenFile[] }
  totals: BookTotals[]
  reconciliation: Reconciliation[]
  /** Null unless the supplier is in India. */
  gstr1: { draft: true; gstin: string; fp: string; problems: string[] } | null
}

type Ctx = Pick<Context, 'db' | 'clock' | 'signal'>

interface Book {
  supplier: Supplier
  period: BookPeriod
  tables: BookTable[]
  gstr1: { tables: Gstr1Table[]; head: Gstr1Head } | null
}

/**
 * @throws conflict `billing.supplier_missing`, `output.file_exists`; usage `export.period_missing`,
 *   `export.period_invalid`; failure `output.unwritable`
 */
export async function* exportBook(
  ctx: Ctx,
  input: ExportInput,
): AsyncGenerator<ExportProgress, ExportedBook, void> {
  const supplier = await requireSupplier(ctx)
  const period = bookPeriod(supplier.country_code, input)
  const indian = supplier.gstin !== null
  const tables = [...bookTables(period), totalsTable(period)]
  const book: Omit<Book, 'gstr1'> = { supplier, period, tables }
  const sections = indian ? gstr1Tables(period) : []
  const csv = input.format === 'csv' && input.output !== null
  const endings = csv ? [...tables, ...sections].map(({ name }) => `${name}.csv`) : ['json']
  const place =
    input.output === null
      ? new BookStream(input.write)
      : await BookFiles.create(
          input.output,
          `erpmax-book-${period.label}`,
          [...endings, ...(indian ? ['gstr1.json'] : [])],
          input.force,
        )
  try {
    const written = yield* streamSnapshot(ctx, async function* (inner) {
      await rows(
        inner.db,
        verbatim("set local work_mem = '64MB'; set local jit = off; set local statement_timeout = '85s'"),
      )
      const gstr1 = supplier.gstin === null ? null : await readGstr1(inner, period, supplier.gstin, sections)
      const steps = tables.length + (csv ? sections.length : 0) + (gstr1 ? 1 : 0)
      const writer = new BookWriter(inner, place, steps)
      return yield* (csv ? writeCsv : writeJson)(
        inner,
        { ...book, gstr1 },
        writer,
        place,
        input.output === null,
      )
    })
    return {
      ...written,
      export: { ...written.export, format: csv ? 'csv' : 'json', files: await place.publish() },
    }
  } finally {
    await place.discard()
  }
}

async function readGstr1(
  ctx: Ctx,
  period: BookPeriod,
  gstin: string,
  tables: Gstr1Table[],
): Promise<Book['gstr1']> {
  return { tables, head: { gstin, period, problems: await gstr1Problems(ctx, period, gstin) } }
}

type Written = Omit<ExportedBook, 'export'> & {
  export: Pick<ExportedBook['export'], 'from' | 'to' | 'reconciles' | 'files'>
}

async function* writeCsv(
  ctx: Ctx,
  book: Book,
  writer: BookWriter,
  place: BookPlace,
): AsyncGenerator<ExportProgress, Written, void> {
  yield* writer.csv(book.tables)
  if (book.gstr1) {
    yield* writer.csv(book.gstr1.tables)
    yield* writeReturn(book.gstr1, writer, place)
  }
  return resultOf(ctx, book, writer)
}

/** @param streamed the return is part of the document, since there is no file of its own for it */
async function* writeJson(
  ctx: Ctx,
  book: Book,
  writer: BookWriter,
  place: BookPlace,
  streamed: boolean,
): AsyncGenerator<ExportProgress, Written, void> {
  place.begin('json')
  const { from, to } = book.period
  const { legal_name, country_code: country, gstin, vat_id } = book.supplier
  await place.write(
    JSON.stringify({ period: { from, to }, supplier: { legal_name, country, gstin, vat_id } }).slice(0, -1),
  )
  yield* writer.json(book.tables)
  if (book.gstr1 && streamed) {
    await place.write(',"gstr1":')
    yield* writer.gstr1(book.gstr1.tables, book.gstr1.head)
  }
  if (!book.gstr1 || streamed) {
    const result = await resultOf(ctx, book, writer)
    await place.write(`,"reconciliation":${JSON.stringify(result.reconciliation)}}\n`)
    await place.end(null)
    return result
  }
  await place.write('}\n')
  await place.end(null)
  yield* writeReturn(book.gstr1, writer, place)
  return resultOf(ctx, book, writer)
}

async function* writeReturn(
  { tables, head }: NonNullable<Book['gstr1']>,
  writer: BookWriter,
  place: BookPlace,
): AsyncGenerator<ExportProgress, void, void> {
  place.begin('gstr1.json')
  yield* writer.gstr1(tables, head)
  await place.write('\n')
  await place.end(null)
}

async function resultOf(ctx: Ctx, { period, gstr1 }: Book, writer: BookWriter): Promise<Written> {
  const totals = await readTotals(ctx, period)
  const reconciliation = reconcile(totals, gstr1 && (await readGstTotals(ctx, period)), writer.sums)
  return {
    export: { from: period.from, to: period.to, reconciles: reconciliation.every(({ ok }) => ok), files: [] },
    totals,
    reconciliation,
    gstr1: gstr1 && {
      draft: true,
      gstin: gstr1.head.gstin,
      fp: returnPeriod(period),
      problems: [...gstr1.head.problems],
    },
  }
}
