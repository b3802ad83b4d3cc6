/** Transactions that shadow the context, so that the outer connection cannot be used by mistake. */
import type { Context } from '../kernel/context.js'
import type { SchemaName } from '../kernel/ids.js'
import { identifier, rows, sql, verbatim } from './sql.js'

const limits = "set local statement_timeout = '60s'; set local lock_timeout = '15s'"

/** Runs `work` in one transaction; commits what it returns, rolls back what it throws. */
export async function transaction<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  work: (ctx: C) => Promise<Result>,
): Promise<Result> {
  return ctx.db.transaction(async (db) => {
    await db.raw(limits)
    return work({ ...ctx, db })
  })
}

/** Carries the result of a rehearsal out of the transaction that it rolls back. */
class Rehearsed<Result> {
  constructor(readonly result: Result) {}
}

/** As `transaction`; with `dryRun` all is done and checked in the same way, and rolled back at the end. */
export async function rehearsable<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  dryRun: boolean,
  work: (ctx: C) => Promise<Result>,
): Promise<Result> {
  try {
    return await transaction(ctx, async (inner) => {
      const result = await work(inner)
      if (dryRun) throw new Rehearsed(result)
      return result
    })
  } catch (thrown) {
    if (thrown instanceof Rehearsed) return thrown.result as Result
    throw thrown
  }
}

/** In a transaction with the search path on a tenant's schema, for this transaction or savepoint only. */
export async function inTenant<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  schema: SchemaName,
  work: (ctx: C) => Promise<Result>,
): Promise<Result> {
  return transaction(ctx, async (inner) => {
    await rows(inner.db, sql`${verbatim('set local search_path = ')}${identifier(schema)}`)
    return work(inner)
  })
}

class Rehearsed<Result> extends Error {
  constructor(readonly result: Result) {
    super('rehearsed')
  }
}

/** Runs `work` in one transaction, takes back all it wrote, and gives what it returned. */
export async function rehearse<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  work: (ctx: C) => Promise<Result>,
): Promise<Result> {
  try {
    return await transaction(ctx, async (inner): Promise<never> => {
      throw new Rehearsed(await work(inner))
    })
  } catch (thrown) {
    if (thrown instanceof Rehearsed) return thrown.result as Result
    throw thrown
  }
}

/** Does it, or with `dryRun` does it and takes it back: the same checks, the same answer. */
export function doOrRehearse<C extends Pick<Context, 'db'>, Result>(
  ctx: C,
  dryRun: boolean,
  work: (ctx: C) => Promise<Result>,
): Promise<Result> {
  return dryRun ? rehearse(ctx, work) : transaction(ctx, work)
}
