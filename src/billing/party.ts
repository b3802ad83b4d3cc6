/** Supplier and customer as a document shows them: copied into it at issue, since both may change later. */
import { findIndianState } from '../tenants/indian-states.js'
import type { DocumentParty } from './document.js'

/** The columns that `billing_suppliers` and `tenants` have in common. */
export interface Particulars {
  name: string
  legal_name: string
  country_code: string
  state_code: string | null
  gst_state_code: string | null
  gstin: string | null
  vat_id: string | null
  address_line1: string | null
  address_line2: string | null
  city: string | null
  postal_code: string | null
  email: string | null
}

export function partyOf(from: Particulars): DocumentParty {
  const state = from.gst_state_code ? findIndianState(from.gst_state_code) : null
  return {
    name: from.name,
    legal_name: from.legal_name,
    address: addressLines(from),
    country: from.country_code,
    state: state ? { code: state.iso, gst_code: state.gst, name: state.name } : null,
    gstin: from.gstin,
    vat_id: from.vat_id,
    email: from.email,
  }
}

function addressLines(from: Particulars): string[] {
  return [from.address_line1, from.address_line2, townOf(from)].filter(
    (line): line is string => line !== null && line.trim() !== '',
  )
}

/** Where the code stands before the town; elsewhere it stands behind it. */
const codeFirst =
  'AE AR AT BE BG BR CH CN CY CZ DE DK EE ES FI FR GR HR HU IL IS IT JP KR LI LT LU LV MC MX MY NL NO PH PL PT RO RS SE SI SK TR VN'
const withState = ['US', 'CA', 'AU']

/** `Mumbai 400069`, `San Francisco, CA 94105`, `10115 Berlin`. */
function townOf({ country_code, city, postal_code, state_code }: Particulars): string {
  if (codeFirst.split(' ').includes(country_code)) return words(postal_code, city)
  if (withState.includes(country_code) && city)
    return `${city}, ${words(state_code, postal_code)}`.replace(/, $/, '')
  return words(city, postal_code)
}

function words(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join(' ')
}
