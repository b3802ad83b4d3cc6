/** Billing periods (rules 1 and 2): half-open, counted from the anchor, without a gap or an overlap, in any zone. */
import { expect } from 'chai'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import {
  daysOf,
  nthPeriod,
  overlap,
  periodContaining,
  periodIndex,
  type Period,
} from '../../src/billing/periods.js'
import { addDays, dayIn, daysBetween, isTimeZone, type PlainDate } from '../../src/kernel/dates.js'
import type { Cycle } from '../../src/subscriptions/catalogue.js'

const cycles = ['monthly', 'annual'] as const
const inTenYears = { monthly: 120, annual: 10 }
const cycle = fc.constantFrom(...cycles)
const day = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2090-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

/** Milliseconds at midnight UTC: days reckoned without the library under test. */
const at = (date: PlainDate): number => Date.parse(`${date}T00:00:00Z`)

/** Rule 1 said in another way: the anchor's day in the n-th month after it, or the last day that month has. */
function dateByRule(anchor: PlainDate, cycle: Cycle, n: number): PlainDate {
  const [year = 0, month = 0, dayOfMonth = 0] = anchor.split('-').map(Number)
  const months = year * 12 + month - 1 + (cycle === 'monthly' ? n : 12 * n)
  const lastDay = new Date(Date.UTC(Math.floor(months / 12), (months % 12) + 1, 0)).getUTCDate()
  const date = Date.UTC(Math.floor(months / 12), months % 12, Math.min(dayOfMonth, lastDay))
  return new Date(date).toISOString().slice(0, 10)
}

function tenYears(anchor: PlainDate, cycle: Cycle): Period[] {
  return Array.from({ length: inTenYears[cycle] }, (_, n) => nthPeriod(anchor, cycle, n))
}

/** Each begins where the one before ends, on the date of the rule; all together are the ten years. */
function expectTiles(anchor: PlainDate, cycle: Cycle): void {
  const periods = tenYears(anchor, cycle)
  expect(periods.map(({ from }) => from)).to.deep.equal(periods.map((_, n) => dateByRule(anchor, cycle, n)))
  expect(periods.map(({ to }) => to)).to.deep.equal(periods.map((_, n) => dateByRule(anchor, cycle, n + 1)))
  for (const { from, to } of periods) expect(from < to, `${from} to ${to}`).to.equal(true)
  const days = periods.reduce((sum, period) => sum + daysOf(period), 0)
  expect(days).to.equal((at(dateByRule(anchor, cycle, inTenYears[cycle])) - at(anchor)) / 86_400_000)
}

describe('periods', () => {
  it('of an anchor on 31 January end with each month', () => {
    const periods = [0, 1, 2, 3].map((n) => nthPeriod('2026-01-31', 'monthly', n))
    expect(periods).to.deep.equal([
      { from: '2026-01-31', to: '2026-02-28' },
      { from: '2026-02-28', to: '2026-03-31' },
      { from: '2026-03-31', to: '2026-04-30' },
      { from: '2026-04-30', to: '2026-05-31' },
    ])
    expect(periods.map(daysOf)).to.deep.equal([28, 31, 30, 31])
  })

  it('of a year from 29 February fall on the 28th, and on the 29th again in the next leap year', () => {
    const periods = [0, 1, 2, 3, 4].map((n) => nthPeriod('2028-02-29', 'annual', n))
    expect(periods.map(({ from }) => from)).to.deep.equal([
      ...['2028-02-29', '2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29'],
    ])
    expect(periods.map(daysOf)).to.deep.equal([365, 365, 365, 366, 365])
  })

  for (const anchor of ['2026-01-29', '2026-01-30', '2026-01-31', '2028-01-29', '2028-02-29', '2027-12-31'])
    for (const each of cycles) it(`${each} from ${anchor} tile ten years`, () => expectTiles(anchor, each))

  it('from any day tile ten years', () => {
    fc.assert(fc.property(day, cycle, expectTiles), { numRuns: 60 })
  })

  it('are the same wherever the computer is', () => {
    const here = process.env.TZ
    const zones = ['UTC', 'Asia/Kolkata', 'America/Los_Angeles', 'Pacific/Kiritimati', 'Europe/London']
    try {
      const all = zones.map((zone) => {
        process.env.TZ = zone
        return ['2026-01-29', '2026-01-30', '2026-01-31'].flatMap((anchor) =>
          tenYears(anchor, 'monthly').map((period) => ({
            ...period,
            days: daysOf(period),
            index: periodIndex(anchor, 'monthly', period.to),
          })),
        )
      })
      for (const one of all) expect(one).to.deep.equal(all[0])
    } finally {
      process.env.TZ = here
    }
  })

  it('tile ten years where the tenant is too, in any time zone: one ends at the instant the next begins', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter(isTimeZone)
    const anchors = fc.constantFrom('2026-01-29', '2026-01-30', '2026-01-31')
    fc.assert(
      fc.property(fc.constantFrom(...zones), anchors, fc.integer({ min: 0, max: 119 }), (zone, anchor, n) => {
        const period = nthPeriod(anchor, 'monthly', n)
        const next = Temporal.PlainDate.from(period.to).toZonedDateTime(zone).epochMilliseconds
        const at = (ms: number): Period => periodContaining(anchor, 'monthly', dayIn(zone, new Date(ms)))
        expect(at(next - 1), `${zone} ${period.to}`).to.deep.equal(period)
        expect(at(next), `${zone} ${period.to}`).to.deep.equal(nthPeriod(anchor, 'monthly', n + 1))
      }),
      { numRuns: 400 },
    )
  })

  it('begin where the tenant is: 18:30 UTC is the billing day in India already', () => {
    const inPeriodOf = (instant: string, zone: string): Period =>
      periodContaining('2026-01-31', 'monthly', dayIn(zone, new Date(instant)))
    expect(inPeriodOf('2026-02-27T18:30:00Z', 'Asia/Kolkata').from).to.equal('2026-02-28')
    expect(inPeriodOf('2026-02-27T18:29:59Z', 'Asia/Kolkata').from).to.equal('2026-01-31')
    expect(inPeriodOf('2026-02-27T18:30:00Z', 'UTC').from).to.equal('2026-01-31')
  })
})

describe('the period of a day', () => {
  it('is the one that begins with it, not the one that ends', () => {
    expect(periodContaining('2026-01-31', 'monthly', '2026-02-28')).to.deep.equal({
      from: '2026-02-28',
      to: '2026-03-31',
    })
    expect(periodContaining('2026-01-31', 'monthly', '2026-02-27').to).to.equal('2026-02-28')
    expect(periodContaining('2028-02-29', 'annual', '2029-02-28').from).to.equal('2029-02-28')
    expect(periodContaining('2028-02-29', 'annual', '2029-02-27').from).to.equal('2028-02-29')
  })

  it('comes back to the 31st after a short month: a clamped date is not what the next is counted from', () => {
    expect(periodContaining('2026-01-31', 'monthly', '2026-03-30').from).to.equal('2026-02-28')
    expect(periodContaining('2026-01-31', 'monthly', '2026-03-31').from).to.equal('2026-03-31')
  })

  it('before the anchor is counted backwards', () => {
    expect(periodIndex('2026-03-31', 'monthly', '2026-03-30')).to.equal(-1)
    expect(periodContaining('2026-03-31', 'monthly', '2026-03-30')).to.deep.equal({
      from: '2026-02-28',
      to: '2026-03-31',
    })
  })

  it('holds it, is the n-th, and is the only one that does', () => {
    fc.assert(
      fc.property(day, cycle, fc.integer({ min: -4_000, max: 4_000 }), (anchor, each, distance) => {
        const date = addDays(anchor, distance)
        const n = periodIndex(anchor, each, date)
        const holding = [n - 1, n, n + 1].filter((index) => {
          const { from, to } = nthPeriod(anchor, each, index)
          return from <= date && date < to
        })
        expect(holding).to.deep.equal([n])
        expect(periodContaining(anchor, each, date)).to.deep.equal(nthPeriod(anchor, each, n))
      }),
    )
  })
})

describe('days', () => {
  it('are counted on the calendar, not in hours', () => {
    expect(daysBetween('2026-02-10', '2026-02-28')).to.equal(18)
    expect(daysBetween('2028-02-28', '2028-03-01')).to.equal(2)
    expect(daysBetween('2026-03-31', '2026-03-30')).to.equal(-1)
    // London's clock goes forward on 29 March: that day has 23 hours, and is one day.
    expect(daysOf({ from: '2026-03-29', to: '2026-03-30' })).to.equal(1)
    fc.assert(
      fc.property(day, day, (from, to) => {
        expect(daysBetween(from, to)).to.equal((at(to) - at(from)) / 86_400_000)
      }),
    )
  })
})

describe('the part of a period', () => {
  const period = { from: '2026-04-05', to: '2026-05-05' }
  const parts: [string, { from: PlainDate; to: PlainDate | null }, Period | null][] = [
    ['all of it where nothing ends', { from: '2026-01-01', to: null }, period],
    ['from the day something begins', { from: '2026-04-20', to: null }, { ...period, from: '2026-04-20' }],
    ['up to the day it ends', { from: '2026-01-01', to: '2026-04-20' }, { ...period, to: '2026-04-20' }],
    ['what lies within', { from: '2026-04-10', to: '2026-04-11' }, { from: '2026-04-10', to: '2026-04-11' }],
    ['nothing where it ended the day the period begins', { from: '2026-01-01', to: '2026-04-05' }, null],
    ['nothing where it begins the day the period ends', { from: '2026-05-05', to: null }, null],
    ['nothing of what was held on no day', { from: '2026-04-20', to: '2026-04-20' }, null],
  ]
  for (const [name, range, part] of parts)
    it(`is ${name}`, () => expect(overlap(period, range)).to.deep.equal(part))
})
