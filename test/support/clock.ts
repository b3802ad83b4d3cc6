/** What time it is for the program: tests move the clock, and never wait. */
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'

export function atInstant<C extends Pick<Context, 'clock'>>(ctx: C, instant: string): C {
  return { ...ctx, clock: { now: () => new Date(instant) } }
}

/** It is noon in India, and the same day from New York to Kiritimati. */
export function onDay<C extends Pick<Context, 'clock'>>(ctx: C, day: PlainDate): C {
  return atInstant(ctx, `${day}T06:30:00Z`)
}
