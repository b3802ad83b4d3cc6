/** Billing rule 21 outside India: suppliers in the EU, and everybody else. Figures worked out by hand. */
import { expect } from 'chai'
import { taxOf, type TaxRecipient, type TaxSupplier } from '../../src/billing/tax/tax.js'
import { isMemberState, memberStates } from '../../src/billing/tax/member-states.js'
import { thrown } from '../support/errors.js'
import type { TaxRate } from '../../src/billing/tax/rates.js'

const day = '2026-11-21'
const standard = (country_code: string, rate: string, from = '2010-01-01', to: string | null = null) => ({
  ...{ country_code, code: 'standard', rate, from, to },
})
const rates: TaxRate[] = [
  standard('DE', '16', '2020-07-01', '2021-01-01'),
  standard('DE', '19', '2021-01-01'),
  standard('FR', '20'),
  standard('FI', '25.5'),
  standard('GR', '24'),
]
const supplier = (country_code: string): TaxSupplier => ({ country_code, gst_state_code: null, luts: [] })
const customer = (country_code: string, vat_id: string | null = null): TaxRecipient => ({
  ...{ country_code, vat_id, gst_state_code: null, gstin: null, gst_treatment: null },
})
const tax = (from: string, to: TaxRecipient, amount = 10050n, on = day, on_file: TaxRate[] = rates) =>
  taxOf(supplier(from), to, [{ taxable_minor: amount, sac: '997331' }], on, on_file)

const missing = (country: string, code = 'standard') => ({
  kind: 'conflict',
  code: 'tax.rule_missing',
  details: { country, code, day },
})

describe('VAT of a supplier in the EU', () => {
  it('is the rate at home, with or without a VAT id', () => {
    for (const recipient of [customer('DE'), customer('DE', 'DE136695976')]) {
      // 100.50 x 19 % = 19.095, up to 19.10.
      expect(tax('DE', recipient)).to.deep.equal({
        regime: 'eu_vat',
        supply: 'domestic',
        place_of_supply: null,
        reverse_charge: false,
        endorsement: null,
        lut: null,
        lines: [
          {
            sac: null,
            taxable_minor: 10050n,
            taxes: [{ head: 'VAT', rate: '19', amount_minor: 1910n }],
            tax_minor: 1910n,
          },
        ],
        taxes: [{ head: 'VAT', rate: '19', amount_minor: 1910n }],
        taxable_minor: 10050n,
        tax_minor: 1910n,
      })
    }
  })

  it('is that of the day', () => {
    expect(tax('DE', customer('DE'), 10000n, '2020-12-31').tax_minor).to.equal(1600n)
    expect(tax('DE', customer('DE'), 10000n, '2021-01-01').tax_minor).to.equal(1900n)
  })

  it('is left to a customer with a VAT id in another member state, with the endorsement', () => {
    for (const recipient of [customer('FR', 'FR40303265045'), customer('GR', 'EL094259216')]) {
      const found = tax('DE', recipient)
      expect(found).to.deep.include({ supply: 'reverse_charge', reverse_charge: true, tax_minor: 0n })
      expect(found.taxes).to.deep.equal([])
      expect(found.endorsement).to.include('Article 196 of Directive 2006/112/EC')
    }
  })

  it("is that of the customer's country where there is no VAT id, or one of another country", () => {
    for (const recipient of [customer('FR'), customer('FR', 'DE136695976'), customer('FR', 'US12345')]) {
      expect(tax('DE', recipient)).to.deep.include({
        supply: 'customer_country',
        reverse_charge: false,
        endorsement: null,
        taxes: [{ head: 'VAT', rate: '20', amount_minor: 2010n }],
      })
    }
    // 1.10 x 25.5 % = 0.2805.
    expect(tax('DE', customer('FI'), 110n).tax_minor).to.equal(28n)
  })

  it('does not reach outside the EU', () => {
    for (const country of ['US', 'GB', 'CH', 'NO', 'IN']) {
      expect(tax('DE', customer(country, `${country}12345`)), country).to.deep.include({
        supply: 'out_of_scope',
        reverse_charge: false,
        taxes: [],
        tax_minor: 0n,
      })
    }
  })

  it('counts Monaco as France', () => {
    expect(tax('DE', customer('MC')).tax_minor).to.equal(2010n)
  })

  it('is missing, not zero, where no rate is on file', () => {
    expect(thrown(() => tax('DE', customer('ES')))).to.deep.include(missing('ES'))
    expect(thrown(() => tax('AT', customer('AT')))).to.deep.include(missing('AT'))
    expect(thrown(() => tax('DE', customer('DE'), 1n, day, []))).to.deep.include(missing('DE'))
  })

  it('has 27 member states', () => {
    expect(memberStates).to.have.length(27)
    expect(['GB', 'CH', 'NO', 'TR', 'EL', 'UK', 'MC'].filter(isMemberState)).to.deep.equal([])
  })
})

describe('tax of a supplier elsewhere', () => {
  it('is missing, not zero, without a rate on file', () => {
    expect(thrown(() => tax('US', customer('US')))).to.deep.include(missing('US'))
    expect(thrown(() => tax('US', customer('IN')))).to.deep.include(missing('US', 'export'))
    expect(thrown(() => tax('GB', customer('FR', 'FR40303265045')))).to.deep.include(missing('GB', 'export'))
  })

  it('is the rate on file at home', () => {
    const on_file = [...rates, standard('US', '8.875')]
    // 100.50 x 8.875 % = 8.919375.
    expect(tax('US', customer('US'), 10050n, day, on_file)).to.deep.include({
      regime: 'other',
      supply: 'domestic',
      place_of_supply: null,
      taxes: [{ head: 'VAT', rate: '8.875', amount_minor: 892n }],
    })
    // What is on file for the United States says nothing of a customer abroad.
    expect(thrown(() => tax('US', customer('DE'), 1n, day, on_file))).to.deep.include(missing('US', 'export'))
  })

  it('is the rate on file for exports abroad, zero only where zero is on file', () => {
    const exports = (rate: string) => [{ ...standard('US', rate), code: 'export' }]
    expect(tax('US', customer('IN'), 10050n, day, exports('0'))).to.deep.include({
      supply: 'export',
      taxes: [{ head: 'VAT', rate: '0', amount_minor: 0n }],
    })
    expect(tax('US', customer('IN'), 10050n, day, exports('1')).tax_minor).to.equal(101n)
    expect(thrown(() => tax('US', customer('US'), 1n, day, exports('0')))).to.deep.include(missing('US'))
  })
})
