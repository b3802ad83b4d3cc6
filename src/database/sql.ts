/** SQL by tagged template: values become bindings, text stays text, errors point at the line they mean. */
import { ErpmaxError } from '../kernel/errors.js'
import type { Knex } from 'knex'

/** A piece of SQL with its bindings; pieces nest. */
export class Sql {
  constructor(
    readonly text: string,
    readonly bindings: readonly unknown[],
  ) {}
}

/** `sql\`select * from tenants where id = ${id}\``; an interpolated `Sql` is spliced in, anything else is bound. */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  let text = escapeMarks(strings[0] ?? '')
  const bindings: unknown[] = []
  values.forEach((value, index) => {
    const piece = value instanceof Sql ? value : new Sql('?', [value === undefined ? null : value])
    text = beside(text, piece.text)
    bindings.push(...piece.bindings)
    text += escapeMarks(strings[index + 1] ?? '')
  })
  return new Sql(text, bindings)
}

/** An identifier, quoted. */
export function identifier(name: string): Sql {
  return new Sql(escapeMarks(quoteIdentifier(name)), [])
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** SQL that is whole already: a migration, a generated statement. Question marks in it are text. */
export function verbatim(text: string): Sql {
  return new Sql(escapeMarks(text), [])
}

/** Joins pieces, `and` between conditions for one. */
export function join(pieces: readonly Sql[], separator: string): Sql {
  return new Sql(
    pieces.map((piece) => piece.text).join(separator),
    pieces.flatMap((piece) => piece.bindings),
  )
}

/** Runs it and gives the rows. */
export async function rows<Row>(db: Knex, statement: Sql): Promise<Row[]> {
  const result = (await db.raw(statement.text, statement.bindings as Knex.RawBinding[])) as { rows: Row[] }
  return result.rows
}

/**
 * The same with a time limit for connecting and asking together, for whoever must answer soon; the connection on
 * which no answer came is given up.
 * @throws dependency `database.timeout`: what was sent may be done all the same
 */
export async function rowsWithin<Row>(db: Knex, milliseconds: number, statement: Sql): Promise<Row[]> {
  const asked = db.raw(statement.text, statement.bindings as Knex.RawBinding[]).timeout(milliseconds)
  const answer = Promise.resolve(asked as unknown as PromiseLike<{ rows: Row[] }>)
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // Made here: the driver's own error would carry every value of the statement.
      reject(
        new ErpmaxError(
          'dependency',
          'database.timeout',
          `The database did not answer in ${milliseconds} ms`,
        ),
      )
    }, milliseconds)
  })
  try {
    return (await Promise.race([answer, limit])).rows
  } finally {
    clearTimeout(timer)
  }
}

/** The first row or null. */
export async function firstRow<Row>(db: Knex, statement: Sql): Promise<Row | null> {
  return (await rows<Row>(db, statement))[0] ?? null
}

/** The one row there must be. */
export async function oneRow<Row>(db: Knex, statement: Sql): Promise<Row> {
  const found = await rows<Row>(db, statement)
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`expected one row, got ${found.length}: ${statement.text}`)
  return found[0]
}

/** Runs it and gives the number of rows it touched. */
export async function execute(db: Knex, statement: Sql): Promise<number> {
  const result = (await db.raw(statement.text, statement.bindings as Knex.RawBinding[])) as {
    rowCount: number | null
  }
  return result.rowCount ?? 0
}

/** To Knex two marks in a row would be an identifier, and one behind a backslash no value. */
function beside(text: string, piece: string): string {
  return /[?\\]$/.test(text) && piece.startsWith('?') ? `${text} ${piece}` : text + piece
}

function escapeMarks(text: string): string {
  // Knex would drop the backslash without a word.
  if (text.includes('\\?'))
    throw new TypeError(`SQL cannot hold a backslash before a question mark; write [?]: ${text}`)
  return text.replaceAll('?', '\\?')
}

/**
 * Where in a text a Postgres error position lies.
 * @param position 1-based, in characters, as `error.position` gives it
 */
export function caretAt(text: string, position: number): { line: number; excerpt: string } {
  const before = Array.from(text)
    .slice(0, position - 1)
    .join('')
  const line = before.split('\n').length
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length
  const source = text.split('\n')[line - 1] ?? ''
  return { line, excerpt: `${source}\n${' '.repeat(column)}^` }
}
