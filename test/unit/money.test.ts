/** How amounts are written, counted and summed: whole minor units, and none of them lost. */
import { expect } from 'chai'
import fc from 'fast-check'
import {
  currencyCode,
  formatMoney,
  minorDigits,
  moneyJson,
  parseMoney,
  sumMoney,
} from '../../src/kernel/money.js'
import { thrown } from '../support/errors.js'

const currency = fc.constantFrom('INR', 'USD', 'EUR', 'JPY', 'KWD', 'HUF', 'CLF')
const amount = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })

describe('money', () => {
  describe('is written', () => {
    const written: [bigint, string, string][] = [
      [0n, 'INR', '0.00 INR'],
      [5n, 'INR', '0.05 INR'],
      [99_999_00n, 'INR', '99,999.00 INR'],
      [1_23_45_678_90n, 'INR', '1,23,45,678.90 INR'],
      [100_00_00_000_00n, 'INR', '1,00,00,00,000.00 INR'],
      [1_234_567_89n, 'USD', '1,234,567.89 USD'],
      [-1_50n, 'USD', '-1.50 USD'],
      [-5n, 'INR', '-0.05 INR'],
      [1_234_567n, 'JPY', '1,234,567 JPY'],
      [0n, 'JPY', '0 JPY'],
      [1n, 'KWD', '0.001 KWD'],
      [1_234_567n, 'KWD', '1,234.567 KWD'],
      [2n ** 63n, 'USD', '92,233,720,368,547,758.08 USD'],
    ]
    for (const [amountMinor, code, text] of written) {
      it(`${text}`, () => expect(formatMoney({ amountMinor, currency: code })).to.equal(text))
    }
  })

  it('is read back from what was written, whatever the grouping', () => {
    fc.assert(
      fc.property(amount, currency, (amountMinor, code) => {
        const [number = '', name] = formatMoney({ amountMinor, currency: code }).split(' ')
        expect(name).to.equal(code)
        expect(BigInt(number.replaceAll(/[,.]/g, ''))).to.equal(amountMinor)
        expect((number.split('.')[1] ?? '').length).to.equal(minorDigits(code))
      }),
    )
  })

  it('is grouped in lakh and crore in India, in thousands elsewhere', () => {
    fc.assert(
      fc.property(amount, (amountMinor) => {
        const indian = formatMoney({ amountMinor, currency: 'INR' })
        expect(indian).to.match(/^-?(\d{1,3}|\d{1,2}(,\d{2})*,\d{3})\.\d{2} INR$/)
        const other = formatMoney({ amountMinor, currency: 'USD' })
        expect(other).to.match(/^-?\d{1,3}(,\d{3})*\.\d{2} USD$/)
      }),
    )
  })

  it('counts its minor units by ISO 4217, which Intl does not', () => {
    const digits = ['INR', 'USD', 'HUF', 'IDR', 'COP', 'PKR', 'JPY', 'KRW', 'CLP', 'KWD', 'BHD', 'IQD', 'CLF']
    expect(digits.map(minorDigits)).to.deep.equal([2, 2, 2, 2, 2, 2, 0, 0, 0, 3, 3, 3, 4])
  })

  it('goes into JSON as a whole number, and refuses where a unit would be lost', () => {
    expect(moneyJson({ amountMinor: 49_900n, currency: 'USD' })).to.deep.equal({
      amount_minor: 49_900,
      currency: 'USD',
    })
    const largest = BigInt(Number.MAX_SAFE_INTEGER)
    for (const amountMinor of [largest, -largest]) {
      expect(BigInt(moneyJson({ amountMinor, currency: 'INR' }).amount_minor)).to.equal(amountMinor)
    }
    for (const amountMinor of [largest + 1n, -largest - 1n]) {
      expect(() => moneyJson({ amountMinor, currency: 'INR' })).to.throw(RangeError)
    }
  })

  it('adds up without losing a unit, in any order', () => {
    fc.assert(
      fc.property(fc.array(amount), (amounts) => {
        const total = sumMoney('INR', amounts)
        expect(total).to.deep.equal(sumMoney('INR', amounts.toReversed()))
        const rest = amounts.reduce((left, one) => left - one, total.amountMinor)
        expect(rest).to.equal(0n)
      }),
    )
  })

  describe('is read', () => {
    const read: [string, string, bigint][] = [
      ['499', 'USD', 499_00n],
      ['499.00', 'USD', 499_00n],
      ['499.5', 'USD', 499_50n],
      [' 0.05 ', 'INR', 5n],
      ['29900', 'JPY', 29_900n],
      ['1.234', 'KWD', 1_234n],
      ['1.2', 'KWD', 1_200n],
      ['0', 'USD', 0n],
      // 0.29 x 100 is 28.999... in floating point
      ['0.29', 'USD', 29n],
      ['90071992547409.91', 'USD', 9_007_199_254_740_991n],
    ]
    for (const [text, code, amountMinor] of read)
      it(`${text} ${code}`, () =>
        expect(parseMoney(text, code)).to.deep.equal({ amountMinor, currency: code }))

    const refused: [string, string][] = [
      ['', 'USD'],
      ['-1', 'USD'],
      ['+1', 'USD'],
      ['1,000', 'USD'],
      ['1.', 'USD'],
      ['.5', 'USD'],
      ['1e3', 'USD'],
      ['0x10', 'USD'],
      ['1.005', 'USD'],
      ['1.0', 'JPY'],
      ['1.0001', 'KWD'],
      ['90071992547409.92', 'USD'],
      ['1 000', 'USD'],
    ]
    for (const [text, code] of refused)
      it(`not ${text || 'nothing'} ${code}`, () =>
        expect(thrown(() => parseMoney(text, code))).to.deep.include({
          kind: 'usage',
          code: 'money.invalid',
        }))

    it('as it is written', () => {
      fc.assert(
        fc.property(currency, fc.bigInt({ min: 0n, max: 10n ** 12n }), (code, amountMinor) => {
          const text = formatMoney({ amountMinor, currency: code })
            .replace(` ${code}`, '')
            .replaceAll(',', '')
          expect(parseMoney(text, code).amountMinor).to.equal(amountMinor)
        }),
      )
    })
  })

  it('is of a currency there is', () => {
    expect(currencyCode(' usd ')).to.equal('USD')
    for (const text of ['', 'US', 'XXZ', 'dollar', '123'])
      expect(
        thrown(() => currencyCode(text)),
        text,
      ).to.deep.include({ kind: 'usage', code: 'currency.invalid' })
  })
})
