/** What holds of tax for every amount and rate: exact integers, within a unit, summed by head. */
import { expect } from 'chai'
import fc from 'fast-check'
import { taxOf, type TaxRecipient, type TaxSupplier } from '../../src/billing/tax/tax.js'
import { decimalText, half, parseDecimal } from '../../src/kernel/decimal.js'
import type { TaxRate } from '../../src/billing/tax/rates.js'

const amount = fc.bigInt({ min: 0n, max: 10n ** 17n })
/** Per cent with up to four decimals, as text. */
const rate = fc.integer({ min: 0, max: 1_000_000 }).map((tenThousandths) => {
  const whole = Math.trunc(tenThousandths / 10_000)
  return `${whole}.${String(tenThousandths % 10_000).padStart(4, '0')}`
})
const supplier: TaxSupplier = { country_code: 'IN', gst_state_code: '27', luts: [] }
const inState = (gst_state_code: string): TaxRecipient => ({
  ...{ country_code: 'IN', gst_state_code, gstin: null, vat_id: null, gst_treatment: null },
})
const onFile = (text: string): TaxRate[] => [
  { country_code: 'IN', code: '997331', rate: text, from: '2017-07-01', to: null },
]
const tax = (state: string, amounts: bigint[], text = '18.0000') =>
  taxOf(
    supplier,
    inState(state),
    amounts.map((taxable_minor) => ({ taxable_minor, sac: '997331' })),
    '2026-11-21',
    onFile(text),
  )

describe('tax, whatever the figures', () => {
  it('CGST + SGST differs from the whole rate by at most one minor unit a line', () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 8 }), rate, (amounts, text) => {
        const home = tax('27', amounts, text)
        const away = tax('29', amounts, text)
        home.lines.forEach(({ taxes, tax_minor }, index) => {
          const whole = away.lines[index]?.tax_minor ?? 0n
          expect(tax_minor - whole >= -1n && tax_minor - whole <= 1n).to.equal(true)
          expect(taxes[0]?.amount_minor).to.equal(taxes[1]?.amount_minor)
        })
      }),
    )
  })

  it('is the nearest whole unit, and the upper one of two that are as near', () => {
    fc.assert(
      fc.property(amount, rate, (taxable, text) => {
        const [whole = '', fraction = ''] = text.split('.')
        const tenThousandths = BigInt(whole + fraction)
        // In millionths of a minor unit: |tax - exact| <= 500,000, and at the half it is above.
        const exact = taxable * tenThousandths
        const off = tax('29', [taxable], text).tax_minor * 1_000_000n - exact
        expect(off > -500_000n && off <= 500_000n, `${taxable} at ${text}`).to.equal(true)
      }),
    )
  })

  it('sums by head to the sum of the lines', () => {
    fc.assert(
      fc.property(
        fc.array(amount, { maxLength: 8 }),
        fc.constantFrom('27', '29'),
        rate,
        (amounts, state, text) => {
          const { lines, taxes, tax_minor, taxable_minor } = tax(state, amounts, text)
          const sum = (of: readonly bigint[]): bigint => of.reduce((total, one) => total + one, 0n)
          expect(sum(taxes.map((one) => one.amount_minor))).to.equal(tax_minor)
          expect(sum(lines.map((line) => line.tax_minor))).to.equal(tax_minor)
          expect(sum(lines.flatMap((line) => line.taxes.map((one) => one.amount_minor)))).to.equal(tax_minor)
          expect(sum(amounts)).to.equal(taxable_minor)
        },
      ),
    )
  })

  it('does not depend on how the rate is written', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 100 }), (taxable, whole) => {
        expect(tax('27', [taxable], `${whole}.0000`)).to.deep.equal(tax('27', [taxable], String(whole)))
      }),
    )
  })
})

describe('a decimal', () => {
  it('is read and written without losing a digit', () => {
    for (const [text, written] of Object.entries({
      '18': '18',
      '25.50': '25.5',
      '0.125': '0.125',
      '0.00': '0',
    })) {
      const parsed = parseDecimal(text)
      expect(parsed && decimalText(parsed)).to.equal(written)
    }
    const digits = fc.tuple(
      fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }),
      fc.stringMatching(/^\d{0,11}[1-9]$/),
    )
    fc.assert(
      fc.property(digits, ([whole, fraction]) => {
        const parsed = parseDecimal(`${whole}.${fraction}`)
        expect(parsed && decimalText(parsed)).to.equal(`${whole}.${fraction}`)
      }),
    )
  })

  it('has an exact half', () => {
    const halves = ['18', '0.25', '5', '25.5', '0', '8.875'].map((text) => {
      const parsed = parseDecimal(text)
      return parsed && decimalText(half(parsed))
    })
    expect(halves).to.deep.equal(['9', '0.125', '2.5', '12.75', '0', '4.4375'])
  })

  it('is digits and one point: no sign, exponent, grouping or space', () => {
    const wrong = [
      '',
      '-1',
      '+1',
      '1e3',
      '1,5',
      '1.',
      '.5',
      ' 1',
      '1 ',
      '0x10',
      'NaN',
      'Infinity',
      '١٨',
      '1\n',
    ]
    expect(wrong.filter((text) => parseDecimal(text) !== null)).to.deep.equal([])
  })
})
