/** Transactions that last as long as their data does: streamed out of or into the database, no limit on a statement. */
import { execute, verbatim } from './sql.js'
import type { Context } from '../kernel/context.js'
import type { Knex } from 'knex'

export interface LongTransaction {
  /** `snapshot`: repeatable read and read only, so that all of it is of one moment. */
  mode: 'snapshot' | 'write'
  /** The moment of a transaction that is still open, as `pg_export_snapshot` named it. */
  moment?: string
}

const settings = [
  'statement_timeout = 0',
  'idle_in_transaction_session_timeout = 0',
  "lock_timeout = '15s'",
  // So that COPY writes the same bytes on every server, and reads them as they were meant.
  "datestyle = 'ISO, YMD'",
  "intervalstyle = 'postgres'",
  'extra_float_digits = 1',
  "bytea_output = 'hex'",
  "timezone = 'UTC'",
  // Else a scan may begin in the middle of a table, where another one is just then.
  'synchronize_seqscans = off',
]
  .map((setting) => `set local ${setting}`)
  .join('; ')

/**
 * Commits where `work` ends, rolls back where it throws or is left early.
 * @throws a connection error where the answer to COMMIT was lost: look before doing it again
 */
export async function* longTransaction<C extends Pick<Context, 'db'>, Event, Result>(
  ctx: C,
  { mode, moment }: LongTransaction,
  work: (ctx: C) => AsyncGenerator<Event, Result, void>,
): AsyncGenerator<Event, Result, void> {
  const transaction = await ctx.db.transaction(undefined, {
    doNotRejectOnRollback: true,
    ...(mode === 'snapshot' ? { isolationLevel: 'repeatable read', readOnly: true } : {}),
  })
  let left = true
  try {
    if (moment !== undefined) await adopt(transaction, moment)
    await execute(transaction, verbatim(settings))
    const result = yield* work({ ...ctx, db: transaction })
    left = false
    // Knex tells a COMMIT that failed by this promise alone.
    await Promise.all([transaction.executionPromise, transaction.commit()])
    return result
  } finally {
    // With the connection gone there is nothing to roll back, and the error that counts is on its way already.
    if (left) await transaction.rollback().catch(() => {})
  }
}

async function adopt(transaction: Knex, moment: string): Promise<void> {
  if (!/^[0-9A-Fa-f-]+$/.test(moment)) throw new TypeError(`not a snapshot: ${moment}`)
  await execute(transaction, verbatim(`set transaction snapshot '${moment}'`))
}
