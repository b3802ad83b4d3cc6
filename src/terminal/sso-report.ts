/** What a person reads after `sso-site` and `sso-token` commands. */
import { formatFacts, formatTime } from './format.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { Page } from '../database/keyset.js'
import type { IssuedToken } from '../people/sso/issue.js'
import type { SessionJson } from '../people/sso/session.js'
import type { KeyedSite, RemovedSite } from '../people/sso/sites.js'
import type { InspectedToken, RevokedToken, SsoTokenJson } from '../people/sso/tokens.js'
import type { SiteListItem } from '../views/sso-sites.js'
import type { Terminal } from './terminal.js'

/** Below this width an id is shown by its first characters; `sso-token revoke` takes those too. */
const roomForIds = 140

export function formatAddedSite(result: KeyedSite, { out }: Terminal): string {
  const { site, tenant } = result.site
  return `${out.green('✔')} ${out.bold(site)} is a site of ${tenant}.\n\n${keyText(result, out)}`
}

export function formatRotatedSite(result: KeyedSite, { out }: Terminal): string {
  const { site, earlier_keys_until: until } = result.site
  const earlier =
    until && until > result.site.created_at ? `\n\nEarlier keys are taken until ${formatTime(until)}.` : ''
  return `${out.green('✔')} ${out.bold(site)} has another key.\n\n${keyText(result, out)}${earlier}`
}

function keyText({ token }: KeyedSite, out: Terminal['out']): string {
  return `Key, shown once:\n${out.bold(token)}`
}

export function formatRemovedSite({ changed, site, revoked_tokens: revoked }: RemovedSite): string {
  if (!changed) return `${site.site} was removed already, at ${formatTime(site.removed_at)}.`
  const tokens =
    revoked === 0 ? '' : revoked === 1 ? ' 1 token is revoked.' : ` ${revoked} tokens are revoked.`
  return `${site.site} is no site of ${site.tenant} any more; its key opens nothing.${tokens}`
}

export function formatSites(
  { items }: Page<SiteListItem>,
  filtered: boolean,
  { width, out }: Terminal,
): string {
  if (items.length === 0)
    return filtered
      ? 'No site matches.'
      : 'There is no site yet. Try: erpmax sso-site add <tenant> --site <address>'
  return formatTable(
    items,
    [
      { title: 'Site', value: ({ site }) => site, flexible: true },
      { title: 'Tenant', value: ({ tenant }) => tenant, flexible: true },
      { title: 'Status', value: ({ status }) => paintState(status, out) },
      { title: 'Key', value: ({ key_prefix }) => key_prefix },
      ...(items.some((one) => one.earlier_keys_until)
        ? [
            {
              title: 'Earlier until',
              value: (one: SiteListItem) => one.earlier_keys_until && formatTime(one.earlier_keys_until),
            },
          ]
        : []),
      { title: 'Last sign-in', value: (one) => one.last_redeemed_at && formatTime(one.last_redeemed_at) },
    ],
    width,
    out.bold,
  )
}

export function formatIssuedToken(
  { sso_token: issued, token }: IssuedToken,
  { out, width }: Terminal,
): string {
  const facts = formatFacts(
    [
      ['Id', issued.id],
      ['User', `${issued.user} of ${issued.tenant}`],
      ['Opens', issued.site + issued.redirect],
      ['Until', formatTime(issued.expires_at)],
      ['Issued by', issued.operator],
      ['Because', issued.reason],
    ],
    width,
  )
  return `Token, shown once:\n${out.bold(token)}\n\n${facts}`
}

export function formatToken({ sso_token: shown }: InspectedToken, { out, width }: Terminal): string {
  return formatFacts(
    [
      ['Id', shown.id],
      ['Status', paintState(shown.status, out)],
      ['User', `${shown.user} of ${shown.tenant}`],
      ['Opens', shown.site + shown.redirect],
      ['Issued', formatTime(shown.issued_at)],
      ['Until', formatTime(shown.expires_at)],
      ['Redeemed', shown.redeemed_at && formatTime(shown.redeemed_at)],
      ['Issued by', shown.operator],
      ['Because', shown.reason],
    ],
    width,
  )
}

export function formatSession({ session }: { session: SessionJson }, { out, width }: Terminal): string {
  const { user, tenant, operator } = session
  const head = `${out.green('✔')} ${out.bold(user.email)} is let in to ${session.site}${session.redirect}`
  return `${head}\n\n${formatFacts(
    [
      ['Name', user.full_name],
      ['Tenant', `${tenant.name} (${tenant.subdomain})`],
      ['Role', `${session.role}, ${session.erp_role} in the ERP${session.read_only ? ', read only' : ''}`],
      ['Modules', session.modules.join(', ') || 'none'],
      ['Asked for by', operator && `${operator.name}: ${operator.reason}`],
    ],
    width,
  )}`
}

export function formatRevokedToken({ changed, sso_token: { id, user, site, status } }: RevokedToken): string {
  return changed
    ? `Token ${id} of ${user} for ${site} is revoked.`
    : `Token ${id} of ${user} is ${status} already: it opens nothing.`
}

export function formatTokens(
  { items }: Page<SsoTokenJson>,
  filtered: boolean,
  { width, out }: Terminal,
): string {
  if (items.length === 0) return filtered ? 'No token matches.' : 'No token was issued yet.'
  return formatTable(
    items,
    [
      { title: 'Id', value: ({ id }) => (width < roomForIds ? id.slice(0, 8) : id) },
      { title: 'Issued', value: (one) => formatTime(one.issued_at) },
      { title: 'User', value: ({ user }) => user, flexible: true },
      { title: 'Tenant', value: ({ tenant }) => tenant, flexible: true },
      { title: 'Opens', value: (one) => one.site.replace(/^https:../, '') + one.redirect, flexible: true },
      { title: 'Status', value: ({ status }) => paintState(status, out) },
      ...(items.some(({ operator }) => operator)
        ? [{ title: 'By', value: ({ operator }: SsoTokenJson) => operator, flexible: true }]
        : []),
    ],
    width,
    out.bold,
  )
}
