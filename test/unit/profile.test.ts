/** A company's particulars: what is refused, what is completed, and the check digits of its tax identifiers. */
import { expect } from 'chai'
import { findIndianState, indianStates } from '../../src/tenants/indian-states.js'
import { completeProfile, type ProfileInput } from '../../src/tenants/profile.js'
import { validGstin, validVatId } from '../../src/tenants/tax-ids.js'
import { rejection } from '../support/errors.js'

const complete = (input: Partial<ProfileInput>) =>
  completeProfile({ name: 'Acme', ...input }, 'Owner@Example.com')

describe('a profile', () => {
  it('of a name alone is a company in India that pays in rupees', async () => {
    expect(await complete({})).to.deep.equal({
      name: 'Acme',
      legal_name: 'Acme',
      industry: null,
      company_size: null,
      country_code: 'IN',
      state_code: null,
      gst_state_code: null,
      gstin: null,
      gst_treatment: null,
      vat_id: null,
      billing_email: 'owner@example.com',
      address_line1: null,
      address_line2: null,
      city: null,
      postal_code: null,
      time_zone: 'Asia/Kolkata',
      currency: 'INR',
      language: 'en',
    })
  })

  it('elsewhere pays in dollars and lives in the one time zone of its country, else in UTC', async () => {
    expect(await complete({ country: 'fr' })).to.deep.include({
      country_code: 'FR',
      currency: 'USD',
      time_zone: 'Europe/Paris',
    })
    expect(await complete({ country: 'US' })).to.deep.include({ currency: 'USD', time_zone: 'UTC' })
  })

  it('keeps the currency, the zone and the language it is given', async () => {
    const given = { currency: 'eur', timeZone: 'Europe/Paris', language: 'hi' }
    expect(await complete({ country: 'FR', ...given })).to.deep.include({
      currency: 'EUR',
      time_zone: 'Europe/Paris',
      language: 'hi',
    })
  })

  for (const state of ['MH', 'mh', 'IN-MH', '27']) {
    it(`knows Maharashtra as ${state}, and stores both of its codes`, async () => {
      expect(await complete({ state })).to.deep.include({ state_code: 'MH', gst_state_code: '27' })
    })
  }

  it('takes the state from the GSTIN where none is given', async () => {
    expect(await complete({ gstin: ' 27aapfu 0939f1zv' })).to.deep.include({
      gstin: '27AAPFU0939F1ZV',
      state_code: 'MH',
      gst_state_code: '27',
    })
  })

  it('says where it is in a special economic zone', async () => {
    expect(await complete({ gstTreatment: 'sez', state: 'KA' })).to.include({ gst_treatment: 'sez' })
    expect(await complete({ gstTreatment: 'overseas', country: 'US' })).to.include({
      gst_treatment: 'overseas',
    })
  })

  it('has no GST code for a state abroad', async () => {
    expect(await complete({ country: 'US', state: 'US-CA' })).to.deep.include({
      state_code: 'CA',
      gst_state_code: null,
    })
  })

  const refused: Record<string, [Partial<ProfileInput>, string]> = {
    'without a name': [{ name: '  ' }, 'name'],
    'with a name of 201 characters': [{ name: 'a'.repeat(201) }, 'name'],
    'from no country': [{ country: 'XX' }, 'country'],
    'from a country in words': [{ country: 'India' }, 'country'],
    'from a state that India does not have': [{ state: 'CA' }, 'state'],
    'from a state that the country cannot have': [{ country: 'US', state: 'California' }, 'state'],
    'with a GSTIN of another state': [{ state: 'KA', gstin: '27AAPFU0939F1ZV' }, 'gstin'],
    'with a wrong check digit in its GSTIN': [{ gstin: '22AAAAA0000A1Z5' }, 'gstin'],
    'with a GSTIN abroad': [{ country: 'DE', gstin: '27AAPFU0939F1ZV' }, 'gstin'],
    'with a VAT id in India': [{ vatId: 'DE136695976' }, 'vat_id'],
    'with the VAT id of another country': [{ country: 'FR', vatId: 'DE136695976' }, 'vat_id'],
    'with a PIN code of five digits': [{ postalCode: '40000' }, 'postal_code'],
    'in a zone that does not exist': [{ timeZone: 'Asia/Atlantis' }, 'time_zone'],
    'in an empty zone': [{ timeZone: '' }, 'time_zone'],
    'from a special economic zone abroad': [{ country: 'DE', gstTreatment: 'sez' }, 'gst_treatment'],
    'overseas in India': [{ gstTreatment: 'overseas' }, 'gst_treatment'],
    'treated as nobody is': [{ gstTreatment: 'SEZ unit' }, 'gst_treatment'],
    'in a currency that does not exist': [{ currency: 'ABC' }, 'currency'],
    'in a language we do not speak': [{ language: 'fr' }, 'language'],
    'of a size that is none of ours': [{ companySize: '7' }, 'company_size'],
    'with half an e-mail address': [{ billingEmail: 'owner@' }, 'billing_email'],
  }
  for (const [what, [input, field]] of Object.entries(refused)) {
    it(`${what} is refused by name`, async () => {
      expect(await rejection(complete(input))).to.deep.include({
        kind: 'usage',
        code: `tenant.${field}_invalid`,
        details: { field },
      })
    })
  }
})

describe('a GSTIN', () => {
  it('is checked to its last digit', async () => {
    expect(await validGstin('27AAPFU0939F1ZV')).to.equal('27AAPFU0939F1ZV')
    for (const wrong of ['22AAAAA0000A1Z5', '29ABCDE1234F2Z5', '27AAPFU0939F1Z', '27AAPFU0939F1ZVV', '']) {
      expect(await validGstin(wrong), wrong).to.equal(null)
    }
  })

  it('has one check digit and no other', async () => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
    const valid = []
    for (const digit of digits) if (await validGstin(`27AAPFU0939F1Z${digit}`)) valid.push(digit)
    expect(valid).to.deep.equal(['V'])
  })
})

describe('a VAT id', () => {
  it('is stored with its prefix, checked by its country', async () => {
    expect(await validVatId('DE', 'DE136695976')).to.equal('DE136695976')
    expect(await validVatId('DE', '136 695 976')).to.equal('DE136695976')
    expect(await validVatId('DE', 'DE136695977')).to.equal(null)
    expect(await validVatId('GR', 'EL094259216')).to.equal('EL094259216')
    expect(await validVatId('NL', 'NL004495445B01')).to.equal('NL004495445B01')
    expect(await validVatId('AT', 'ATU13585627')).to.equal('ATU13585627')
    expect(await validVatId('GB', 'GB980780684')).to.equal('GB980780684')
  })

  it('is judged by its form where we know no check', async () => {
    expect(await validVatId('CH', 'CHE-107.787.577')).to.equal('CHE107787577')
    expect(await validVatId('CH', '!')).to.equal(null)
  })
})

describe('the states of India', () => {
  it('are 36, no code twice', () => {
    expect(indianStates).to.have.length(36)
    expect(new Set(indianStates.flatMap(({ iso, gst }) => [iso, gst])).size).to.equal(72)
  })

  it('are found by the suffixes of former editions too', () => {
    expect(findIndianState('OR')?.iso).to.equal('OD')
    expect(findIndianState('IN-TG')?.gst).to.equal('36')
    expect(findIndianState('25')).to.equal(null)
    expect(findIndianState('99')).to.equal(null)
  })
})
