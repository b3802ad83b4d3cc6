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
