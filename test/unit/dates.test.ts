/** Days and billing dates: from the anchor, to the end of the month, in the zone of the tenant. */
import { expect } from 'chai'
import fc from 'fast-check'
import {
  addDays,
  billingDate,
  dayIn,
  isTimeZone,
  noonIn,
  plainDate,
  type PlainDate,
} from '../../src/kernel/dates.js'
import { thrown } from '../support/errors.js'

/** Milliseconds of a day at midnight UTC, reckoned without the library under test. */
function instantOf(day: PlainDate): number {
  return Date.parse(`${day}T00:00:00Z`)
}

function daysBetween(from: PlainDate, to: PlainDate): number {
  return (instantOf(to) - instantOf(from)) / 86_400_000
}

const day = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2090-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

describe('billing dates', () => {
  const first = (anchor: PlainDate, count: number): PlainDate[] =>
    Array.from({ length: count }, (_, n) => billingDate(anchor, 'monthly', n))

  it('keep to the end of the month where the anchor is the 31st', () => {
    expect(first('2026-01-31', 6)).to.deep.equal([
      ...['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30'],
    ])
  })

  it('come back to the 30th and the 29th after February', () => {
    expect(first('2026-01-30', 3)).to.deep.equal(['2026-01-30', '2026-02-28', '2026-03-30'])
    expect(first('2026-01-29', 3)).to.deep.equal(['2026-01-29', '2026-02-28', '2026-03-29'])
  })

  it('know the 29 February of a leap year', () => {
    expect(first('2028-01-31', 3)).to.deep.equal(['2028-01-31', '2028-02-29', '2028-03-31'])
    expect(first('2028-01-29', 3)).to.deep.equal(['2028-01-29', '2028-02-29', '2028-03-29'])
  })

  it('of a year begun on 29 February fall on the 28th, and on the 29th in the next leap year', () => {
    const years = [0, 1, 2, 3, 4].map((n) => billingDate('2028-02-29', 'annual', n))
    expect(years).to.deep.equal(['2028-02-29', '2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29'])
  })

  it('go back before the anchor as they go on after it', () => {
    expect(billingDate('2026-03-31', 'monthly', -1)).to.equal('2026-02-28')
  })

  it('cut ten years into periods without a gap, an overlap or an odd length', () => {
    fc.assert(
      fc.property(day, fc.constantFrom('monthly' as const, 'annual' as const), (anchor, cycle) => {
        const count = cycle === 'monthly' ? 120 : 10
        const lengths = Array.from({ length: count }, (_, n) =>
          daysBetween(billingDate(anchor, cycle, n), billingDate(anchor, cycle, n + 1)),
        )
        const [shortest, longest] = cycle === 'monthly' ? [28, 31] : [365, 366]
        for (const length of lengths) expect(length).to.be.within(shortest, longest)
        const whole = daysBetween(anchor, billingDate(anchor, cycle, count))
        expect(lengths.reduce((sum, length) => sum + length, 0)).to.equal(whole)
        expect(whole).to.be.within(3_651, 3_653)
      }),
    )
  })

  it('fall on the day of the anchor or on the last of a shorter month', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 120 }), (anchor, n) => {
        const date = billingDate(anchor, 'monthly', n)
        const [wanted, got] = [Number(anchor.slice(8)), Number(date.slice(8))]
        if (got === wanted) return
        expect(got).to.be.below(wanted)
        expect(addDays(date, 1).slice(8)).to.equal('01')
      }),
    )
  })
})

describe('days', () => {
  it('begin where the tenant is', () => {
    const instant = new Date('2026-03-31T18:30:00Z')
    expect(dayIn('Asia/Kolkata', instant)).to.equal('2026-04-01')
    expect(dayIn('Asia/Kolkata', new Date(instant.getTime() - 1))).to.equal('2026-03-31')
    expect(dayIn('UTC', instant)).to.equal('2026-03-31')
    expect(dayIn('America/Los_Angeles', new Date('2026-01-01T07:59:59Z'))).to.equal('2025-12-31')
    expect(dayIn('Pacific/Kiritimati', new Date('2025-12-31T10:00:00Z'))).to.equal('2026-01-01')
  })

  it('are counted on the calendar, over the change of the clock too', () => {
    expect(addDays('2026-02-28', 1)).to.equal('2026-03-01')
    expect(addDays('2028-02-28', 1)).to.equal('2028-02-29')
    expect(addDays('2026-01-01', -1)).to.equal('2025-12-31')
    fc.assert(
      fc.property(day, fc.integer({ min: -4_000, max: 4_000 }), (from, days) => {
        expect(daysBetween(from, addDays(from, days))).to.equal(days)
      }),
    )
  })
})

describe('noon of a day', () => {
  it('is that day in every zone', () => {
    for (const zone of [
      'Pacific/Kiritimati',
      'Asia/Kolkata',
      'UTC',
      'America/Los_Angeles',
      'Pacific/Pago_Pago',
    ])
      expect(dayIn(zone, noonIn(zone, '2026-04-05')), zone).to.equal('2026-04-05')
    expect(noonIn('Asia/Kolkata', '2026-04-05').toISOString()).to.equal('2026-04-05T06:30:00.000Z')
  })
})

describe('time zones', () => {
  for (const name of ['Asia/Kolkata', 'Europe/Kyiv', 'UTC', 'America/Argentina/Buenos_Aires']) {
    it(`know ${name}`, () => expect(isTimeZone(name)).to.equal(true))
  }
  for (const name of ['', 'Asia/Atlantis', '+05:30', 'Kolkata', "Asia/Kolkata'; drop schema public"]) {
    it(`refuse "${name}"`, () => expect(isTimeZone(name)).to.equal(false))
  }
})

describe('a day as people type it', () => {
  it('is a day there is', () => {
    expect(plainDate('2028-02-29')).to.equal('2028-02-29')
    for (const text of [
      '2026-02-29',
      '2026-2-1',
      '2026-02-01T00:00:00Z',
      '20260201',
      'tomorrow',
      '',
      '2026-13-01',
    ])
      expect(
        thrown(() => plainDate(text)),
        text,
      ).to.deep.include({ kind: 'usage', code: 'usage.date_invalid' })
  })
})
