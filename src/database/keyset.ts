/** Pages of a list by keyset: the cursor names the last row seen, so rows that come or go meanwhile shift nothing. */
import { ErpmaxError } from '../kernel/errors.js'
import type { Sql } from './sql.js'
import { join, rows, sql, verbatim } from './sql.js'
import type { Knex } from 'knex'

export interface PageRequest {
  /** A name of `keys`, with `-` before it for descending. */
  sort: string
  limit: number
  cursor: string | null
}

export interface Page<Item> {
  items: Item[]
  /** For `--cursor` of the next call; null at the end. */
  next_cursor: string | null
}

/** An expression that is never null, and its type in the database. */
export interface SortKey {
  by: Sql
  type: 'text' | 'timestamptz' | 'date' | 'uuid' | 'smallint' | 'bigint'
}

export interface PagedQuery {
  columns: Sql
  from: Sql
  where: readonly Sql[]
  keys: Readonly<Record<string, SortKey>>
  /** Unique: decides among rows of one key. */
  id: SortKey
}

interface CursorColumns {
  cursor_key: string
  cursor_id: string
}

export async function readPage<Item extends object>(
  db: Knex,
  query: PagedQuery,
  { sort, limit, cursor }: PageRequest,
): Promise<Page<Item>> {
  const descending = sort.startsWith('-')
  const key = query.keys[descending ? sort.slice(1) : sort]
  if (!key) throw new TypeError(`${sort} is not an order of this list`)
  const { id } = query
  const where = cursor ? [...query.where, beyond(key, id, descending, decode(cursor, sort))] : query.where
  const direction = verbatim(descending ? 'desc' : 'asc')
  const found = await rows<Item & CursorColumns>(
    db,
    sql`select ${query.columns}, (${key.by})::text as cursor_key, (${id.by})::text as cursor_id
        from ${query.from} where ${where.length > 0 ? join(where, ' and ') : sql`true`}
        order by ${key.by} ${direction}, ${id.by} ${direction} limit ${limit + 1}`,
  )
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(({ cursor_key: _key, cursor_id: _id, ...item }) => item as unknown as Item),
    next_cursor: last && found.length > limit ? encode(sort, last) : null,
  }
}

function beyond(key: SortKey, id: SortKey, descending: boolean, at: CursorColumns): Sql {
  const operator = verbatim(descending ? '<' : '>')
  return sql`(${key.by}, ${id.by}) ${operator} (${at.cursor_key}::${verbatim(key.type)}, ${at.cursor_id}::${verbatim(id.type)})`
}

function encode(sort: string, { cursor_key, cursor_id }: CursorColumns): string {
  return Buffer.from(JSON.stringify([sort, cursor_key, cursor_id])).toString('base64url')
}

/** A cursor belongs to one order: in another one it would skip rows in silence. */
function decode(cursor: string, sort: string): CursorColumns {
  let content: unknown = null
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    // Told below, together with every other text that is no cursor.
  }
  const parts = Array.isArray(content) ? (content as unknown[]) : []
  const [order, cursor_key, cursor_id] = parts.filter((part) => typeof part === 'string')
  const known =
    parts.length === 3 && order !== undefined && cursor_key !== undefined && cursor_id !== undefined
  if (!known || order !== sort) {
    throw new ErpmaxError(
      'usage',
      'usage.cursor_invalid',
      known
        ? `This cursor belongs to --sort ${order}, not to ${sort}`
        : 'This is not a cursor that a list gave back',
      { hint: 'Leave --cursor out to begin at the first page' },
    )
  }
  return { cursor_key, cursor_id }
}
