/** A change for real, or a rehearsal of it: the same statements, all of them rolled back. */
import { rows, sql } from './sql.js'
import { transaction } from './transaction.js'
import type { Context } from '../kernel/context.js'

class Rehearsed extends Error {
  constructor(readonly result: unknown) {
    super('rolled back: this was a rehearsal')
  }
}

/**
 * Runs `work` in one transaction. With `dryRun` it is rolled back at its end, after the checks that COMMIT would
 * have made, and its result is given all the same.
 */
export async function changeOrRehearse<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  dryRun: boolean,
  work: (ctx: C) => Promise<Result>,
): Promise<Result> {
  if (!dryRun) return transaction(ctx, work)
  try {
    return await transaction(ctx, async (inner): Promise<Result> => {
      const result = await work(inner)
      await rows(inner.db, sql`set constraints all immediate`)
      throw new Rehearsed(result)
    })
  } catch (error) {
    if (error instanceof Rehearsed) return error.result as Result
    throw error
  }
}
