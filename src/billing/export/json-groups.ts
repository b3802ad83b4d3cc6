/** Rows in order, one for each document and rate, as nested JSON in pieces of text: no more than one document is in memory. */
import type { BookRow } from './table.js'

type Shape = (row: BookRow) => object

/** A document that is being gathered; its rows follow one another. */
class Gathered {
  readonly #items: object[] = []

  constructor(
    readonly number: unknown,
    private readonly head: object,
  ) {}

  add(item: object): this {
    this.#items.push(item)
    return this
  }

  get json(): string {
    return JSON.stringify({ ...this.head, itms: this.#items })
  }
}

/** `[{document, itms: [...]}]` */
export async function* listed(
  rows: AsyncIterable<BookRow>,
  documentOf: Shape,
  itemOf: Shape,
): AsyncGenerator<string, void, void> {
  let opening = '['
  let document: Gathered | undefined
  for await (const row of rows) {
    if (document?.number === row.number) {
      document?.add(itemOf(row))
      continue
    }
    if (document) {
      yield opening + document.json
      opening = ','
    }
    document = new Gathered(row.number, documentOf(row)).add(itemOf(row))
  }
  if (document) yield `${opening}${document.json}]`
}

/** `[{outer, key: [{document, itms: [...]}]}]`; the rows of a group follow one another too. */
export async function* grouped(
  rows: AsyncIterable<BookRow>,
  key: string,
  outerOf: Shape,
  documentOf: Shape,
  itemOf: Shape,
): AsyncGenerator<string, void, void> {
  let group: string | undefined
  let document: Gathered | undefined
  for await (const row of rows) {
    const own = JSON.stringify(outerOf(row)).slice(0, -1)
    if (own === group && document?.number === row.number) {
      document?.add(itemOf(row))
      continue
    }
    const before = document?.json ?? ''
    if (own === group) yield `${before},`
    else yield `${group === undefined ? '[' : `${before}]},`}${own},"${key}":[`
    group = own
    document = new Gathered(row.number, documentOf(row)).add(itemOf(row))
  }
  if (document) yield `${document.json}]}]`
}

/** `[row, ...]`, where rows are few. */
export async function* flat(rows: AsyncIterable<BookRow>, shape: Shape): AsyncGenerator<string, void, void> {
  const all: object[] = []
  for await (const row of rows) all.push(shape(row))
  if (all.length > 0) yield JSON.stringify(all)
}
