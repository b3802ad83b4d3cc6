/** Reads what providers send: each field with its type, and a SyntaxError where it is not there. */
import { isUtf8 } from 'node:buffer'
import type { Money } from '../kernel/money.js'

export type Json = Readonly<Record<string, unknown>>

/** @throws SyntaxError where the bytes are not UTF-8 with one JSON object in them */
export function parseJson(body: Buffer): Json {
  if (!isUtf8(body)) throw new SyntaxError('the body is not UTF-8')
  // As the SDK of Stripe does, a mark of the byte order is passed over.
  return record(JSON.parse(new TextDecoder().decode(body)), 'the body')
}

/** What `read` makes of it, or null where something is missing or of another type. */
export function orNone<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

export function record(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError(`${name} is not an object`)
  return value as Json
}

/** An object, or nothing: providers write `[]`, `{}` and null for it. */
export function recordOrNone(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

export function text(from: Json, name: string): string {
  const value = from[name]
  if (typeof value !== 'string' || value === '') throw new SyntaxError(`${name} is missing`)
  return value
}

/** Null where it is missing, empty, or no text. */
export function textOrNone(from: Json, name: string): string | null {
  const value = from[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export function integer(from: Json, name: string): number {
  const value = from[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new SyntaxError(`${name} is not a whole number`)
  return value
}

/** Seconds since 1970, as both providers write times. */
export function instant(from: Json, name: string): Date {
  return new Date(integer(from, name) * 1000)
}

/** Null where it is missing or 0, which Razorpay writes for "never". */
export function instantOrNone(from: Json, name: string): Date | null {
  const value = from[name]
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? new Date(value * 1000) : null
}

/** Minor units of ISO 4217; the currency in capitals, however it is written. */
export function money(from: Json, name: string): Money {
  return { amountMinor: BigInt(integer(from, name)), currency: text(from, 'currency').toUpperCase() }
}
