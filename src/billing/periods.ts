/** Billing periods: half-open ranges of days that tile time from the anchor on (billing rules 1 and 2). */
import { billingDate, daysBetween, type PlainDate } from '../kernel/dates.js'
import type { Cycle } from '../subscriptions/catalogue.js'

/** `[from, to)`: the day `to` belongs to the next one. */
export interface Period {
  from: PlainDate
  to: PlainDate
}

/** `to` null: it goes on. */
export interface OpenPeriod {
  from: PlainDate
  to: PlainDate | null
}

export function daysOf(period: Period): number {
  return daysBetween(period.from, period.to)
}

/** The n-th period, counted from the anchor; n may be negative. */
export function nthPeriod(anchor: PlainDate, cycle: Cycle, n: number): Period {
  return { from: billingDate(anchor, cycle, n), to: billingDate(anchor, cycle, n + 1) }
}

/**
 * Which period a day lies in. Counted in whole months (years) from the anchor's own month, which is exact or one
 * too far; never from the previous billing date, which may have been clamped.
 */
export function periodIndex(anchor: PlainDate, cycle: Cycle, day: PlainDate): number {
  const [from, to] = [monthOf(anchor), monthOf(day)]
  const years = to.year - from.year
  const n = cycle === 'annual' ? years : years * 12 + to.month - from.month
  return billingDate(anchor, cycle, n) <= day ? n : n - 1
}

function monthOf(day: PlainDate): { year: number; month: number } {
  return { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)) }
}

export function periodContaining(anchor: PlainDate, cycle: Cycle, day: PlainDate): Period {
  return nthPeriod(anchor, cycle, periodIndex(anchor, cycle, day))
}

/** The part of `period` that lies in `range` (`to` null: without end), or null where there is none. */
export function overlap(period: Period, range: OpenPeriod): Period | null {
  const from = period.from > range.from ? period.from : range.from
  const to = range.to !== null && range.to < period.to ? range.to : period.to
  return from < to ? { from, to } : null
}

/** What is left of `period`, in order, once the days of the `gaps` are taken out; they may overlap. */
export function without(period: Period, gaps: readonly OpenPeriod[]): Period[] {
  const left: Period[] = []
  let from = period.from
  for (const gap of [...gaps].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    if (gap.from > from) left.push({ from, to: gap.from < period.to ? gap.from : period.to })
    if (gap.to === null || gap.to > from) from = gap.to ?? period.to
    if (from >= period.to || gap.from >= period.to) break
  }
  const last = left.at(-1)
  if (from < period.to && (last === undefined || last.to < period.to)) left.push({ from, to: period.to })
  return left.filter((piece) => piece.from < piece.to)
}
