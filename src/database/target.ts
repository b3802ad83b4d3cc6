/** Decides which Postgres to run on: DATABASE_URL, else PG*, else the embedded server of this home. */
import pgConnectionString from 'pg-connection-string'
import { ErpmaxError } from '../kernel/errors.js'
import { homeFolder, embeddedHome, type EmbeddedHome } from './embedded/home.js'
import { isInitialised } from './embedded/cluster.js'
import type { Config } from '../kernel/config.js'
import type { Target } from './connect.js'

export type Place =
  | { kind: 'external'; target: Target; description: string }
  | { kind: 'embedded'; home: EmbeddedHome; description: string }

/** Where the program would run, without connecting. */
export function choosePlace(config: Config): Place {
  const url = config.secret('DATABASE_URL')
  if (url) return fromUrl(url.reveal())
  if (config.text('PGHOST')) return fromParts(config)
  if (config.environment === 'production' && config.text('ERPMAX_EMBEDDED') !== '1') {
    throw new ErpmaxError(
      'dependency',
      'database.not_configured',
      'In production erpmax runs on a Postgres of yours, and DATABASE_URL is not set',
      {
        hint: 'Set DATABASE_URL, or ERPMAX_EMBEDDED=1 to use the embedded server on purpose',
        retryable: false,
      },
    )
  }
  const home = embeddedHome(homeFolder(config.text('ERPMAX_HOME')))
  return { kind: 'embedded', home, description: `the embedded Postgres in ${home.root}` }
}

/** Refuses to make an empty cluster by accident: a lost DATABASE_URL must not become a silent, empty run. */
export function requireInitialised(home: EmbeddedHome): void {
  if (isInitialised(home)) return
  throw new ErpmaxError(
    'dependency',
    'database.not_configured',
    `There is no database: DATABASE_URL is not set and ${home.root} holds no embedded server yet`,
    {
      hint: 'erpmax tenant create, or erpmax db start, makes one; or set DATABASE_URL',
      retryable: false,
    },
  )
}

function fromUrl(url: string): Place {
  let parsed: ReturnType<typeof pgConnectionString.parse>
  try {
    if (!/^postgres(ql)?:\/\//.test(url)) throw new Error('not a postgres URL')
    parsed = pgConnectionString.parse(url)
  } catch {
    throw new ErpmaxError('usage', 'config.invalid', 'DATABASE_URL is not a Postgres URL', {
      hint: 'Write postgresql://user:password@host:5432/database',
    })
  }
  const where = `${parsed.host || 'localhost'}${parsed.port ? `:${parsed.port}` : ''}/${parsed.database ?? ''}`
  return { kind: 'external', target: { connectionString: url }, description: `the Postgres at ${where}` }
}

function fromParts(config: Config): Place {
  const host = config.text('PGHOST') ?? 'localhost'
  const port = Number(config.text('PGPORT'))
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ErpmaxError('usage', 'config.invalid', 'PGPORT is not a port')
  }
  const user = config.text('PGUSER')
  const database = config.text('PGDATABASE')
  const password = config.secret('PGPASSWORD')
  const mode = config.text('PGSSLMODE')
  const target: Target = {
    host,
    port,
    ...(user ? { user } : {}),
    ...(database ? { database } : {}),
    ...(password ? { password: password.reveal() } : {}),
    ...(mode && mode !== 'disable'
      ? { ssl: mode.startsWith('verify') ? true : { rejectUnauthorized: false } }
      : {}),
  }
  return {
    kind: 'external',
    target,
    description: `the Postgres at ${host}:${port}/${database ?? user ?? ''}`,
  }
}
