/** Writes the tables of a book, each row once to where it goes and once into the sums it is checked by. */
import { eachRow } from '../../database/cursor.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { writeGstr1, type Gstr1Head } from './gstr1-json.js'
import { csvHeader, csvRow, jsonRow, type BookRow, type BookTable } from './table.js'
import { addRow, Sums } from './sums.js'
import type { Context } from '../../kernel/context.js'
import type { Gstr1Table } from './gstr1-tables.js'
import type { BookPlace } from './places.js'

export interface ExportProgress {
  event: 'table'
  done: number
  total: number
  table: string
  rows: number
}

export class BookWriter {
  readonly sums = new Sums()
  readonly #counted = new Set<string>()
  #done = 0

  constructor(
    private readonly ctx: Pick<Context, 'db' | 'signal'>,
    private readonly place: BookPlace,
    /** Steps there are to tell of. */
    private readonly steps: number,
  ) {}

  async *csv(tables: readonly BookTable[]): AsyncGenerator<ExportProgress, void, void> {
    for (const table of tables) {
      this.place.begin(`${table.name}.csv`)
      await this.place.write(csvHeader(table))
      const rows = await this.each(table, (row) => csvRow(table, row))
      await this.place.end(rows)
      yield this.told(table.name, rows)
    }
  }

  /** `,"invoices":[...]`, for a document that has begun. */
  async *json(tables: readonly BookTable[]): AsyncGenerator<ExportProgress, void, void> {
    for (const table of tables) {
      let comma = ''
      await this.place.write(`,${JSON.stringify(table.name.replaceAll('-', '_'))}:[`)
      const rows = await this.each(table, (row) => {
        const text = `${comma}\n${jsonRow(table, row)}`
        comma = ','
        return text
      })
      await this.place.write(']')
      yield this.told(table.name, rows)
    }
  }

  async *gstr1(tables: readonly Gstr1Table[], head: Gstr1Head): AsyncGenerator<ExportProgress, void, void> {
    let rows = 0
    const count = (): void => void (rows += 1)
    await writeGstr1(
      (text) => this.place.write(text),
      tables,
      (table) => this.rowsOf(table, count),
      head,
    )
    yield this.told('gstr1', rows)
  }

  private async each(table: BookTable, text: (row: BookRow) => string): Promise<number> {
    let rows = 0
    for await (const row of this.rowsOf(table)) {
      rows += 1
      await this.place.write(text(row))
    }
    return rows
  }

  private async *rowsOf(table: BookTable, seen: () => void = () => {}): AsyncGenerator<BookRow, void, void> {
    const counts = !this.#counted.has(table.name)
    this.#counted.add(table.name)
    for await (const row of eachRow<BookRow>(this.ctx.db, table.query)) {
      if (this.ctx.signal.aborted) throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted')
      if (counts) addRow(this.sums, table.name, row)
      seen()
      yield row
    }
  }

  private told(table: string, rows: number): ExportProgress {
    this.#done += 1
    return { event: 'table', done: this.#done, total: this.steps, table, rows }
  }
}
