/** A company's particulars after a change: what was given over what there was, checked as a whole. */
import { completeProfile, type Profile, type ProfileInput } from './profile.js'

/** What is to change; an empty text takes away what may be missing. */
export type ProfileChanges = Partial<ProfileInput>

/**
 * State, tax id and GST treatment belong to a country, and in India the GSTIN tells the state: what another one
 * replaces goes unless it is given too.
 * @throws usage `tenant.<field>_invalid`
 */
export async function changedProfile(current: Profile, changes: ProfileChanges): Promise<Profile> {
  const abroad =
    changes.country !== undefined && changes.country.trim().toUpperCase() !== current.country_code
  const kept = (field: keyof Profile, unless = false): string | undefined =>
    unless ? undefined : (current[field] ?? undefined)
  const optional = (given: string | undefined, rest: string | undefined): string | undefined =>
    given === undefined ? rest : given.trim() || undefined
  return completeProfile(
    {
      name: changes.name ?? current.name,
      legalName: changes.legalName ?? current.legal_name,
      industry: optional(changes.industry, kept('industry')),
      companySize: optional(changes.companySize, kept('company_size')),
      country: changes.country ?? current.country_code,
      state: optional(changes.state, kept('state_code', abroad || Boolean(changes.gstin))),
      gstin: optional(changes.gstin, kept('gstin', abroad)),
      gstTreatment: optional(changes.gstTreatment, kept('gst_treatment', abroad)),
      vatId: optional(changes.vatId, kept('vat_id', abroad)),
      billingEmail: changes.billingEmail ?? current.billing_email,
      addressLine1: optional(changes.addressLine1, kept('address_line1')),
      addressLine2: optional(changes.addressLine2, kept('address_line2')),
      city: optional(changes.city, kept('city')),
      postalCode: optional(changes.postalCode, kept('postal_code')),
      timeZone: changes.timeZone ?? current.time_zone,
      currency: changes.currency ?? current.currency,
      language: changes.language ?? current.language,
    },
    current.billing_email,
  )
}

/** The columns whose value is another one now. */
export function changedFields(before: Profile, after: Profile): (keyof Profile)[] {
  return (Object.keys(after) as (keyof Profile)[]).filter((field) => before[field] !== after[field])
}
