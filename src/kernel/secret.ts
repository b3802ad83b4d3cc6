/** A value that must not be printed: every way of turning it into text gives `[redacted]`. */
import { inspect } from 'node:util'

export const redacted = '[redacted]'

export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself, for the one place that needs it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [inspect.custom](): string {
    return redacted
  }
}

/**
 * Hides the password of every `scheme://user:password@host` in a text. It is taken to end at the last `@`,
 * since people leave that unescaped in it: rather too much is hidden than a part of it shown.
 */
export function redactUrls(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):[^\s]*@/gi, '$1:[redacted]@')
}

/** Keys of this program that were typed where their name is asked for: the part that names them stays. */
export function redactKeys(text: string): string {
  return text
    .replace(/(erpmax_[0-9a-f]{8})_[\w-]+/g, '$1_[redacted]')
    .replace(/(erpsite_[\w-]{6})[\w-]+/g, '$1[redacted]')
}

/** Hides every number of a card: 13 to 19 digits, spaces and hyphens between them or not, whose check digit is right. */
export function redactCards(text: string): string {
  return text.replace(/(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g, (found) => (isCard(found) ? redacted : found))
}

/** By Luhn's formula. */
function isCard(text: string): boolean {
  const digits = [...text.replace(/\D/g, '')].reverse().map(Number)
  const sum = digits.reduce((total, digit, at) => {
    const value = at % 2 === 0 ? digit : digit * 2
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
