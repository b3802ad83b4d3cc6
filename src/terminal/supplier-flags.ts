/** The flags of `billing supplier set`, and what they ask for. An empty text takes a particular away. */
import { Flags } from '@oclif/core'
import type { SupplierInput } from '../billing/set-supplier.js'

const company = { helpGroup: 'COMPANY' }
const documents = { helpGroup: 'DOCUMENTS' }
const letter = { helpGroup: 'LETTER OF UNDERTAKING' }

export const supplierFlags = {
  'legal-name': Flags.string({ description: 'as registered', ...company }),
  name: Flags.string({ description: 'trading name; the legal one where it is left out', ...company }),
  'address-line1': Flags.string({ aliases: ['address'], description: 'street and number', ...company }),
  'address-line2': Flags.string({ description: 'second line of the address', ...company }),
  city: Flags.string({ description: 'city', ...company }),
  'postal-code': Flags.string({ description: 'postal code', ...company }),
  country: Flags.string({
    description: 'ISO 3166 code; IN where it is left out. Address and tax id of the old one go',
    ...company,
  }),
  state: Flags.string({
    description: 'ISO 3166-2 suffix (MH) or, in India, the GST code (27); the GSTIN tells it too',
    ...company,
  }),
  gstin: Flags.string({ description: 'GSTIN, India', exclusive: ['vat-id'], ...company }),
  'vat-id': Flags.string({ description: 'VAT id, elsewhere', ...company }),
  email: Flags.string({ description: 'address on the documents', ...company }),
  currency: Flags.string({
    description: 'what other currencies are converted into; that of the country where it is left out',
    ...company,
  }),
  'time-zone': Flags.string({
    description: 'of issue dates; the country decides where it is left out',
    ...company,
  }),
  prefix: Flags.string({
    aliases: ['invoice-prefix'],
    description: 'of invoice numbers: A-Z, 0-9, / and -, 4 characters in India, 7 elsewhere; ERP at first',
    ...documents,
  }),
  'credit-note-prefix': Flags.string({ description: 'of credit note numbers; CN at first', ...documents }),
  'payment-terms': Flags.integer({
    description: 'days from issue to due date; 7 at first',
    min: 0,
    max: 365,
    ...documents,
  }),
  'payment-details': Flags.string({
    description: 'account, bank and code, as invoices that are open print them',
    ...documents,
  }),
  'lut-number': Flags.string({
    description: 'number of the letter; on its days exports and SEZ go out without tax',
    dependsOn: ['lut-from', 'lut-to'],
    ...letter,
  }),
  'lut-from': Flags.string({
    description: 'its first day, 2026-04-01',
    dependsOn: ['lut-number'],
    ...letter,
  }),
  'lut-to': Flags.string({ description: 'its last day, 2027-03-31', dependsOn: ['lut-number'], ...letter }),
}

type TextFlag = Exclude<keyof typeof supplierFlags, 'payment-terms'>

export function toSupplierInput(
  flags: Partial<Record<TextFlag, string | undefined>> & { 'payment-terms'?: number | undefined },
): SupplierInput {
  const [number, firstDay, lastDay] = [flags['lut-number'], flags['lut-from'], flags['lut-to']]
  return {
    legalName: flags['legal-name'],
    name: flags.name,
    addressLine1: flags['address-line1'],
    addressLine2: flags['address-line2'],
    city: flags.city,
    postalCode: flags['postal-code'],
    country: flags.country,
    state: flags.state,
    gstin: flags.gstin,
    vatId: flags['vat-id'],
    email: flags.email,
    currency: flags.currency,
    timeZone: flags['time-zone'],
    prefix: flags.prefix,
    creditNotePrefix: flags['credit-note-prefix'],
    paymentTerms: flags['payment-terms'],
    paymentDetails: flags['payment-details'],
    ...(number && firstDay && lastDay ? { lut: { number, firstDay, lastDay } } : {}),
  }
}
