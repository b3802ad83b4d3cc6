/** What a credit gives back of each line: numbers worked out by hand, and that every unit is somewhere. */
import { expect } from 'chai'
import fc from 'fast-check'
import { spread, spreadCredit } from '../../src/billing/book/spread-credit.js'
import { lastTaxedCredit } from '../../src/billing/credit-term.js'
import { thrown } from '../support/errors.js'
import type { InvoiceLine } from '../../src/billing/runs/charged.js'

function line(position: number, net: bigint, each: bigint, more: Partial<InvoiceLine> = {}): InvoiceLine {
  const tax = (head: 'CGST' | 'SGST') => ({ head, rate: '9', amount_minor: each })
  return {
    ...{ id: `line ${position}`, invoiceId: 'i', description: `Item ${position}`, sac: '997331', position },
    ...{
      period: { from: '2026-04-10', to: '2026-05-10' },
      unitPrice: net,
      net,
      taxes: [tax('CGST'), tax('SGST')],
    },
    ...{ creditedNet: 0n, creditedUntaxed: 0n, creditedTaxes: [0n, 0n], taxedUntil: '2027-11-30' },
    ...more,
  }
}

const whole = { line: null, net: null, commercial: false }
/** `1: 6667 + 600 + 600`. */
const shown = (parts: ReturnType<typeof spreadCredit>): string[] =>
  parts.map(({ line: { description }, net, taxes, period }) =>
    [description, net, ...taxes.map((tax) => `+ ${tax.amount_minor}`), ...(period ? [period.from] : [])].join(
      ' ',
    ),
  )

describe('a credit spread over the lines', () => {
  it('whole gives back each line with its tax and its days', () => {
    // 100.50 at 9 % is 9.045: 9.05 each.
    const lines = [line(1, 10050n, 905n), line(2, 5000n, 450n)]
    expect(shown(spreadCredit(lines, whole, 'INR'))).to.deep.equal([
      'Item 1 10050 + 905 + 905 2026-04-10',
      'Item 2 5000 + 450 + 450 2026-04-10',
    ])
  })

  it('of 10.00 over 100.00 and 50.00 is 6.67 and 3.33, with the tax of each', () => {
    // 9 % of 6.67 is 0.6003, of 3.33 0.2997: 0.60 and 0.30.
    const lines = [line(1, 10000n, 900n), line(2, 5000n, 450n)]
    expect(shown(spreadCredit(lines, { ...whole, net: 1000n }, 'INR'))).to.deep.equal([
      'Item 1 667 + 60 + 60',
      'Item 2 333 + 30 + 30',
    ])
  })

  it('of 1.00 over three equal lines is 0.34, 0.33 and 0.33', () => {
    expect(spread(100n, [700n, 700n, 700n])).to.deep.equal([34n, 33n, 33n])
    expect(spread(2n, [700n, 700n, 700n])).to.deep.equal([1n, 1n, 0n])
  })

  it('in three pieces gives back the tax once: 3.02, 3.01 and 3.02 of 9.05', () => {
    // 9 % of 33.50 is 3.015, of 67.00 6.03; the last piece gives what is left.
    let [creditedNet, creditedTaxes] = [0n, [0n, 0n]]
    const pieces = [1, 2, 3].map(() => {
      const [part] = spreadCredit(
        [line(1, 10050n, 905n, { creditedNet, creditedTaxes })],
        { ...whole, net: 3350n },
        'INR',
      )
      const taxes = part?.taxes.map((tax) => tax.amount_minor) ?? []
      creditedNet += 3350n
      creditedTaxes = creditedTaxes.map((tax, index) => tax + (taxes[index] ?? 0n))
      return taxes[0]
    })
    expect(pieces).to.deep.equal([302n, 301n, 302n])
    expect(creditedTaxes).to.deep.equal([905n, 905n])
  })

  it('by line takes that line alone, and what is left of it', () => {
    const lines = [
      line(1, 10000n, 900n),
      line(2, 5000n, 450n, { creditedNet: 2000n, creditedTaxes: [180n, 180n] }),
    ]
    expect(shown(spreadCredit(lines, { ...whole, line: 2 }, 'INR'))).to.deep.equal([
      'Item 2 3000 + 270 + 270',
    ])
  })

  it('without tax leaves the tax for credits with it', () => {
    const lines = [line(1, 10000n, 900n)]
    expect(shown(spreadCredit(lines, { ...whole, net: 4000n, commercial: true }, 'INR'))).to.deep.equal([
      'Item 1 4000',
    ])
    const after = [line(1, 10000n, 900n, { creditedNet: 4000n, creditedUntaxed: 4000n })]
    expect(shown(spreadCredit(after, whole, 'INR'))).to.deep.equal(['Item 1 6000 + 540 + 540'])
  })

  it('never exceeds what is left', () => {
    const lines = [line(1, 10000n, 900n, { creditedNet: 9000n, creditedTaxes: [810n, 810n] })]
    expect(thrown(() => spreadCredit(lines, { ...whole, net: 1001n }, 'INR'))).to.deep.include({
      code: 'credit.exceeds',
      details: { left_minor: 1000, currency: 'INR' },
    })
    expect(thrown(() => spreadCredit(lines, { ...whole, line: 2 }, 'INR'))).to.include({
      code: 'invoice.line_not_found',
    })
    const done = [line(1, 10000n, 900n, { creditedNet: 10000n, creditedTaxes: [900n, 900n] })]
    expect(thrown(() => spreadCredit(done, whole, 'INR'))).to.include({ code: 'credit.nothing_left' })
  })

  it('sums up to the amount, and no part exceeds its line', () => {
    const weights = fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(weights, fc.bigInt(0n, 10n ** 6n), (lines, share) => {
        const sum = lines.reduce((total, one) => total + one, 0n)
        fc.pre(sum > 0n)
        const amount = (sum * share) / 10n ** 6n
        const parts = spread(amount, lines)
        expect(parts.reduce((total, one) => total + one, 0n)).to.equal(amount)
        for (const [index, part] of parts.entries()) {
          const exact = amount * (lines[index] ?? 0n)
          expect(part >= 0n && part <= (lines[index] ?? 0n)).to.equal(true)
          // Within one unit of its share.
          expect(part * sum > exact - sum && part * sum < exact + sum).to.equal(true)
        }
      }),
    )
  })
})

describe('the last day of a credit with GST', () => {
  it('is 30 November after the financial year of the invoice', () => {
    expect(lastTaxedCredit('in_gst', '2026-03-31')).to.equal('2026-11-30')
    expect(lastTaxedCredit('in_gst', '2026-04-01')).to.equal('2027-11-30')
    expect(lastTaxedCredit('in_gst', '2027-01-15')).to.equal('2027-11-30')
    expect(lastTaxedCredit('eu_vat', '2026-03-31')).to.equal(null)
  })
})
