/** What a person reads after `auth login`, `refresh`, `switch`, `whoami`, `logout` and `token verify`, `revoke`. */
import { formatFacts, formatTime } from './format.js'
import { symbolsOf } from './symbols.js'
import { formatTable } from './table.js'
import { paintState } from './states.js'
import type { InspectedToken } from '../people/sessions/inspect-token.js'
import type { LoggedOut } from '../people/sessions/logout.js'
import type { RevokedToken } from '../people/sessions/revoke-token.js'
import type { SignedIn } from '../people/sessions/signed-in.js'
import type { UserTenant, Who } from '../people/sessions/who.js'
import type { Terminal } from './terminal.js'

export function formatSignedIn(result: SignedIn, terminal: Terminal): string {
  const { user, tenant, role, session } = result
  const { out } = terminal
  const lines = [
    `${out.green(symbolsOf(terminal).tick)} ${out.bold(user.email)} is signed in to ${out.bold(tenant.subdomain)} as ${role}.`,
    formatFacts([['Session', session.id]]),
    `Access token, until ${formatTime(result.access_token_expires_at)}, shown once:\n${result.access_token}`,
  ]
  if (result.refresh_token)
    lines.push(
      `Refresh token, works once, until ${formatTime(result.refresh_token_expires_at)}, shown once:\n${result.refresh_token}`,
    )
  else lines.push('The refresh token there is goes on, in this tenant.')
  return lines.join('\n\n')
}

export function formatWho(who: Who, { width, out }: Terminal): string {
  const { user, tenant, role, session, permissions, tenants } = who
  const facts = formatFacts(
    [
      ['User', `${user.full_name} <${user.email}>`],
      ['Tenant', `${tenant.subdomain} (${tenant.name})`],
      ['Role', role],
      ['Permissions', permissions.length === 0 ? 'none' : permissions.join(', ')],
      ['Session', session?.id ?? 'none: the first token of a new tenant'],
      ['Expires', formatTime(who.expires_at)],
    ],
    width,
  )
  const table = formatTable<UserTenant>(
    tenants,
    [
      { title: 'Tenant', value: ({ subdomain }) => subdomain, flexible: true },
      { title: 'Company', value: ({ name }) => name, flexible: true },
      { title: 'Status', value: ({ status }) => paintState(status, out) },
      { title: 'Role', value: (one) => one.role },
      { title: 'Default', value: ({ is_default }) => (is_default ? 'yes' : '') },
    ],
    width,
    out.bold,
  )
  return `${facts}\n\n${table}`
}

export function formatLoggedOut({ ended, user }: LoggedOut, { out }: Terminal): string {
  if (ended === 0) return `${user.email}: there was no session to end any more.`
  return `${out.bold(user.email)} is logged out: ${ended === 1 ? '1 session' : `${ended} sessions`} ended.`
}

const kinds = { access: 'access token', refresh: 'refresh token', api_key: 'API key' } as const

export function formatInspected({ token }: { token: InspectedToken }, terminal: Terminal): string {
  const { out, width } = terminal
  const symbols = symbolsOf(terminal)
  const kind = kinds[token.kind]
  if (!token.valid) return `${out.red(symbols.cross)} No valid ${kind}: ${token.message} (${token.reason})`
  const facts = formatFacts(
    [
      ['User', token.user?.email],
      ['Tenant', token.tenant?.subdomain],
      ['Role', token.role],
      ['Scopes', token.scopes?.join(', ')],
      ['Session', token.session?.id],
      ['Expires', formatTime(token.expires_at)],
    ],
    width,
  )
  return `${out.green(symbols.tick)} A valid ${kind}.\n\n${facts}`
}

export function formatRevoked({ token: { kind, id, revoked } }: RevokedToken, { out }: Terminal): string {
  const what = kind === 'refresh' ? `The session ${out.bold(id)}` : `The ${kinds[kind]} ${out.bold(id)}`
  const end = kind === 'refresh' ? 'ended' : 'revoked'
  return revoked ? `${what} is ${end}.` : `${what} was ${end} before.`
}
