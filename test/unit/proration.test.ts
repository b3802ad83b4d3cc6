/** What a part of a period costs and what is given back (rules 4 and 5): exact, half up, once. */
import { expect } from 'chai'
import fc from 'fast-check'
import { daysOf, nthPeriod, type Period } from '../../src/billing/periods.js'
import { creditFor, divideHalfUp, prorate } from '../../src/billing/proration.js'
import { addDays } from '../../src/kernel/dates.js'

const price = fc.bigInt({ min: 0n, max: 10n ** 15n })
const april: Period = { from: '2026-04-05', to: '2026-05-05' }
const february: Period = { from: '2026-01-31', to: '2026-02-28' }

/** A month or a year with a piece of it, and a day of that piece at which it is given up. */
const piece = fc
  .record({
    start: fc.integer({ min: 0, max: 12_000 }),
    cycle: fc.constantFrom('monthly' as const, 'annual' as const),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ start, cycle, cuts }) => {
    const full = nthPeriod(addDays('2020-01-01', start), cycle, 0)
    const [first = 0, middle = 0, last = 0] = cuts
      .map((cut) => Math.round(cut * daysOf(full)))
      .sort((a, b) => a - b)
    const on = (days: number): string => addDays(full.from, days)
    return { full, piece: { from: on(first), to: on(last) }, change: on(middle) }
  })

describe('division half up', () => {
  const divisions: [bigint, bigint, bigint][] = [
    [5n, 2n, 3n],
    [7n, 2n, 4n],
    [3n, 2n, 2n],
    [1n, 2n, 1n],
    [-1n, 2n, 0n],
    [-3n, 2n, -1n],
    [-5n, 2n, -2n],
    [-7n, 4n, -2n],
    [-5n, 4n, -1n],
    [-6n, 4n, -1n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
    [-1n, 3n, 0n],
    [-2n, 3n, -1n],
    [0n, 7n, 0n],
    [9n, 3n, 3n],
    [-9n, 3n, -3n],
  ]
  for (const [numerator, denominator, result] of divisions)
    it(`${numerator}/${denominator} is ${result}`, () =>
      expect(divideHalfUp(numerator, denominator)).to.equal(result))

  it('is never off by more than a half, and at a half goes up', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 6n }), (numerator, denominator) => {
        // q - 1/2 <= n/d < q + 1/2, in whole numbers
        const quotient = divideHalfUp(numerator, denominator)
        const twice = 2n * numerator
        expect(2n * quotient * denominator - denominator <= twice).to.equal(true)
        expect(twice < 2n * quotient * denominator + denominator).to.equal(true)
      }),
    )
  })

  it('refuses what nothing can be divided by', () => {
    expect(() => divideHalfUp(1n, 0n)).to.throw(RangeError)
    expect(() => divideHalfUp(1n, -2n)).to.throw(RangeError)
  })
})

describe('a part of a period costs', () => {
  const days = (full: Period, from: number, to: number): Period => ({
    from: addDays(full.from, from),
    to: addDays(full.from, to),
  })
  const worked: [string, bigint, Period, Period, bigint][] = [
    // 24995 x 9 / 30 = 7498.5
    ['249.95 x 9/30 = 74.99', 249_95n, days(april, 21, 30), april, 74_99n],
    // 49900 x 18 / 28 = 32078.57...
    ['499.00 x 18/28 = 320.79', 499_00n, { from: '2026-02-10', to: '2026-02-28' }, february, 320_79n],
    // 49900 x 15 / 30
    ['499.00 x 15/30 = 249.50', 499_00n, days(april, 15, 30), april, 249_50n],
    // 479040 x 164 / 365 = 215239.89...: of the year, not of a month
    [
      '4,790.40 x 164/365 = 2,152.40',
      4_790_40n,
      { from: '2026-07-21', to: '2027-01-01' },
      { from: '2026-01-01', to: '2027-01-01' },
      2_152_40n,
    ],
    // yen have no decimals: 999 x 10 / 30 = 333; 1000 x 1 / 30 = 33.3; 45 x 1 / 30 = 1.5
    ['999 yen x 10/30 = 333', 999n, days(april, 0, 10), april, 333n],
    ['1,000 yen x 1/30 = 33', 1_000n, days(april, 0, 1), april, 33n],
    ['45 yen x 1/30 = 2', 45n, days(april, 0, 1), april, 2n],
    // a dinar has a thousand fils: 30.005 x 7 / 30 = 7.00116...; 1.005 x 10 / 30 = 0.335; 0.015 x 1/30 = 0.0005
    ['30.005 dinars x 7/30 = 7.001', 30_005n, days(april, 0, 7), april, 7_001n],
    ['1.005 dinars x 10/30 = 0.335', 1_005n, days(april, 0, 10), april, 335n],
    ['0.015 dinars x 1/30 = 0.001', 15n, days(april, 0, 1), april, 1n],
    ['nothing for no day', 499_00n, days(april, 3, 3), april, 0n],
    ['the price for all of it', 499_00n, february, february, 499_00n],
  ]
  for (const [name, amount, part, full, result] of worked)
    it(name, () => expect(prorate(amount, part, full)).to.equal(result))

  it('no floating point touches it', () => {
    // 9007199254740993 is 2^53 + 1, which a double cannot hold.
    expect(prorate(9_007_199_254_740_993n, april, april)).to.equal(9_007_199_254_740_993n)
    // (2^53 + 1) x 15 / 30 = 4503599627370496.5
    expect(prorate(9_007_199_254_740_993n, days(april, 0, 15), april)).to.equal(4_503_599_627_370_497n)
  })

  it('never more than the price, and more days never cost less', () => {
    fc.assert(
      fc.property(price, piece, (amount, { full, piece: part, change }) => {
        const whole = prorate(amount, part, full)
        const shorter = prorate(amount, { from: part.from, to: change }, full)
        expect(shorter >= 0n && shorter <= whole && whole <= amount).to.equal(true)
      }),
    )
  })
})

describe('what is given up', () => {
  it('is credited from the day of the change on, which belongs to the new choice', () => {
    // 199.00 for 30 days, 15 of them used: used 99.50, credit 99.50
    expect(creditFor(199_00n, 199_00n, april, april, '2026-04-20')).to.equal(99_50n)
    // one day later 16 are used: 19900 x 16 / 30 = 10613.33, credit 92.87
    expect(creditFor(199_00n, 199_00n, april, april, '2026-04-21')).to.equal(92_87n)
  })

  it('is what was charged less the used part, which is what is rounded', () => {
    // 49.95 x 15/30: used 24.975 is 24.98, so 24.97 comes back; rounding the credit would give 24.98
    expect(creditFor(49_95n, 49_95n, april, april, '2026-04-20')).to.equal(24_97n)
    // 249.95, 21 of 30 days used: 17496.5 is 174.97, so 74.98 comes back, not 74.99
    expect(creditFor(249_95n, 249_95n, april, april, '2026-04-26')).to.equal(74_98n)
  })

  it('of a piece is reckoned from the piece, over the days of the full period', () => {
    // 499.00 from 10 February on was charged 320.79; 10 of 28 days used: 17821.43 is 178.21
    const part = { from: '2026-02-10', to: '2026-02-28' }
    expect(creditFor(320_79n, 499_00n, part, february, '2026-02-20')).to.equal(142_58n)
  })

  it('on the day it began is all that was charged, at its end nothing', () => {
    const part = { from: '2026-02-10', to: '2026-02-28' }
    for (const [from, credit] of [
      ['2026-02-01', 320_79n],
      ['2026-02-10', 320_79n],
      ['2026-02-28', 0n],
      ['2026-03-15', 0n],
    ] as const)
      expect(creditFor(320_79n, 499_00n, part, february, from), from).to.equal(credit)
  })

  it('comes from the line that was charged: a discount then is a discount now', () => {
    expect(creditFor(150_00n, 199_00n, april, april, '2026-04-20')).to.equal(50_50n)
  })

  it('and what is used add up to what was charged, to the last unit', () => {
    fc.assert(
      fc.property(price, piece, (amount, { full, piece: part, change }) => {
        const charged = prorate(amount, part, full)
        const used = prorate(amount, { from: part.from, to: change }, full)
        const credit = creditFor(charged, amount, part, full, change)
        expect(credit + used).to.equal(charged)
        expect(credit >= 0n && credit <= charged).to.equal(true)
      }),
    )
  })
})
