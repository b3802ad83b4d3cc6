/** Business days are plain dates (`YYYY-MM-DD`) in a named time zone; instants are `Date`. */
import { Temporal } from 'temporal-polyfill'
import { ErpmaxError } from './errors.js'
import { remembered } from './memo.js'

/** A calendar day, `YYYY-MM-DD`. */
export type PlainDate = string

/** The day it is at `instant` in `timeZone` (an IANA name). */
export function dayIn(timeZone: string, instant: Date): PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString()
}

export const addDays = remembered((day: PlainDate, days: number): PlainDate =>
  Temporal.PlainDate.from(day).add({ days }).toString(),
)

/** Days from one day to another; negative where `to` is earlier. */
export const daysBetween = remembered(
  (from: PlainDate, to: PlainDate): number =>
    Temporal.PlainDate.from(from).until(to, { largestUnit: 'day' }).days,
)

/** The instant at which the month began that it is at `instant` in `timeZone`. */
export function monthBegan(timeZone: string, instant: Date): Date {
  const now = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone)
  return new Date(now.with({ day: 1 }).startOfDay().epochMilliseconds)
}

/**
 * The n-th billing date: anchor + n cycles, clamped to the end of the month and always counted from the
 * anchor (billing rule 1): 31 January gives 28 February, then 31 March.
 */
export const billingDate = remembered(
  (anchor: PlainDate, cycle: 'monthly' | 'annual', n: number): PlainDate => {
    const step = cycle === 'monthly' ? { months: n } : { years: n }
    return Temporal.PlainDate.from(anchor).add(step, { overflow: 'constrain' }).toString()
  },
)

/** A day as people type it, `2026-03-31`. @throws usage `usage.date_invalid` */
export function plainDate(text: string): PlainDate {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text))
      return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString()
  } catch {
    // Told below, together with every other text that is no day.
  }
  throw new ErpmaxError('usage', 'usage.date_invalid', `"${text.slice(0, 40)}" is not a day`, {
    hint: 'Write 2026-03-31',
  })
}

/** Whether the runtime knows the time zone. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return /^[A-Za-z]/.test(name)
  } catch {
    return false
  }
}

/** An instant at which it is that day in `timeZone`: its noon. */
export function noonIn(timeZone: string, day: PlainDate): Date {
  const noon = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone, plainTime: '12:00' })
  return new Date(noon.epochMilliseconds)
}

const minutes = { m: 1, h: 60, d: 24 * 60 } as const

/**
 * One end of a stretch of time as people type it: RFC 3339, a day in UTC, or an age such as `24h`.
 * @param edge of a day: where it begins, or where the next one does
 * @throws usage `usage.time_invalid`
 */
export function instantFrom(text: string, now: Date, edge: 'beginning' | 'end'): Date {
  const age = /^(\d{1,6})([mhd])$/.exec(text)
  if (age) return new Date(now.getTime() - Number(age[1]) * minutes[age[2] as 'm' | 'h' | 'd'] * 60_000)
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
      const day = Temporal.PlainDate.from(text).add({ days: edge === 'end' ? 1 : 0 })
      return new Date(`${day.toString()}T00:00:00Z`)
    }
    return new Date(Temporal.Instant.from(text).epochMilliseconds)
  } catch (cause) {
    throw new ErpmaxError('usage', 'usage.time_invalid', `"${text.slice(0, 40)}" is not a time`, {
      hint: 'Write 2026-03-31T18:30:00Z, 2026-03-31, or an age: 30m, 24h, 7d',
      cause,
    })
  }
}

/**
 * From when on something is looked for: as `instantFrom` reads the beginning of it. What is still to come holds nothing, and
 * an empty answer would pass for a good one.
 * @throws usage `usage.time_invalid`, `usage.time_in_future`
 */
export function sinceFrom(text: string, now: Date): Date {
  const since = instantFrom(text, now, 'beginning')
  if (since <= now) return since
  const time = `${now.toISOString().slice(0, 19)}Z`
  throw new ErpmaxError('usage', 'usage.time_in_future', `${text} is still to come: it is ${time}`, {
    hint: `--since ${time.slice(0, 10)}`,
    details: { since: since.toISOString(), now: now.toISOString() },
  })
}

/** The instant at which the day begins in `timeZone`: its midnight, or what comes after it where clocks jump over that. */
export function dayBegins(timeZone: string, day: PlainDate): Date {
  return new Date(Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds)
}
