/** How many schemas may be built or dropped at once, from the size of the server's shared lock table. */
import { ErpmaxError } from '../kernel/errors.js'
import { oneRow, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

/**
 * Entries of the lock table that a build fills by its commit, at most: one for each table, index, TOAST table
 * and its index, 2,580 measured with this baseline. A test compares it with pg_locks, which shows
 * an entry once for each mode (3,768 rows), where the table has room for entries.
 */
export const locksPerBuild = 2_800

/**
 * A dropped table locks each thing that hangs on it: keys, checks, defaults and, from Postgres 18, not-null marks.
 * 128 entries a table at most, measured in batches of 7; 97 in batches of 24.
 */
const locksPerDroppedTable = 130

/** Slices have as many tables, not as many locks: the heaviest of 4 took 1.27 times the average. */
const heaviestSlice = 1.3

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
    slices: usable >= locksPerBuild ? 1 : Math.ceil((locksPerBuild * heaviestSlice) / Math.max(usable, 1)),
  }
}

/** How many tables one transaction may drop: within the locks of a build, since a slot is as large, and within the table. */
export function tablesPerDrop({ total }: Pick<LockBudget, 'total'>): number {
  const usable = Math.min(total * share, locksPerBuild)
  return Math.max(1, Math.floor(usable / locksPerDroppedTable))
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
