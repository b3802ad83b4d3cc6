/** One moment for several transactions, and nobody building, dropping or restoring the schemas meanwhile. */
import { longTransaction } from '../../database/long-transaction.js'
import { oneRow, rows, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'

/**
 * The locks come before the moment: who empties tables under a lock and commits leaves them empty to whoever looks
 * from a moment before that.
 * @param work reads in transactions of its own, `longTransaction` with this moment
 */
export async function* atOneMoment<Event, Result>(
  ctx: Pick<Context, 'db'>,
  schemas: readonly string[],
  work: (moment: string) => AsyncGenerator<Event, Result, void>,
): AsyncGenerator<Event, Result, void> {
  return yield* longTransaction(ctx, { mode: 'write' }, async function* (guard) {
    await rows(
      guard.db,
      sql`select pg_advisory_xact_lock_shared(hashtextextended(name, 0)) from unnest(${schemas}::text[]) as name order by name`,
    )
    // Committed reads: the moment is that of this statement, behind the locks.
    const { moment } = await oneRow<{ moment: string }>(guard.db, sql`select pg_export_snapshot() as moment`)
    return yield* work(moment)
  })
}
