/** Reads that belong together: several queries see the database as it was at one moment. */
import type { Context } from '../kernel/context.js'
import { rows, verbatim } from './sql.js'

const oneMoment = verbatim('set transaction isolation level repeatable read, read only')

/** Runs `read` in one transaction that sees one snapshot and cannot write. */
export async function inSnapshot<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  read: (ctx: C) => Promise<Result>,
): Promise<Result> {
  return ctx.db.transaction(async (db) => {
    await rows(db, oneMoment)
    return read({ ...ctx, db })
  })
}

/** The same for what tells how far it is; a transaction that is open already is read as it is. */
export async function* streamSnapshot<C extends Pick<Context, 'db'>, Event, Result>(
  ctx: C,
  read: (ctx: C) => AsyncGenerator<Event, Result, void>,
): AsyncGenerator<Event, Result, void> {
  if (ctx.db.isTransaction) return yield* read(ctx)
  const db = await ctx.db.transaction()
  try {
    await rows(db, oneMoment)
    return yield* read({ ...ctx, db })
  } finally {
    await db.rollback()
  }
}
