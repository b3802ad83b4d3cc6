/** A change for real, or a rehearsal of it: the same statements, all of them rolled back. */
import { rows, sql } from './sql.js'
import { transaction } from './transaction.js'
import type { Context } from '../kernel/context.js'

class Rehearsed extends Error {
  constructor(readonly result: unknown) {
    super('rolled back: this was a rehearsal')
  }
}

/** Runs `work` in one transaction, with the checks that COMMIT would make, takes back all it wrote, and gives its result. */
export async function rehearse<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  work: (ctx: C) => Promise<Result>,
): Promise<Result> {
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

/** Does it, or with `dryRun` rehearses it: the same checks, the same answer. */
export function changeOrRehearse<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  dryRun: boolean,
  work: (ctx: C) => Promise<Result>,
): Promise<Result> {
  return dryRun ? rehearse(ctx, work) : transaction(ctx, work)
}
