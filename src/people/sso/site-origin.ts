/** Which addresses a site may have, and the one way each of them is written. */
import { ErpmaxError } from '../../kernel/errors.js'
import { redactKeys } from '../../kernel/secret.js'

const longest = 255

/**
 * `https://erp.acme.test`: scheme, host and port as a browser writes an origin, without user, path, query or fragment.
 * @param production http is for this machine alone, and for production not at all
 * @throws usage `sso.site_invalid`
 */
export function siteOrigin(text: string, production: boolean): string {
  const given = text.trim()
  const url = /^https?:\/\/[^/\\]/i.test(given) && !hasStrayCharacters(given) ? parsed(given) : null
  if (!url || given.length > longest)
    throw invalid(text, 'is not the address of a site', 'https://erp.example.com')
  if (url.username || url.password || given.split(/[/?#]/, 3)[2]?.includes('@'))
    throw invalid(text, 'names a user: a site has none', bare(url))
  // `?` and `#` without anything behind them leave no trace in what was parsed.
  if (url.pathname !== '/' || /[?#]/.test(given))
    throw invalid(text, 'has more than scheme, host and port', bare(url))
  if (!/^[a-z0-9._:[\]-]+$/.test(url.host) || url.hostname.includes('..'))
    throw invalid(text, 'has a host that no browser would write', 'https://erp.example.com')
  if (url.protocol === 'http:' && (production || !isLocal(url.hostname)))
    throw invalid(text, 'is not https', `https://${url.host}`)
  return bare(url)
}

function bare(url: URL): string {
  // `erp.acme.test.` is the same host.
  const host = url.hostname.replace(/\.$/, '')
  return `${url.protocol}//${host}${url.port ? `:${url.port}` : ''}`
}

function parsed(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}

/** The parser drops tabs and line breaks, and takes a backslash for a slash: whoever writes them means something else. */
function hasStrayCharacters(text: string): boolean {
  return /[\s\\\p{Cc}\p{Cf}]/u.test(text)
}

function isLocal(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
  )
}

function invalid(text: string, why: string, example: string): ErpmaxError {
  const shown = JSON.stringify(redactKeys(text).slice(0, 80))
  return new ErpmaxError('usage', 'sso.site_invalid', `${shown} ${why}`, {
    hint: `--site ${example}`,
    details: { site: redactKeys(text).slice(0, longest) },
  })
}
