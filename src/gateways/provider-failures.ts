/** What it means that a call got no answer, or not the right one: both providers' SDKs say it in words of their own. */

import { redactCards, redacted } from '../kernel/secret.js'

/** Codes of a connection that was never made: nothing was sent on it. */
const unreached = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Whether not a byte of the request can have arrived. */
export function wasNeverSent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, syscall, errors } = error as { code?: unknown; syscall?: unknown; errors?: unknown }
  if (Array.isArray(errors) && errors.length > 0) return errors.every(wasNeverSent)
  if (syscall === 'connect') return true
  return (
    typeof code === 'string' &&
    (unreached.has(code) || /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code))
  )
}

/** `Retry-After` in seconds, as milliseconds; null for anything else. */
export function retryAfter(header: unknown): number | null {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null
}

/** The time an answer was sent, from its `Date` header, to the second. */
export function sentAt(header: unknown): Date | null {
  const at = new Date(typeof header === 'string' ? header : Number.NaN)
  return Number.isNaN(at.getTime()) ? null : at
}

/** Providers repeat keys in what they say about them; what they never say is hidden all the same. */
export function withoutSecrets(message: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (said, secret) => (secret === '' ? said : said.replaceAll(secret, redacted)),
    redactCards(message),
  )
}
