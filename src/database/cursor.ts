/** Rows of a result that is larger than memory: read through a cursor, so many at a time, in the transaction of `db`. */
import { execute, rows, verbatim, sql, type Sql } from './sql.js'
import type { Knex } from 'knex'

const atOnce = 2000

/** @param db a transaction; one cursor at a time */
export async function* eachRow<Row>(db: Knex, statement: Sql): AsyncGenerator<Row, void, void> {
  await execute(db, sql`declare erpmax_rows no scroll cursor for ${statement}`)
  try {
    for (;;) {
      const found = await rows<Row>(db, verbatim(`fetch ${atOnce} from erpmax_rows`))
      yield* found
      if (found.length < atOnce) return
    }
  } finally {
    // In a transaction that has failed the cursor is gone already.
    await execute(db, verbatim('close erpmax_rows')).catch(() => {})
  }
}
