/** The control plane's migrations: plain SQL files run by Knex, under a lock that dies with its holder. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { ErpmaxError } from '../kernel/errors.js'
import { packageRoot } from '../kernel/package-root.js'
import { caretAt, execute, rows, sql, verbatim } from './sql.js'
import { isUndefinedTable } from './sql-errors.js'
import type { Knex } from 'knex'

export interface MigrationState {
  applied: string[]
  pending: string[]
  /** Applied here, unknown to this program: the database is newer. */
  unknown: string[]
}

/** Any number that nobody else uses as an advisory lock of this database. */
const migrationLock = 6_572_706

/** Reads the folder once for each call; a migration's name is its file's name. */
export async function migrationNames(): Promise<string[]> {
  return (await readdir(migrationFolder())).filter((name) => name.endsWith('.sql')).sort()
}

export async function migrationState(db: Knex): Promise<MigrationState> {
  const known = await migrationNames()
  const applied = await appliedMigrations(db)
  return {
    applied,
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  }
}

/** Applies what is pending and gives its names. Racing processes wait for each other. */
export async function migrateControlPlane(db: Knex): Promise<string[]> {
  return db.transaction(async (lock) => {
    await execute(lock, sql`set local lock_timeout = '60s'`)
    await execute(lock, sql`select pg_advisory_xact_lock(${migrationLock})`)
    const { pending } = await migrationState(db)
    if (pending.length === 0) return []
    await freeStaleLock(db)
    const [, done] = (await db.migrate.latest({
      migrationSource: fileSource(),
      schemaName: 'public',
      tableName: 'knex_migrations',
    })) as [number, string[]]
    return done
  })
}

/** Throws where the control plane is not at this program's version. */
export async function requireMigrated(db: Knex): Promise<void> {
  const { pending, unknown } = await migrationState(db)
  if (unknown.length > 0) {
    throw new ErpmaxError(
      'dependency',
      'database.newer',
      `The database is newer than this program: it knows ${unknown.join(', ')}`,
      {
        hint: 'Update erpmax',
        details: { unknown },
        retryable: false,
      },
    )
  }
  if (pending.length > 0) {
    throw new ErpmaxError(
      'dependency',
      'database.not_migrated',
      `The control plane lacks ${pending.length} migrations`,
      {
        hint: 'erpmax db migrate',
        details: { pending },
        retryable: false,
      },
    )
  }
}

function migrationFolder(): string {
  return path.join(packageRoot(), 'migrations', 'platform')
}

/** In the order in which they were applied. */
export async function appliedMigrations(db: Knex): Promise<string[]> {
  try {
    const found = await rows<{ name: string }>(db, sql`select name from public.knex_migrations order by id`)
    return found.map((row) => row.name)
  } catch (error) {
    if (isUndefinedTable(error)) return []
    throw error
  }
}

/** Knex's own lock is a row that kill -9 leaves set for ever; under our lock nobody can be holding it. */
async function freeStaleLock(db: Knex): Promise<void> {
  try {
    await execute(db, sql`update public.knex_migrations_lock set is_locked = 0 where is_locked = 1`)
  } catch (error) {
    if (!isUndefinedTable(error)) throw error
  }
}

function fileSource(): Knex.MigrationSource<string> {
  return {
    getMigrations: migrationNames,
    getMigrationName: (name) => name,
    async getMigration(name) {
      const text = await readFile(path.join(migrationFolder(), name), 'utf8')
      return {
        async up(db: Knex) {
          try {
            await execute(db, verbatim(text))
          } catch (error) {
            throw located(error, name, text)
          }
        },
        async down() {
          throw new Error('migrations go forward only')
        },
      }
    },
  }
}

function located(error: unknown, name: string, text: string): unknown {
  const position = Number((error as { position?: string }).position)
  if (!(error instanceof Error) || !(position > 0)) return error
  const { line, excerpt } = caretAt(text, position)
  error.message = `migrations/platform/${name}:${line}: ${error.message}\n${excerpt}`
  return error
}
