/** The embedded server and the control plane as an operator handles them: start, stop, status, log, URL, migrate. */
import { open } from 'node:fs/promises'
import { ErpmaxError } from '../kernel/errors.js'
import { embeddedTarget, embeddedUrl, logFile, serverState, stopServer } from './embedded/server.js'
import { migrateControlPlane } from './migrate.js'
import { openPool } from './connect.js'
import { startEmbedded } from './open.js'
import { choosePlace, requireInitialised, type Place } from './target.js'
import type { Config } from '../kernel/config.js'

export interface ServerJson {
  kind: 'embedded' | 'external'
  /** Host and database of an external server, the home of the embedded one. */
  place: string
  initialised: boolean | null
  running: boolean | null
  pid: number | null
  socket: string | null
  log: string | null
}

type EmbeddedPlace = Extract<Place, { kind: 'embedded' }>

/** Starts the embedded server, making its cluster and the control plane where they are missing. */
export async function startServer(config: Config): Promise<ServerJson> {
  const place = requireEmbedded(config)
  await startEmbedded(config, place)
  const db = openPool(await embeddedTarget(place.home))
  try {
    await migrateControlPlane(db)
  } finally {
    await db.destroy()
  }
  return serverStatus(config)
}

/** Stops it; `stopped` is false where it did not run. */
export async function stopEmbedded(config: Config): Promise<ServerJson & { stopped: boolean }> {
  const { home } = requireEmbedded(config)
  const stopped = await stopServer(home)
  return { stopped, ...serverStatus(config) }
}

/** What can be said without connecting. */
export function serverStatus(config: Config): ServerJson {
  const place = choosePlace(config)
  if (place.kind === 'external') {
    return {
      kind: 'external',
      place: place.description,
      initialised: null,
      running: null,
      pid: null,
      socket: null,
      log: null,
    }
  }
  const state = serverState(place.home)
  return {
    kind: 'embedded',
    place: place.home.root,
    ...state,
    socket: place.home.socket,
    log: logFile(place.home),
  }
}

/** The one URL that carries the password, for libpq and node-postgres alike; the embedded server is up when it is given. */
export async function databaseUrl(config: Config): Promise<string> {
  const place = choosePlace(config)
  if (place.kind === 'embedded') {
    requireInitialised(place.home)
    await startEmbedded(config, place)
    return embeddedUrl(place.home)
  }
  const url = config.secret('DATABASE_URL')
  if (url) return url.reveal()
  throw new ErpmaxError('conflict', 'database.no_url', 'The database is configured by PG* and has no URL', {
    hint: 'psql reads PG* as it is',
  })
}

/** The last `lines` of the embedded server's log. */
export async function serverLog(config: Config, lines: number): Promise<string[]> {
  const { home } = requireEmbedded(config)
  requireInitialised(home)
  const most = 4_000_000
  const file = await open(logFile(home), 'r').catch(() => null)
  if (!file) return []
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - most)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const text = buffer.subarray(0, bytesRead).toString('utf8').trimEnd()
    return text === '' ? [] : text.split('\n').slice(-lines)
  } finally {
    await file.close()
  }
}

function requireEmbedded(config: Config): EmbeddedPlace {
  const place = choosePlace(config)
  if (place.kind === 'embedded') return place
  throw new ErpmaxError(
    'conflict',
    'database.external',
    `erpmax runs on ${place.description}, which it neither starts nor stops`,
    {
      hint: 'Unset DATABASE_URL and PGHOST to use the embedded server',
    },
  )
}
