/** What `SMTP_URL` says: server, TLS, user, limits. */
import { ErpmaxError } from '../kernel/errors.js'
import type { Secret } from '../kernel/secret.js'
import type { SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection'

export interface SmtpTarget {
  options: SMTPConnectionOptions & { host: string; port: number }
  user: { name: string; password: string } | null
}

/** Milliseconds. A server that says nothing for so long is given up. */
const limits = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 60_000 }

const switches = ['requireTLS', 'ignoreTLS'] as const

/** Of nodemailer's URLs, without a meaning here. */
const ignored = ['pool', 'maxConnections', 'maxMessages', 'rateDelta', 'rateLimit']

const known = [...Object.keys(limits), ...switches, 'name', 'tls.rejectUnauthorized', 'tls.servername']

/**
 * `smtp://user:password@host:587`, `smtps://host`; `?tls.rejectUnauthorized=false`, `?requireTLS=true` and the limits
 * as nodemailer names them. A password leaves this machine only under TLS unless `requireTLS=false` allows it.
 * @throws usage `config.invalid`
 */
export function parseSmtpUrl(secret: Secret): SmtpTarget {
  const url = parse(secret.reveal())
  const secure = url.protocol === 'smtps:'
  const query = url.searchParams
  const strange = [...query.keys()].find((name) => !known.includes(name) && !ignored.includes(name))
  if (strange !== undefined)
    throw invalid(`SMTP_URL has no setting "${strange.slice(0, 40)}"`, `It may have ${known.join(', ')}`)
  // In brackets an IPv6 address is none to the resolver.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? (secure ? 465 : 587) : Number(url.port)
  const user = url.username === '' ? null : { name: decoded(url.username), password: decoded(url.password) }
  const requireTLS = truth(query, 'requireTLS') ?? (user !== null && !isLoopback(host) && !secure)
  const servername = query.get('tls.servername')
  const name = query.get('name')
  return {
    user,
    options: {
      ...{ host, port, secure, dnsTimeout: 10_000 },
      requireTLS,
      ignoreTLS: truth(query, 'ignoreTLS') ?? false,
      ...(name ? { name } : {}),
      tls: {
        rejectUnauthorized: truth(query, 'tls.rejectUnauthorized') ?? true,
        ...(servername ? { servername } : {}),
      },
      ...Object.fromEntries(
        Object.entries(limits).map(([limit, usual]) => [limit, milliseconds(query, limit) ?? usual]),
      ),
    },
  }
}

function parse(text: string): URL {
  if (!/^smtps?:\/\//i.test(text)) throw invalid('SMTP_URL does not begin with smtp:// or smtps://', example)
  try {
    const url = new URL(text)
    if (url.hostname !== '') return url
  } catch {
    // The text has a password in it: told below without it.
  }
  throw invalid(
    'SMTP_URL is not a URL of a mail server',
    'Write @ : / # and ? in user and password as %40 %3A %2F %23 and %3F',
  )
}

const example = 'SMTP_URL=smtp://user:password@smtp.example.com:587'

function truth(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (value === 'true' || value === 'false') return value === 'true'
  throw invalid(`${name} in SMTP_URL is true or false`, example)
}

function milliseconds(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (/^\d{1,7}$/.test(value) && Number(value) > 0) return Number(value)
  throw invalid(`${name} in SMTP_URL is a number of milliseconds`, example)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function invalid(message: string, hint: string): ErpmaxError {
  return new ErpmaxError('usage', 'config.invalid', message, { hint })
}
