/** How many schemas may be built or dropped at once, from the size of the server's shared lock table. */
import { ErpmaxError } from '../kernel/errors.js'
import { oneRow, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

/**
 * Locks that a build holds at its commit, at most, measured with this baseline:
 * one for each table, index, TOAST table and its index. A test compares it with pg_locks.
 */
export const locksPerBuild = 3_500

/** Tables dropped in one transaction: at most 24 tables with what hangs on them, measured under 900 locks. */
export const tablesPerDrop = 24

/** The part of the lock table that schema work may fill; the rest is for everybody else. */
const share = 0.8

export interface LockBudget {
  maxLocksPerTransaction: number
  maxConnections: number
  maxPreparedTransactions: number
  /** Locks the server guarantees in all: max_locks_per_transaction x (max_connections + max_prepared_transactions). */
  total: number
  /** Builds or drops that may run at once. */
  slots: number
  /** Transactions a build is cut into; 1 where the budget allows the whole schema in one. */
  slices: number
}

export async function readLockBudget(ctx: Pick<Context, 'db'>): Promise<LockBudget> {
  const found = await oneRow<{ locks: number; connections: number; prepared: number }>(
    ctx.db,
    sql`select current_setting('max_locks_per_transaction')::int as locks,
               current_setting('max_connections')::int as connections,
               current_setting('max_prepared_transactions')::int as prepared`,
  )
  return lockBudget(found.locks, found.connections, found.prepared)
}

/** The arithmetic alone: stock settings (64, 100, 0) give 6,400 locks and one slot. */
export function lockBudget(locks: number, connections: number, prepared: number): LockBudget {
  const total = locks * (connections + prepared)
  const usable = Math.floor(total * share)
  return {
    maxLocksPerTransaction: locks,
    maxConnections: connections,
    maxPreparedTransactions: prepared,
    total,
    slots: Math.max(1, Math.floor(usable / locksPerBuild)),
    slices: Math.max(1, Math.ceil(locksPerBuild / Math.max(usable, 1))),
  }
}

/** The setting with which `builds` at once fit. */
export function locksFor(builds: number, budget: LockBudget): number {
  const needed = (builds * locksPerBuild) / share
  return Math.ceil(needed / (budget.maxConnections + budget.maxPreparedTransactions) / 64) * 64
}

/** 53200 in the words of the setting to change. */
export function outOfLocksError(budget: LockBudget, cause: unknown): ErpmaxError {
  const value = Math.max(locksFor(budget.slots, budget), budget.maxLocksPerTransaction * 2)
  return new ErpmaxError(
    'dependency',
    'database.out_of_locks',
    `The lock table of the database is full (max_locks_per_transaction is ${budget.maxLocksPerTransaction})`,
    {
      hint: `Set max_locks_per_transaction = ${value}, restart the database, then run the same command again`,
      details: { setting: 'max_locks_per_transaction', value },
      cause,
    },
  )
}
