/** Supplier and customer as a document shows them: copied into it at issue, since both may change later. */
import { findIndianState } from '../tenants/indian-states.js'
import type { DocumentParty } from './document.js'

/** The columns that `billing_suppliers` and `tenants` have in common. */
export interface Particulars {
  name: string
  legal_name: string
  country_code: string
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

function addressLines({ address_line1, address_line2, city, postal_code }: Particulars): string[] {
  const town = [postal_code, city].filter((part) => part !== null && part !== '').join(' ')
  return [address_line1, address_line2, town].filter(
    (line): line is string => line !== null && line.trim() !== '',
  )
}
