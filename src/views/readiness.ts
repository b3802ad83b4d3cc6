/** Whether events can be taken: the database answers, its tables are those of this program; and how far processing is behind. */
import { migrationNames } from '../database/migrate.js'
import { rowsWithin, sql } from '../database/sql.js'
import { isUndefinedTable } from '../database/sql-errors.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'

export interface Readiness {
  ready: boolean
  database: 'up' | 'down'
  /** Null while the database is down. */
  migrations: 'applied' | 'pending' | 'newer' | null
  inbox: {
    /** Events that wait to be processed; 10,000 where there are more. */
    due: number
    /** How long the oldest of them has waited since it was due. */
    lag_seconds: number
  } | null
  /** Why the database is down, for the log. */
  error: unknown
}

const patienceMs = 2000

/** Never throws: that the database cannot be reached is an answer. */
export async function readReadiness(ctx: Pick<Context, 'db'>): Promise<Readiness> {
  try {
    const [known, applied] = await Promise.all([
      migrationNames(),
      rowsWithin<{ name: string }>(ctx.db, patienceMs, sql`select name from public.knex_migrations`),
    ])
    const names = new Set(applied.map(({ name }) => name))
    const migrations = known.some((name) => !names.has(name))
      ? 'pending'
      : names.size > known.length
        ? 'newer'
        : 'applied'
    const inbox = migrations === 'pending' ? null : await readInbox(ctx)
    return { ready: migrations === 'applied', database: 'up', migrations, inbox, error: null }
  } catch (error) {
    if (isUndefinedTable(error))
      return { ready: false, database: 'up', migrations: 'pending', inbox: null, error: null }
    return { ready: false, database: 'down', migrations: null, inbox: null, error }
  }
}

async function readInbox(ctx: Pick<Context, 'db'>): Promise<Readiness['inbox']> {
  const [found] = await rowsWithin<{ due: number; lag: number }>(
    ctx.db,
    patienceMs,
    sql`select count(*)::int as due, coalesce(extract(epoch from clock_timestamp() - min(next_attempt_at)), 0)::float8 as lag
        from (select next_attempt_at from public.webhook_events
              where status = 'received' and next_attempt_at <= clock_timestamp() order by next_attempt_at limit 10000) waiting`,
  )
  return { due: found?.due ?? 0, lag_seconds: Math.round((found?.lag ?? 0) * 1000) / 1000 }
}

/** For those who cannot go on without it. @throws dependency as the commands do */
export function requireReady({ ready, migrations, error }: Readiness): void {
  if (ready) return
  if (error !== null) throw error
  throw new ErpmaxError(
    'dependency',
    'database.not_migrated',
    `The migrations of the control plane are ${migrations}`,
    {
      hint: 'erpmax db migrate',
      retryable: false,
    },
  )
}
