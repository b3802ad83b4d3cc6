/** Billing rules 6 and 21, India: place of supply, heads, rounding, letters of undertaking. Figures worked out by hand. */
import { expect } from 'chai'
import { taxOf, type TaxableLine, type TaxRecipient, type TaxSupplier } from '../../src/billing/tax/tax.js'
import { thrown } from '../support/errors.js'
import type { TaxRate } from '../../src/billing/tax/rates.js'

const day = '2026-11-21'
const rates: TaxRate[] = [
  { country_code: 'IN', code: '997331', rate: '18', from: '2017-07-01', to: null },
  { country_code: 'IN', code: '998314', rate: '5', from: '2017-07-01', to: '2026-12-01' },
  { country_code: 'IN', code: '998314', rate: '12', from: '2026-12-01', to: null },
]
const maharashtra: TaxSupplier = { country_code: 'IN', gst_state_code: '27', luts: [] }
const underLut: TaxSupplier = {
  ...maharashtra,
  luts: [
    { number: 'AD270325000001A', from: '2025-04-01', to: '2026-04-01' },
    { number: 'AD270326000001B', from: '2026-04-01', to: '2027-04-01' },
  ],
}

function customer(given: Partial<TaxRecipient> = {}): TaxRecipient {
  return {
    ...{ country_code: 'IN', gst_state_code: null, gstin: null, vat_id: null, gst_treatment: null },
    ...given,
  }
}

function line(taxable_minor: bigint, sac = '997331'): TaxableLine {
  return { taxable_minor, sac }
}

const tax = (
  recipient: TaxRecipient,
  lines = [line(10050n)],
  supplier: TaxSupplier = maharashtra,
  on: string = day,
) => taxOf(supplier, recipient, lines, on, rates)

const heads = (recipient: TaxRecipient, supplier: TaxSupplier = maharashtra): string =>
  tax(recipient, [line(10050n)], supplier)
    .lines.flatMap(({ taxes }) => taxes.map((one) => `${one.head} ${one.rate} ${one.amount_minor}`))
    .join(', ')

const withoutTax =
  'SUPPLY MEANT FOR EXPORT/SUPPLY TO SEZ UNIT OR SEZ DEVELOPER FOR AUTHORISED OPERATIONS UNDER BOND OR LETTER OF UNDERTAKING WITHOUT PAYMENT OF INTEGRATED TAX'
const onPayment =
  'SUPPLY MEANT FOR EXPORT/SUPPLY TO SEZ UNIT OR SEZ DEVELOPER FOR AUTHORISED OPERATIONS ON PAYMENT OF INTEGRATED TAX'

describe('GST', () => {
  it('of 18 % on 100.50 is 9.05 + 9.05 in the state of the supplier', () => {
    const found = tax(customer({ gst_state_code: '27' }))
    expect(found).to.deep.equal({
      regime: 'in_gst',
      supply: 'intra_state',
      place_of_supply: { code: '27', name: 'Maharashtra' },
      reverse_charge: false,
      endorsement: null,
      lut: null,
      lines: [
        {
          sac: '997331',
          taxable_minor: 10050n,
          taxes: [
            { head: 'CGST', rate: '9', amount_minor: 905n },
            { head: 'SGST', rate: '9', amount_minor: 905n },
          ],
          tax_minor: 1810n,
        },
      ],
      taxes: [
        { head: 'CGST', rate: '9', amount_minor: 905n },
        { head: 'SGST', rate: '9', amount_minor: 905n },
      ],
      taxable_minor: 10050n,
      tax_minor: 1810n,
    })
  })

  it('of 18 % on 100.50 is 18.09 IGST in another state', () => {
    expect(tax(customer({ gst_state_code: '29' }))).to.deep.include({
      supply: 'inter_state',
      place_of_supply: { code: '29', name: 'Karnataka' },
      endorsement: null,
      taxes: [{ head: 'IGST', rate: '18', amount_minor: 1809n }],
      tax_minor: 1809n,
    })
  })

  it('is rounded half up on each line, then summed', () => {
    // 0.03 x 18 % = 0.0054 each: 0.01 three times, where the sum of 0.09 would give 0.02.
    const three = [line(3n), line(3n), line(3n)]
    expect(tax(customer({ gst_state_code: '29' }), three).tax_minor).to.equal(3n)
    // 0.25 x 18 % = 0.045: up to 0.05, where half to even gives 0.04.
    expect(tax(customer({ gst_state_code: '29' }), [line(25n)]).tax_minor).to.equal(5n)
    // 0.02 x 18 % = 0.0036: nothing; each half of it too.
    expect(tax(customer({ gst_state_code: '29' }), [line(2n)]).tax_minor).to.equal(0n)
  })

  it('loses no unit of an amount that no double holds', () => {
    // 90,071,992,547,409.93 x 18 % = 16,212,958,658,533.7874
    expect(tax(customer({ gst_state_code: '29' }), [line(9_007_199_254_740_993n)]).tax_minor).to.equal(
      1_621_295_865_853_379n,
    )
  })

  it('halves a rate exactly', () => {
    // 5 % of 0.30 is 0.015: two halves of 0.0075 are 0.01 each, the whole 0.02; 2.5 % of 2.00 is 0.05.
    const local = customer({ gst_state_code: '27' })
    expect(tax(local, [line(30n, '998314')]).taxes).to.deep.equal([
      { head: 'CGST', rate: '2.5', amount_minor: 1n },
      { head: 'SGST', rate: '2.5', amount_minor: 1n },
    ])
    expect(tax(local, [line(200n, '998314')]).tax_minor).to.equal(10n)
  })

  it('takes the rate of each line by its code and of the day', () => {
    const elsewhere = customer({ gst_state_code: '29' })
    const mixed = [line(10000n), line(10000n, '998314'), line(5000n)]
    const before = tax(elsewhere, mixed, maharashtra, '2026-11-30')
    expect(before.taxes).to.deep.equal([
      { head: 'IGST', rate: '5', amount_minor: 500n },
      { head: 'IGST', rate: '18', amount_minor: 2700n },
    ])
    expect(tax(elsewhere, mixed, maharashtra, '2026-12-01').taxes).to.deep.equal([
      { head: 'IGST', rate: '12', amount_minor: 1200n },
      { head: 'IGST', rate: '18', amount_minor: 2700n },
    ])
  })

  it('is missing, not zero, where no rate is on file for the code or the day', () => {
    const missing = { kind: 'conflict', code: 'tax.rule_missing' }
    expect(thrown(() => tax(customer(), [line(100n), line(100n, '998315')]))).to.deep.include({
      ...missing,
      details: { country: 'IN', code: '998315', day },
    })
    expect(thrown(() => tax(customer(), [line(100n)], maharashtra, '2017-06-30'))).to.include(missing)
    expect(thrown(() => tax(customer(), [{ taxable_minor: 100n, sac: null }]))).to.include(missing)
    // Not on file is not on file, for what is zero-rated too.
    expect(thrown(() => tax(customer({ country_code: 'US' }), [line(1n, '1234')], underLut))).to.include(
      missing,
    )
  })

  it('has no negative lines', () => {
    expect(() => tax(customer(), [line(-1n)])).to.throw(RangeError)
  })
})

describe('the place of supply', () => {
  const place = (recipient: TaxRecipient) => tax(recipient).place_of_supply?.code
  it("is the GSTIN's state before the address, the address before the supplier's state", () => {
    expect(place(customer({ gstin: '29AAGCB7383J1Z4', gst_state_code: '27' }))).to.equal('29')
    expect(place(customer({ gst_state_code: '33' }))).to.equal('33')
    expect(place(customer())).to.equal('27')
  })

  it('abroad is outside India, whatever else is known', () => {
    expect(tax(customer({ country_code: 'US', vat_id: 'US123' })).place_of_supply).to.deep.equal({
      code: '96',
      name: 'Other countries',
    })
  })

  it('in a state that nobody knows is a rule that is missing', () => {
    expect(thrown(() => tax(customer({ gstin: '97AAGCB7383J1Z4' })))).to.include({ code: 'tax.rule_missing' })
  })
})

describe('the second half of GST within one territory', () => {
  const within = (code: string): string =>
    heads(customer({ gst_state_code: code }), { ...maharashtra, gst_state_code: code })

  for (const [name, code] of Object.entries({
    Chandigarh: '04',
    'Dadra and Nagar Haveli and Daman and Diu': '26',
    Lakshadweep: '31',
    'Andaman and Nicobar': '35',
    Ladakh: '38',
  })) {
    it(`is UTGST in ${name}`, () => expect(within(code)).to.equal('CGST 9 905, UTGST 9 905'))
  }

  for (const [name, code] of Object.entries({
    Delhi: '07',
    Puducherry: '34',
    'Jammu and Kashmir': '01',
    Goa: '30',
  })) {
    it(`is SGST in ${name}`, () => expect(within(code)).to.equal('CGST 9 905, SGST 9 905'))
  }

  it('is IGST from one union territory to another', () => {
    expect(heads(customer({ gst_state_code: '04' }), { ...maharashtra, gst_state_code: '38' })).to.equal(
      'IGST 18 1809',
    )
  })
})

describe('special economic zones and exports', () => {
  const zone = customer({ gst_treatment: 'sez', gst_state_code: '27', gstin: '27AAPFU0939F1ZV' })
  const abroad = customer({ country_code: 'US', gst_treatment: 'overseas' })

  it('a zone pays IGST in the state of the supplier too', () => {
    expect(tax(zone)).to.deep.include({
      supply: 'sez',
      place_of_supply: { code: '27', name: 'Maharashtra' },
      endorsement: onPayment,
      lut: null,
      taxes: [{ head: 'IGST', rate: '18', amount_minor: 1809n }],
    })
  })

  it('an export without a LUT carries IGST', () => {
    expect(tax(abroad)).to.deep.include({
      supply: 'export',
      endorsement: onPayment,
      lut: null,
      taxes: [{ head: 'IGST', rate: '18', amount_minor: 1809n }],
    })
  })

  for (const [what, recipient] of Object.entries({ sez: zone, export: abroad })) {
    it(`${what} under a LUT is zero-rated, with the endorsement of Rule 46`, () => {
      expect(tax(recipient, [line(10050n)], underLut)).to.deep.include({
        supply: what,
        endorsement: withoutTax,
        lut: 'AD270326000001B',
        taxes: [{ head: 'IGST', rate: '0', amount_minor: 0n }],
        tax_minor: 0n,
        taxable_minor: 10050n,
      })
    })

    it(`${what} is zero-rated on the last day of the LUT, and pays 18 % the day after`, () => {
      const last = tax(recipient, [line(10050n)], underLut, '2027-03-31')
      expect(last).to.deep.include({ tax_minor: 0n, endorsement: withoutTax })
      const after = tax(recipient, [line(10050n)], underLut, '2027-04-01')
      expect(after).to.deep.include({ tax_minor: 1809n, endorsement: onPayment, lut: null })
    })

    it(`${what} takes the LUT of its day among several`, () => {
      expect(tax(recipient, [line(1n)], underLut, '2026-03-31').lut).to.equal('AD270325000001A')
      expect(tax(recipient, [line(1n)], underLut, '2026-04-01').lut).to.equal('AD270326000001B')
      expect(tax(recipient, [line(1n)], underLut, '2025-03-31').lut).to.equal(null)
    })
  }

  it('a LUT changes nothing for a customer in India', () => {
    expect(tax(customer({ gst_state_code: '29' }), [line(10050n)], underLut)).to.deep.include({
      tax_minor: 1809n,
      endorsement: null,
      lut: null,
    })
  })
})
