/** A company's particulars after a change: what goes with what. */
import { expect } from 'chai'
import { changedFields, changedProfile, type ProfileChanges } from '../../src/tenants/change-profile.js'
import { completeProfile, type Profile } from '../../src/tenants/profile.js'
import { rejection } from '../support/errors.js'

describe('a change of the particulars', () => {
  let mumbai: Profile

  before(async () => {
    mumbai = await completeProfile(
      {
        ...{ name: 'Acme', legalName: 'Acme Ltd', industry: 'Tools', companySize: '11-50', country: 'IN' },
        ...{ gstin: '27AAPFU0939F1ZV', addressLine1: 'MG Road 1', city: 'Mumbai', postalCode: '400001' },
      },
      'bills@acme.test',
    )
  })

  /** The columns that differ, as they are afterwards. */
  async function after(changes: ProfileChanges, of = mumbai): Promise<Partial<Profile>> {
    const changed = await changedProfile(of, changes)
    return Object.fromEntries(changedFields(of, changed).map((field) => [field, changed[field]]))
  }

  it('is none where nothing is given, or what there is', async () => {
    expect(await after({})).to.deep.equal({})
    expect(
      await after({ name: ' Acme ', country: 'in', state: '27', gstin: '27aapfu0939f1zv' }),
    ).to.deep.equal({})
  })

  it('takes a particular away by an empty text', async () => {
    expect(await after({ industry: '', companySize: '', addressLine1: '', city: ' ' })).to.deep.equal({
      ...{ industry: null, company_size: null, address_line1: null, city: null },
    })
    expect(await after({ legalName: '' })).to.deep.equal({ legal_name: 'Acme' })
    expect(await after({ gstin: '' })).to.deep.equal({ gstin: null })
    for (const [changes, field] of [
      [{ name: '' }, 'name'],
      [{ billingEmail: '' }, 'billing_email'],
      [{ timeZone: '' }, 'time_zone'],
      [{ country: '' }, 'country'],
      [{ currency: '' }, 'currency'],
    ] as const) {
      const code = `tenant.${field}_invalid`
      expect(await rejection(changedProfile(mumbai, changes)), field).to.include({ kind: 'usage', code })
    }
  })

  it('keeps the treatment under the GST, changes it, and derives it again for an empty text or another country', async () => {
    const zone = await changedProfile(mumbai, { gstTreatment: 'sez' })
    expect(await after({ city: 'Pune' }, zone)).to.deep.equal({ city: 'Pune' })
    expect(await after({ gstTreatment: 'composition' }, zone)).to.deep.equal({ gst_treatment: 'composition' })
    expect(await after({ gstTreatment: '' }, zone)).to.deep.equal({ gst_treatment: null })
    expect(await after({ country: 'DE' }, zone)).to.include({ gst_treatment: null })
    for (const gstTreatment of ['overseas', 'SEZ'])
      expect(await rejection(changedProfile(mumbai, { gstTreatment })), gstTreatment).to.include({
        code: 'tenant.gst_treatment_invalid',
      })
  })

  it('takes the state from a new GSTIN, and refuses another one beside it', async () => {
    expect(await after({ gstin: '29AAGCB7383J1Z4' })).to.deep.equal({
      ...{ gstin: '29AAGCB7383J1Z4', state_code: 'KA', gst_state_code: '29' },
    })
    const other = changedProfile(mumbai, { gstin: '29AAGCB7383J1Z4', state: 'MH' })
    expect(await rejection(other)).to.include({ code: 'tenant.gstin_invalid' })
    const moved = changedProfile(mumbai, { state: 'KA' })
    expect(await rejection(moved)).to.include({ code: 'tenant.gstin_invalid' })
    for (const gstin of ['27AAPFU0939F1ZW', '22AAAAA0000A1Z5', '29ABCDE1234F2Z5'])
      expect(await rejection(changedProfile(mumbai, { gstin })), gstin).to.include({
        code: 'tenant.gstin_invalid',
      })
  })

  it('leaves state and tax id of a country behind with it, and nothing else', async () => {
    expect(await after({ country: 'DE' })).to.deep.equal({
      ...{ country_code: 'DE', state_code: null, gst_state_code: null, gstin: null },
    })
    expect(await after({ country: 'DE', state: 'BE', vatId: 'DE136695976' })).to.deep.equal({
      ...{ country_code: 'DE', state_code: 'BE', gst_state_code: null, gstin: null, vat_id: 'DE136695976' },
    })
    const berlin = await changedProfile(mumbai, { country: 'DE', vatId: 'DE136695976', postalCode: '10115' })
    expect(await after({ country: 'AT' }, berlin)).to.deep.equal({ country_code: 'AT', vat_id: null })
    expect(await rejection(changedProfile(berlin, { country: 'IN' }))).to.include({
      code: 'tenant.postal_code_invalid',
    })
  })
})
