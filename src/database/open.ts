/** Opens the database a command runs on, as far as the command may go: look, use, or create. */
import { ErpmaxError } from '../kernel/errors.js'
import { openPipeline, openPool, type Target } from './connect.js'
import { isInitialised } from './embedded/cluster.js'
import { embeddedTarget, ensureServer } from './embedded/server.js'
import { migrateControlPlane, requireMigrated } from './migrate.js'
import { rows, sql } from './sql.js'
import { isConnectionError } from './sql-errors.js'
import { choosePlace, requireInitialised, type Place } from './target.js'
import type { Knex } from 'knex'
import type { Config } from '../kernel/config.js'
import type { Pipeline } from '../kernel/pipeline.js'

/**
 * `use` needs a database that is set up; `create` may make the embedded cluster. `bare` and `migrate` do not look
 * at migrations: `bare` only connects to what is there, `migrate` may make the cluster too.
 */
export type Access = 'use' | 'create' | 'bare' | 'migrate'

export interface OpenDatabase {
  db: Knex
  place: Place
  openPipeline(): Promise<Pipeline>
  close(): Promise<void>
}

export interface OpenOptions {
  access: Access
  /** Apply pending migrations to a user's own database too. */
  migrate: boolean
  /** How the connections of this process are told apart in pg_stat_activity. */
  applicationName: string
}

export async function openDatabase(config: Config, options: OpenOptions): Promise<OpenDatabase> {
  const place = choosePlace(config)
  const reached = place.kind === 'external' ? place.target : await embedded(config, place, options.access)
  const target = { ...reached, application_name: options.applicationName }
  const db = openPool(target)
  const migrations = options.access === 'use' || options.access === 'create'
  try {
    if (place.kind === 'embedded')
      await startOnDemand(config, place, () => (migrations ? migrateOnDemand(db) : rows(db, sql`select 1`)))
    else if (migrations) await (options.migrate ? migrateOnDemand(db) : requireMigrated(db))
    return { db, place, openPipeline: () => openPipeline(target), close: () => db.destroy() }
  } catch (error) {
    await db.destroy()
    throw error
  }
}

async function embedded(
  config: Config,
  place: Extract<Place, { kind: 'embedded' }>,
  access: Access,
): Promise<Target> {
  // A wrong setting is refused even where the server runs and it is of no use.
  idleSeconds(config)
  if (access === 'use' || access === 'bare') requireInitialised(place.home)
  if (!isInitialised(place.home)) await startEmbedded(config, place)
  return embeddedTarget(place.home)
}

/** The first query tells whether the server runs: asking beforehand would cost a connection in every command. */
async function startOnDemand(
  config: Config,
  place: Extract<Place, { kind: 'embedded' }>,
  firstQuery: () => Promise<unknown>,
): Promise<void> {
  try {
    await firstQuery()
  } catch (error) {
    if (!isConnectionError(error)) throw error
    await startEmbedded(config, place)
    await firstQuery()
  }
}

/** Starts the server of this place, creating its cluster where there is none. */
export async function startEmbedded(
  config: Config,
  place: Extract<Place, { kind: 'embedded' }>,
): Promise<void> {
  await ensureServer(place.home, { idleSeconds: idleSeconds(config), relaxed: config.environment === 'test' })
}

function idleSeconds(config: Config): number {
  const seconds = Number(config.text('ERPMAX_PG_IDLE'))
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new ErpmaxError('usage', 'config.invalid', 'ERPMAX_PG_IDLE is not a number of seconds')
  return seconds
}

async function migrateOnDemand(db: Knex): Promise<void> {
  try {
    await requireMigrated(db)
  } catch (error) {
    if (!(error instanceof ErpmaxError) || error.code !== 'database.not_migrated') throw error
    await migrateControlPlane(db)
  }
}
