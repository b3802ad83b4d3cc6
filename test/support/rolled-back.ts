/** A transaction of the shared server that is taken back, for tests that set what there is one of. */
import { sharedContext } from './server.js'
import type { Context } from '../../src/kernel/context.js'

class TakenBack extends Error {}

/** @param now the clock's instant; `at` gives the same transaction at another one */
export async function rolledBack(
  now: string,
  work: (ctx: Context, at: (instant: string) => Context) => Promise<void>,
): Promise<void> {
  const shared = await sharedContext()
  await shared.db
    .transaction(async (db) => {
      const at = (instant: string): Context => ({ ...shared, db, clock: { now: () => new Date(instant) } })
      await work(at(now), at)
      throw new TakenBack()
    })
    .catch((error: unknown) => {
      if (!(error instanceof TakenBack)) throw error
    })
}
