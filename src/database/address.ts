/** Where other programs reach the database that this one runs on: host, port, and a URL for a user of theirs. */
import pgConnectionString from 'pg-connection-string'
import { choosePlace } from './target.js'
import type { Config } from '../kernel/config.js'

export interface Address {
  /** A name, or the folder of a socket. */
  host: string
  port: number
  /** How TLS is asked for, as the setting says; null where it says nothing. */
  sslMode: string | null
}

const defaultPort = 5432

export function addressOf(config: Config): Address {
  const place = choosePlace(config)
  if (place.kind === 'embedded') return { host: place.home.socket, port: defaultPort, sslMode: null }
  const url = config.secret('DATABASE_URL')
  if (!url) {
    const { host, port } = place.target
    return {
      host: host ?? 'localhost',
      port: port ?? defaultPort,
      sslMode: config.text('PGSSLMODE'),
    }
  }
  const { host, port } = pgConnectionString.parse(url.reveal())
  const parameters = new URLSearchParams(url.reveal().split('?')[1] ?? '')
  return {
    host: (host || 'localhost').replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || defaultPort),
    sslMode: parameters.get('sslmode'),
  }
}

/** libpq and node-postgres both take it. @param password left out where it is null */
export function urlFor(
  { host, port, sslMode }: Address,
  database: string,
  user: string,
  password: string | null,
): string {
  const folder = host.startsWith('/')
  const parameters = new URLSearchParams()
  if (folder) parameters.set('host', host)
  if (folder && port !== defaultPort) parameters.set('port', String(port))
  if (sslMode) parameters.set('sslmode', sslMode)
  const secret = password === null ? '' : `:${encodeURIComponent(password)}`
  const name = host.includes(':') ? `[${host}]` : host
  const at = folder ? '' : port === defaultPort ? name : `${name}:${port}`
  const query = parameters.size > 0 ? `?${parameters.toString()}` : ''
  return `postgresql://${encodeURIComponent(user)}${secret}@${at}/${encodeURIComponent(database)}${query}`
}
