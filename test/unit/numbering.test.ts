/** Billing rule 17: financial years and the shape of a number. */
import { expect } from 'chai'
import fc from 'fast-check'
import { checkPrefix, documentNumber, financialYear, lastCounter } from '../../src/billing/numbering.js'
import { addDays, dayIn } from '../../src/kernel/dates.js'
import { thrown } from '../support/errors.js'

const issuedAt = (instant: string): string =>
  documentNumber('ERP', financialYear('IN', dayIn('Asia/Kolkata', new Date(instant))), 1n)

describe('a financial year', () => {
  it('turns in India at midnight IST on 1 April, not at midnight UTC', () => {
    // 31 March 23:59 and 1 April 00:01 in India are 18:29 and 18:31 UTC of 31 March.
    expect(issuedAt('2027-03-31T18:29:00Z')).to.equal('ERP/26-27/00001')
    expect(issuedAt('2027-03-31T18:31:00Z')).to.equal('ERP/27-28/00001')
  })

  it('is April to March in India and the calendar year elsewhere', () => {
    expect(financialYear('IN', '2027-01-15')).to.deep.equal({
      label: '26-27',
      from: '2026-04-01',
      to: '2027-04-01',
    })
    expect(financialYear('DE', '2027-03-31')).to.deep.equal({
      label: '27',
      from: '2027-01-01',
      to: '2028-01-01',
    })
    expect(financialYear('DE', '2026-12-31').label).to.equal('26')
    expect(financialYear('DE', '2027-01-01').label).to.equal('27')
  })

  it('has two digits for each of its years at the turn of a century', () => {
    expect(financialYear('IN', '2099-12-31').label).to.equal('99-00')
    expect(financialYear('IN', '2109-05-01').label).to.equal('09-10')
    expect(financialYear('DE', '2105-05-01').label).to.equal('05')
  })

  it('holds its day, and the day after its last is in the next one', () => {
    const day = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('2017-07-01', days))
    fc.assert(
      fc.property(fc.constantFrom('IN', 'DE', 'US'), day, (country, one) => {
        const year = financialYear(country, one)
        expect(year.from <= one && one < year.to).to.equal(true)
        expect(financialYear(country, addDays(year.to, -1))).to.deep.equal(year)
        expect(financialYear(country, year.to).from).to.equal(year.to)
      }),
    )
  })
})

describe('the number of a document', () => {
  const year = { label: '26-27' }

  it('counts with five digits, and grows', () => {
    expect(documentNumber('ERP', year, 1n)).to.equal('ERP/26-27/00001')
    expect(documentNumber('ERP', year, 99_999n)).to.equal('ERP/26-27/99999')
    expect(documentNumber('ERP', year, 100_000n)).to.equal('ERP/26-27/100000')
    expect(documentNumber('ERP', { label: '26' }, 42n)).to.equal('ERP/26/00042')
  })

  it('never has 17 characters: a series that is full says so', () => {
    expect(documentNumber('ERP', year, 999_999n)).to.have.length(16)
    expect(thrown(() => documentNumber('ERP', year, 1_000_000n))).to.include({
      kind: 'conflict',
      code: 'numbering.series_full',
    })
    expect(thrown(() => documentNumber('ACME', year, 100_000n))).to.include({ code: 'numbering.series_full' })
  })

  it('fits up to the last counter of its prefix and not beyond', () => {
    expect(lastCounter('IN', 'ERP')).to.equal(999_999n)
    expect(lastCounter('IN', 'ACME')).to.equal(99_999n)
    const prefix = fc.stringMatching(/^[A-Z1-9][A-Z0-9/-]{0,6}$/)
    fc.assert(
      fc.property(fc.constantFrom('IN', 'DE'), prefix, (country, one) => {
        fc.pre(isAccepted(country, one))
        const { label } = financialYear(country, '2026-11-21')
        const last = lastCounter(country, one)
        expect(last >= 99_999n).to.equal(true)
        expect(documentNumber(one, { label }, last)).to.match(/^[A-Z1-9][A-Z0-9/-]{15}$/)
        expect(() => documentNumber(one, { label }, last + 1n)).to.throw()
      }),
    )
  })
})

function isAccepted(country: string, prefix: string): boolean {
  try {
    checkPrefix(country, prefix, 'prefix')
    return true
  } catch {
    return false
  }
}

describe('a prefix', () => {
  it('of four characters fits in India, one of five gives 17 and is refused', () => {
    expect(isAccepted('IN', 'ACME')).to.equal(true)
    expect(thrown(() => checkPrefix('IN', 'ACMEX', 'prefix'))).to.deep.include({
      kind: 'usage',
      code: 'supplier.prefix_invalid',
      details: { field: 'prefix', most: 4 },
    })
    expect(isAccepted('DE', 'ACMEXYZ')).to.equal(true)
    expect(isAccepted('DE', 'ACMEXYZW')).to.equal(false)
  })

  it('has only A-Z, 0-9, / and -, and begins with neither 0, / nor -', () => {
    const good = ['A', '9A', 'A/B', 'A-0', 'ERP', 'CN-']
    const bad = ['', 'erp', '0A', '/A', '-A', 'A B', 'A_B', 'É', 'A\n', 'ЕРП']
    expect(good.filter((prefix) => !isAccepted('IN', prefix))).to.deep.equal([])
    expect(bad.filter((prefix) => isAccepted('IN', prefix))).to.deep.equal([])
  })
})
