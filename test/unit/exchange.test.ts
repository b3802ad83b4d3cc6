/** Billing rule 9: an amount in the supplier's money, exactly, rounded half up once. Figures worked out by hand. */
import { expect } from 'chai'
import fc from 'fast-check'
import { convert } from '../../src/billing/exchange.js'

const rupees = (currency: string, rate: string) => ({ currency, to_currency: 'INR', rate })

describe('a foreign amount in the supplier’s money', () => {
  it('counts the minor units of both currencies', () => {
    // 100.00 USD x 83.2450 = 8,324.50 INR
    expect(convert(10_000n, rupees('USD', '83.245'))).to.equal(832_450n)
    // 1,000 JPY x 0.5612 = 561.20 INR
    expect(convert(1_000n, rupees('JPY', '0.5612'))).to.equal(56_120n)
    // 1.234 KWD x 271.5 = 335.031 INR
    expect(convert(1_234n, rupees('KWD', '271.5'))).to.equal(33_503n)
    // 100.00 INR x 1.7819 = 178 JPY
    expect(convert(10_000n, { currency: 'INR', to_currency: 'JPY', rate: '1.7819' })).to.equal(178n)
  })

  it('is rounded half up', () => {
    // 0.01 USD x 83.5 = 0.835 INR, up; x 83.4999999999 = 0.834..., down.
    expect(convert(1n, rupees('USD', '83.5'))).to.equal(84n)
    expect(convert(1n, rupees('USD', '83.4999999999'))).to.equal(83n)
  })

  it('is the amount itself at a rate of one, and never loses a unit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (amount) => {
        expect(convert(amount, rupees('USD', '1'))).to.equal(amount)
        expect(convert(amount, rupees('USD', '2.50'))).to.equal((amount * 5n + 1n) / 2n)
      }),
    )
  })
})
