/** The net of a credit note that comes to a given total: worked out by hand, and against trying every net there is. */
import { expect } from 'chai'
import fc from 'fast-check'
import { netForTotal, totalOfCredit } from '../../src/billing/book/credit-total.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'
import { thrown } from '../support/errors.js'
import type { InvoiceLine } from '../../src/billing/runs/charged.js'

/** A line of the heads' rates in per cent, their taxes rounded half up; credited so far, with its taxes. */
function line(net: bigint, rates: readonly number[], credited = 0n, position = 1): InvoiceLine {
  const tax = (of: bigint, rate: number): bigint => (of * BigInt(rate) * 2n + 100n) / 200n
  return {
    ...{
      id: `l${position}`,
      invoiceId: 'i',
      position,
      description: 'x',
      sac: null,
      period: null,
      unitPrice: net,
      net,
    },
    taxes: rates.map((rate, index) => ({
      head: index === 0 ? 'CGST' : 'SGST',
      rate: String(rate),
      amount_minor: tax(net, rate),
    })),
    ...{
      creditedNet: credited,
      creditedUntaxed: 0n,
      creditedTaxes: rates.map((rate) => tax(credited, rate)),
    },
    taxedUntil: null,
  }
}

const net = (lines: InvoiceLine[], total: bigint, commercial = false): [bigint, bigint] => {
  const found = netForTotal(lines, total, commercial, 'INR')
  return [found, totalOfCredit(lines, found, commercial, 'INR')]
}

describe('the net of a total', () => {
  it('is what comes to it, tax rounded by head', () => {
    const gst = line(10_000n, [9, 9])
    // 42.38 and 3.81 twice; 42.37 would come to 49.99.
    expect(net([gst], 5000n)).to.deep.equal([4238n, 5000n])
    expect(net([gst], 11_800n)).to.deep.equal([10_000n, 11_800n])
    expect(net([gst], 5000n, true), 'without tax').to.deep.equal([5000n, 5000n])
    // The rest of 100.00, of which 42.38 and 2 x 3.81 are gone: 57.62 and 2 x 5.19.
    expect(net([line(10_000n, [9, 9], 4238n)], 6800n)).to.deep.equal([5762n, 6800n])
    expect(net([line(10_000n, [18])], 59n)).to.deep.equal([50n, 59n])
    expect(net([line(333n, []), line(334n, [], 0n, 2)], 500n)).to.deep.equal([500n, 500n])
  })

  it('is the next one where none comes to it', () => {
    // 0.05 has no tax, 0.06 has 0.01 twice: nothing comes to 0.06 or 0.07.
    const gst = line(10_000n, [9, 9])
    expect(net([gst], 5n)).to.deep.equal([5n, 5n])
    expect(net([gst], 6n)).to.deep.equal([6n, 8n])
    expect(net([gst], 7n)).to.deep.equal([6n, 8n])
  })

  it('is refused above what is left', () => {
    const code = (total: bigint, of: InvoiceLine): string =>
      (thrown(() => netForTotal([of], total, false, 'INR')) as ErpmaxError).code
    expect(code(11_801n, line(10_000n, [9, 9]))).to.equal('credit.exceeds_total')
    expect(code(6801n, line(10_000n, [9, 9], 4238n))).to.equal('credit.exceeds_total')
    expect(code(1n, line(10_000n, [9, 9], 10_000n))).to.equal('credit.exceeds_total')
  })

  it('is the best of all nets, whatever the lines', () => {
    const anyLine = fc
      .record({
        net: fc.bigInt(1n, 400n),
        credited: fc.bigInt(0n, 400n),
        rates: fc.constantFrom([9, 9], [18], [], [19], [2]),
      })
      .filter((one) => one.credited <= one.net)
    fc.assert(
      fc.property(
        fc.array(anyLine, { minLength: 1, maxLength: 3 }),
        fc.bigInt(1n, 10_000n),
        (chosen, seed) => {
          const lines = chosen.map((one, index) => line(one.net, one.rates, one.credited, index + 1))
          const left = lines.reduce((sum, one) => sum + one.net - one.creditedNet, 0n)
          fc.pre(left > 0n)
          const totals = Array.from({ length: Number(left) }, (_, index) =>
            totalOfCredit(lines, BigInt(index + 1), false, 'INR'),
          )
          const wanted = (seed % (totals.at(-1) ?? 1n)) + 1n
          fc.pre(wanted <= (totals.at(-1) ?? 0n))
          const least = totals
            .filter((total) => total >= wanted)
            .reduce((low, one) => (one < low ? one : low))
          expect(net(lines, wanted)[1]).to.equal(least)
        },
      ),
      { numRuns: 150 },
    )
  })
})
