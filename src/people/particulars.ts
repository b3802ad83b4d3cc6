/** What a person is known by: an address in lower case, and a name that is one line of text. */
import * as z from 'zod'
import { ErpmaxError } from '../kernel/errors.js'

export const userLanguages = ['en', 'hi', 'uk'] as const

export type UserLanguage = (typeof userLanguages)[number]

/**
 * Trimmed and in lower case. Letters beyond ASCII are refused before they are lowered: the Kelvin sign would become
 * a plain k, and the address another person's.
 * @throws usage `user.email_invalid`
 */
export function emailAddress(text: string): string {
  const address = addressIn(text)
  if (address !== null) return address
  throw new ErpmaxError('usage', 'user.email_invalid', `${quoted(text)} is not an e-mail address`, {
    hint: 'Such as jane@example.com: Latin letters, digits and signs only',
  })
}

/** The same, or null for what is no address and so nobody's. */
export function addressIn(text: string): string | null {
  const trimmed = text.trim()
  const parsed = z.email().max(254).safeParse(trimmed)
  return /^[!-~]+$/.test(trimmed) && parsed.success ? parsed.data.toLowerCase() : null
}

const longestName = 200
/** What does not print, begins another line, turns the direction of writing, or cannot be stored. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** @throws usage `user.name_invalid` */
export function fullName(text: string): string {
  return lineOf(text, 'user.name_invalid', 'A name')
}

/** Trimmed, one line, 1 to 200 characters; anything else in it is text. @throws usage with that code */
export function lineOf(text: string, code: string, what: string): string {
  const line = text.normalize('NFC').trim()
  if (line !== '' && [...line].length <= longestName && !unprintable.test(line)) return line
  throw new ErpmaxError(
    'usage',
    code,
    line === ''
      ? `${what} cannot be empty`
      : unprintable.test(line)
        ? `${what} is one line of characters that print`
        : `${what} has at most ${longestName} characters`,
  )
}

/** For messages: what does not print is left out, and a long text cut. */
export function quoted(text: string): string {
  const shown = [...text].filter((one) => !unprintable.test(one)).join('')
  return `"${shown.slice(0, 80)}"`
}
