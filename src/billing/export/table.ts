/** A table of a book: its columns and its rows in SQL, written row by row as CSV or as JSON. */
import { moneyJson } from '../../kernel/money.js'
import { csvLine } from '../documents/csv.js'
import { plainAmount } from '../documents/numbers.js'
import type { Sql } from '../../database/sql.js'

/**
 * `money`: minor units of the currency in the row's `currency`; `rupees`: paise; `number`: a count or a position.
 * In CSV amounts are decimal text, in JSON money as everywhere.
 */
export type ColumnKind = 'text' | 'money' | 'rupees' | 'number'

export interface BookTable {
  /** Of its file and of its key in JSON. */
  name: string
  columns: Readonly<Record<string, ColumnKind>>
  /** In an order that is the same every time. */
  query: Sql
}

export type BookRow = Readonly<Record<string, unknown>>

export type Write = (text: string) => Promise<void>

export function csvHeader({ columns }: BookTable): string {
  return csvLine(Object.keys(columns))
}

export function csvRow({ columns }: BookTable, row: BookRow): string {
  return csvLine(Object.entries(columns).map(([name, kind]) => cellOf(row, name, kind)))
}

/** Without a comma before or after it. */
export function jsonRow({ columns }: BookTable, row: BookRow): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, valueOf(row, name, kind)])),
  )
}

function cellOf(row: BookRow, name: string, kind: ColumnKind): string {
  const value = row[name]
  if (value === null || value === undefined) return ''
  if (kind === 'money' || kind === 'rupees') return plainAmount(minor(value), currencyOf(row, kind))
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value as string | number)
}

function valueOf(row: BookRow, name: string, kind: ColumnKind): unknown {
  const value = row[name] ?? null
  if (value === null) return null
  if (kind === 'money' || kind === 'rupees')
    return moneyJson({ amountMinor: minor(value), currency: currencyOf(row, kind) })
  return kind === 'number' ? Number(value) : value
}

function currencyOf(row: BookRow, kind: ColumnKind): string {
  return kind === 'rupees' ? 'INR' : String(row.currency)
}

/** Sums come from the database as text. */
export function minor(value: unknown): bigint {
  return BigInt(value as string | bigint)
}
