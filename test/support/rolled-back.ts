/** Everything that happens in it is taken back at its end, after the checks of COMMIT: it disturbs no other test. */
import { rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { sharedContext } from './server.js'
import { atInstant } from './clock.js'
import type { Context } from '../../src/kernel/context.js'

class TakenBack extends Error {
  constructor(readonly result: unknown) {
    super('taken back')
  }
}

export async function rolledBack<Result>(
  ctx: Context,
  work: (ctx: Context) => Promise<Result>,
): Promise<Result> {
  try {
    return await transaction(ctx, async (inner): Promise<Result> => {
      const result = await work(inner)
      // A statement that was refused, as the test meant it to be, has ended the transaction already.
      await rows(inner.db, sql`set constraints all immediate`).catch((error: unknown) => {
        if ((error as { code?: string }).code !== '25P02') throw error
      })
      throw new TakenBack(result)
    })
  } catch (thrown) {
    if (thrown instanceof TakenBack) return thrown.result as Result
    throw thrown
  }
}

/**
 * The same on the shared server, for tests that set what there is one of.
 * @param now the clock's instant; `at` gives the same transaction at another one
 */
export async function rolledBackAt(
  now: string,
  work: (ctx: Context, at: (instant: string) => Context) => Promise<void>,
): Promise<void> {
  await rolledBack(await sharedContext(), (inner) =>
    work(atInstant(inner, now), (instant) => atInstant(inner, instant)),
  )
}
