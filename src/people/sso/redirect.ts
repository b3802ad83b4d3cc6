/** Where somebody lands after they are signed in: a path on the site itself, whoever reads it and however often it is decoded. */
import { ErpmaxError } from '../../kernel/errors.js'

const longest = 2000
/** Each proxy and framework on the way may decode once more. */
const decodings = 5

/**
 * The path as browsers write it; resolved against any site it stays on that site.
 * @param text begins with a slash: `/app/sales-invoice?status=Paid`
 * @throws usage `sso.redirect_invalid`
 */
export function redirectPath(text: string): string {
  const wrong = text.length > longest ? `has more than ${longest} characters` : faultOf(text)
  if (wrong !== null) throw invalid(text, wrong)
  // Any site does: what is decided here does not depend on which.
  const url = new URL(text, placeholder)
  const path = url.pathname + url.search + url.hash
  const after = path.length > longest ? 'is too long once it is encoded' : faultOf(path)
  if (after !== null || url.origin !== placeholder || url.username !== '')
    throw invalid(text, after ?? 'leads to another host')
  return path
}

const placeholder = 'https://site.invalid'

/** What is wrong with it as it stands, or with what it becomes when it is decoded. */
function faultOf(text: string): string | null {
  if (!text.startsWith('/')) return 'does not begin with a slash'
  if (text.includes('\\')) return 'holds a backslash'
  if (!isUtf8(text)) return 'is encoded badly'
  let seen = text
  for (let round = 0; round <= decodings; round += 1) {
    const fault = faultAsItStands(seen)
    if (fault) return fault
    const next = decoded(seen)
    if (next === seen) return null
    seen = next
  }
  return 'is encoded over and over'
}

function faultAsItStands(text: string): string | null {
  // Joiners are letters' business in many scripts; what turns the direction of a text is nobody's here.
  if (/[\p{Cc}\u2028-\u202e\u2066-\u2069\ufeff]/u.test(text)) return 'holds control characters'
  const path = pathOf(text)
  if (path.includes('\\')) return 'holds a backslash'
  // After `/..` or `/.` a second slash would begin a host.
  if (path.includes('//')) return 'holds two slashes in a row'
  if (path.split('/').some((part) => part === '.' || part === '..')) return 'holds . or .. as a folder'
  return null
}

function pathOf(text: string): string {
  return text.split(/[?#]/, 1)[0] ?? ''
}

function isUtf8(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** Each piece that is valid UTF-8; of others the ASCII, which whoever reads bytes would decode. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (piece) =>
    isUtf8(piece)
      ? decodeURIComponent(piece)
      : piece.replace(/%[0-7][0-9a-f]/gi, (one) => decodeURIComponent(one)),
  )
}

function invalid(text: string, why: string): ErpmaxError {
  const shown = JSON.stringify(text.slice(0, 80))
  return new ErpmaxError(
    'usage',
    'sso.redirect_invalid',
    `${shown} ${why}: a redirect is a path on the site`,
    { hint: '--redirect /app' },
  )
}
