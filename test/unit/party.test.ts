/** The town of an address, in the order of its country. */
import { expect } from 'chai'
import { partyOf } from '../../src/billing/party.js'

const blank = {
  ...{ name: 'A', legal_name: 'A', gst_state_code: null, gstin: null, vat_id: null, email: null },
  ...{ address_line1: null, address_line2: null },
}

function town(
  country_code: string,
  city: string | null,
  postal_code: string | null,
  state_code: string | null = null,
) {
  return partyOf({ ...blank, country_code, state_code, city, postal_code }).address
}

describe('an address', () => {
  it('writes town and code as its country does', () => {
    expect(town('IN', 'Mumbai', '400069', 'MH')).to.deep.equal(['Mumbai 400069'])
    expect(town('US', 'San Francisco', '94105', 'CA')).to.deep.equal(['San Francisco, CA 94105'])
    expect(town('DE', 'Berlin', '10115')).to.deep.equal(['10115 Berlin'])
    expect(town('GB', 'London', 'EC1A 1BB')).to.deep.equal(['London EC1A 1BB'])
  })

  it('leaves out what is not known', () => {
    expect(town('US', 'San Francisco', null)).to.deep.equal(['San Francisco'])
    expect(town('US', null, '94105', 'CA')).to.deep.equal(['94105'])
    expect(town('IN', null, null)).to.deep.equal([])
  })
})
