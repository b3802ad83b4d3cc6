/** Business days are plain dates (`YYYY-MM-DD`) in a named time zone; instants are `Date`. */
import { Temporal } from 'temporal-polyfill'

/** A calendar day, `YYYY-MM-DD`. */
export type PlainDate = string

/** The day it is at `instant` in `timeZone` (an IANA name). */
export function dayIn(timeZone: string, instant: Date): PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString()
}

export function addDays(day: PlainDate, days: number): PlainDate {
  return Temporal.PlainDate.from(day).add({ days }).toString()
}

/**
 * The n-th billing date: anchor + n cycles, clamped to the end of the month and always counted from the
 * anchor (billing rule 1): 31 January gives 28 February, then 31 March.
 */
export function billingDate(anchor: PlainDate, cycle: 'monthly' | 'annual', n: number): PlainDate {
  const step = cycle === 'monthly' ? { months: n } : { years: n }
  return Temporal.PlainDate.from(anchor).add(step, { overflow: 'constrain' }).toString()
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
