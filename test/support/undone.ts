/** Everything that happens in it is rolled back at its end, refused statements and all: it disturbs no other test. */
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
      throw new Undone(await work(inner))
    })
  } catch (thrown) {
    if (thrown instanceof Undone) return thrown.result as Result
    throw thrown
  }
}
