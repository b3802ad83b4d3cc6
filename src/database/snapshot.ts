/** Reads that belong together: several queries see the database as it was at one moment. */
import type { Context } from '../kernel/context.js'
import { rows, verbatim } from './sql.js'

/** Runs `read` in one transaction that sees one snapshot and cannot write. */
export async function inSnapshot<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  read: (ctx: C) => Promise<Result>,
): Promise<Result> {
  return ctx.db.transaction(async (db) => {
    await rows(db, verbatim('set transaction isolation level repeatable read, read only'))
    return read({ ...ctx, db })
  })
}
