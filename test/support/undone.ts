/** Everything that happens in it is rolled back at its end, after the checks of COMMIT: it disturbs no other test. */
import { rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import type { Context } from '../../src/kernel/context.js'

class Undone extends Error {
  constructor(readonly result: unknown) {
    super('rolled back')
  }
}

export async function undone<Result>(ctx: Context, work: (ctx: Context) => Promise<Result>): Promise<Result> {
  try {
    return await transaction(ctx, async (inner): Promise<Result> => {
      const result = await work(inner)
      // A statement that was refused, as the test meant it to be, has ended the transaction already.
      await rows(inner.db, sql`set constraints all immediate`).catch((error: unknown) => {
        if ((error as { code?: string }).code !== '25P02') throw error
      })
      throw new Undone(result)
    })
  } catch (thrown) {
    if (thrown instanceof Undone) return thrown.result as Result
    throw thrown
  }
}
