/** The flags of `tenant update`, and what they ask for. An empty text takes a particular away. */
import { Flags } from '@oclif/core'
import { companySizes, gstTreatments, languages } from '../tenants/profile.js'
import type { ProfileChanges } from '../tenants/change-profile.js'

const company = { helpGroup: 'COMPANY' }
const place = { helpGroup: 'PLACE' }
const settings = { helpGroup: 'SETTINGS' }

export const updateTenantFlags = {
  name: Flags.string({ description: 'name of the company', ...company }),
  'legal-name': Flags.string({ description: 'as registered', ...company }),
  industry: Flags.string({ description: 'what the company does', ...company }),
  size: Flags.string({ description: `number of employees: ${companySizes.join(', ')}`, ...company }),
  gstin: Flags.string({ description: 'GSTIN, India; tells the state', exclusive: ['vat-id'], ...company }),
  'gst-treatment': Flags.string({
    description: `how India's GST sees the customer: ${gstTreatments.join(', ')}; "" derives it from country and GSTIN`,
    ...company,
  }),
  'vat-id': Flags.string({ description: 'VAT id, elsewhere', ...company }),
  'billing-email': Flags.string({ description: 'where invoices go', ...company }),
  currency: Flags.string({ description: 'ISO 4217 code; not while it is subscribed', ...company }),
  language: Flags.string({
    description: 'language of documents and mails',
    options: [...languages],
    ...company,
  }),
  country: Flags.string({
    description: 'ISO 3166 code; state and tax id of the old one go',
    ...place,
  }),
  state: Flags.string({
    description: 'ISO 3166-2 suffix (MH) or, in India, the GST code (27)',
    ...place,
  }),
  'address-line1': Flags.string({ description: 'street and number', ...place }),
  'address-line2': Flags.string({ description: 'second line of the address', ...place }),
  city: Flags.string({ description: 'city', ...place }),
  'postal-code': Flags.string({ description: 'postal code', ...place }),
  'time-zone': Flags.string({ description: 'IANA name', ...place }),
  set: Flags.string({
    description: 'key=value, the value JSON where it is JSON and text elsewhere; repeatable; no secrets',
    multiple: true,
    multipleNonGreedy: true,
    ...settings,
  }),
  unset: Flags.string({
    description: 'take this setting away; repeatable',
    multiple: true,
    multipleNonGreedy: true,
    ...settings,
  }),
}

type TextFlag = Exclude<keyof typeof updateTenantFlags, 'set' | 'unset'>

export function toProfileChanges(flags: Partial<Record<TextFlag, string | undefined>>): ProfileChanges {
  return {
    ...(flags.name === undefined ? {} : { name: flags.name }),
    legalName: flags['legal-name'],
    industry: flags.industry,
    companySize: flags.size,
    country: flags.country,
    state: flags.state,
    gstin: flags.gstin,
    gstTreatment: flags['gst-treatment'],
    vatId: flags['vat-id'],
    billingEmail: flags['billing-email'],
    addressLine1: flags['address-line1'],
    addressLine2: flags['address-line2'],
    city: flags.city,
    postalCode: flags['postal-code'],
    timeZone: flags['time-zone'],
    currency: flags.currency,
    language: flags.language,
  }
}
