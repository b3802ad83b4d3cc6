/** A tenant's free settings, as they are typed: `key=value`, the value JSON where it is JSON. */
import { ErpmaxError } from '../kernel/errors.js'

export type Settings = Record<string, unknown>

const keyPattern = /^[a-z][a-z0-9_.-]{0,63}$/

/** Of the whole as JSON text; the database has the same limit. */
const most = 65_536

/**
 * The settings after the changes, in a new object.
 * @param set `key=value` each
 * @throws usage `tenant.settings_invalid`
 */
export function changedSettings(
  current: Settings,
  set: readonly string[],
  unset: readonly string[],
): Settings {
  const changed = new Map(Object.entries(current))
  const given = set.map(parsed)
  for (const key of unset) {
    requireKey(key)
    if (given.some(([other]) => other === key)) throw invalid(`${key} is set and taken away at once`)
    changed.delete(key)
  }
  for (const [key, value] of given) changed.set(key, value)
  const settings = Object.fromEntries(changed)
  if (Buffer.byteLength(JSON.stringify(settings)) > most * 0.9)
    throw invalid('The settings come to more than 58 kB')
  return settings
}

function parsed(text: string): [string, unknown] {
  const at = text.indexOf('=')
  if (at < 0) throw invalid(`"${text.slice(0, 80)}" is not key=value`)
  const key = text.slice(0, at)
  requireKey(key)
  return [key, valueOf(text.slice(at + 1))]
}

/** `true`, `5`, `["a"]` are JSON; `007`, `1.50` and `dark` are text, as is what stands in quotes. */
function valueOf(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return text
  }
  return typeof value === 'number' && String(value) !== text ? text : value
}

function requireKey(key: string): void {
  if (!keyPattern.test(key))
    throw invalid(`"${key.slice(0, 80)}" is not a key: a to z first, then a-z, 0-9, _ . or -`)
}

function invalid(message: string): ErpmaxError {
  return new ErpmaxError('usage', 'tenant.settings_invalid', message, {
    hint: '--set theme=dark --set beta=true --unset motto',
  })
}
