/** Dated data in versions: whatever is set in whatever order, every day has at most one value, the one set last for it. */
import { expect } from 'chai'
import fc from 'fast-check'
import { supersede, type Version } from '../../src/billing/tax/supersede.js'
import { addDays } from '../../src/kernel/dates.js'

/** Does what the database does with the answer. */
function apply(versions: Version<number>[], from: string, value: number): Version<number>[] {
  const step = supersede(versions, from, (one) => one === value)
  if (step.kind === 'none') return versions
  if (step.kind === 'correct') return versions.map((one) => (one === step.old ? { ...one, value } : one))
  const closed = versions.map((one) => (one === step.close ? { ...one, to: from } : one))
  return [...closed, { id: `${closed.length}`, from, to: step.to, value }]
}

function on(versions: readonly Version<number>[], day: string): number[] {
  return versions
    .filter((one) => one.from <= day && (one.to === null || day < one.to))
    .map((one) => one.value)
}

describe('a new value from a day on', () => {
  const day = fc.integer({ min: 0, max: 30 }).map((days) => addDays('2026-12-15', days))

  it('holds from that day to the next change, and leaves every other day as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(day, fc.integer({ min: 1, max: 4 }))), (settings) => {
        let versions: Version<number>[] = []
        for (const [from, value] of settings) {
          const before = versions
          versions = apply(before, from, value)
          const next = before
            .map((one) => one.from)
            .filter((begin) => begin > from)
            .sort()[0]
          for (let n = -1; n <= 31; n++) {
            const one = addDays('2026-12-15', n)
            const touched = one >= from && (next === undefined || one < next)
            expect(on(versions, one), one).to.deep.equal(touched ? [value] : on(before, one))
          }
        }
      }),
    )
  })
})
