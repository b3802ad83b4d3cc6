/** A company's particulars: what was typed, checked and completed into what is stored. */
import * as z from 'zod'
import { ErpmaxError } from '../kernel/errors.js'
import { isTimeZone } from '../kernel/dates.js'
import { findIndianState } from './indian-states.js'
import { validGstin, validVatId } from './tax-ids.js'

export const companySizes = ['1-10', '11-50', '51-200', '201-500', '501-1000', '1001-5000', '5001+'] as const

/** How India's GST sees a customer; `sez`: a unit or developer of a special economic zone. */
export const gstTreatments = ['regular', 'composition', 'unregistered', 'sez', 'overseas'] as const

export interface ProfileInput {
  name: string
  legalName?: string | undefined
  industry?: string | undefined
  companySize?: string | undefined
  country?: string | undefined
  state?: string | undefined
  gstin?: string | undefined
  gstTreatment?: string | undefined
  vatId?: string | undefined
  billingEmail?: string | undefined
  addressLine1?: string | undefined
  addressLine2?: string | undefined
  city?: string | undefined
  postalCode?: string | undefined
  timeZone?: string | undefined
  currency?: string | undefined
  language?: string | undefined
}

/** Keys are the columns of `public.tenants`. */
export interface Profile {
  name: string
  legal_name: string
  industry: string | null
  company_size: string | null
  country_code: string
  state_code: string | null
  gst_state_code: string | null
  gstin: string | null
  /** Null: derived from country and GSTIN. */
  gst_treatment: string | null
  vat_id: string | null
  billing_email: string
  address_line1: string | null
  address_line2: string | null
  city: string | null
  postal_code: string | null
  time_zone: string
  currency: string
  language: string
}

export const languages = ['en', 'hi', 'uk'] as const

const shortText = z.string().trim().min(1).max(200)
const optionalText = shortText.nullish().transform((text) => text ?? null)

/** @throws usage `tenant.<field>_invalid` for the first thing that is wrong; @param adminEmail bills go there by default */
export async function completeProfile(input: ProfileInput, adminEmail: string): Promise<Profile> {
  return {
    ...(await completeCompany(input)),
    billing_email: emailOf('billing_email', input.billingEmail ?? adminEmail),
  }
}

/** The particulars without an address for bills. @throws as `completeProfile` */
export async function completeCompany(
  input: Omit<ProfileInput, 'billingEmail'>,
): Promise<Omit<Profile, 'billing_email'>> {
  const name = text(shortText, 'name', input.name)
  const country = countryOf(input.country ?? 'IN')
  const state = stateOf(country, input.state)
  const gstin = await gstinOf(country, input.gstin)
  const gstState = gstin ? findIndianState(gstin.slice(0, 2)) : state.gst ? findIndianState(state.gst) : null
  if (gstin && state.gst && gstState?.gst !== state.gst) {
    throw invalid(
      'gstin',
      `The GSTIN ${gstin} belongs to ${gstState?.name ?? gstin.slice(0, 2)}, not to the state given`,
    )
  }
  return {
    name,
    legal_name: input.legalName ? text(shortText, 'legal_name', input.legalName) : name,
    industry: text(optionalText, 'industry', input.industry),
    company_size: oneOf('company_size', companySizes, input.companySize),
    country_code: country,
    state_code: state.iso ?? gstState?.iso ?? null,
    gst_state_code: gstState?.gst ?? null,
    gstin,
    gst_treatment: treatmentOf(country, input.gstTreatment),
    vat_id: await vatOf(country, input.vatId),
    address_line1: text(optionalText, 'address', input.addressLine1),
    address_line2: text(optionalText, 'address', input.addressLine2),
    city: text(optionalText, 'city', input.city),
    postal_code: postalOf(country, input.postalCode),
    time_zone: timeZoneOf(country, input.timeZone),
    currency: currencyOf(country, input.currency),
    language: oneOf('language', languages, input.language) ?? 'en',
  }
}

/** An address in lower case: e-mail addresses compare case-insensitively here. */
export function emailOf(field: string, value: string): string {
  const parsed = z.email().max(254).safeParse(value.trim().toLowerCase())
  if (!parsed.success) throw invalid(field, `"${value}" is not an e-mail address`)
  return parsed.data
}

/** Where invoices start from when nobody says otherwise: rupees in India, dollars elsewhere. */
export function defaultCurrency(country: string): string {
  return country === 'IN' ? 'INR' : 'USD'
}

/** What CLDR has names for and ISO 3166 has not as countries: unions, pseudo-locales, "unknown region". */
const notCountries = ['EU', 'EZ', 'QO', 'UK', 'UN', 'XA', 'XB', 'ZZ']

/** An ISO 3166 code of two capitals. */
export function isCountry(code: string): boolean {
  return (
    /^[A-Z]{2}$/.test(code) &&
    !notCountries.includes(code) &&
    new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code) !== undefined
  )
}

function countryOf(value: string): string {
  const code = value.trim().toUpperCase()
  if (!isCountry(code))
    throw invalid('country', `"${value}" is not an ISO 3166 country code`, 'Two letters, such as IN or DE')
  return code
}

function stateOf(country: string, value: string | undefined): { iso: string | null; gst: string | null } {
  if (!value) return { iso: null, gst: null }
  if (country === 'IN') {
    const state = findIndianState(value)
    if (!state)
      throw invalid('state', `"${value}" is not a state of India`, 'The ISO suffix (MH) or the GST code (27)')
    return { iso: state.iso, gst: state.gst }
  }
  const iso = value
    .trim()
    .toUpperCase()
    .replace(new RegExp(`^${country}-`), '')
  if (!/^[A-Z0-9]{1,3}$/.test(iso))
    throw invalid(
      'state',
      `"${value}" is not an ISO 3166-2 suffix`,
      'One to three letters or digits, such as CA',
    )
  return { iso, gst: null }
}

async function gstinOf(country: string, value: string | undefined): Promise<string | null> {
  if (!value) return null
  if (country !== 'IN') throw invalid('gstin', 'A GSTIN belongs to a company in India', 'Use --vat-id')
  const gstin = await validGstin(value)
  if (!gstin) throw invalid('gstin', `"${value}" is not a GSTIN: its form or its check digit is wrong`)
  return gstin
}

function treatmentOf(country: string, value: string | undefined): string | null {
  const treatment = oneOf('gst_treatment', gstTreatments, value)
  if (treatment === null || (treatment === 'overseas') === (country !== 'IN')) return treatment
  throw invalid('gst_treatment', `Under India's GST a customer in ${country} cannot be ${treatment}`)
}

async function vatOf(country: string, value: string | undefined): Promise<string | null> {
  if (!value) return null
  if (country === 'IN') throw invalid('vat_id', 'A company in India has a GSTIN, not a VAT id', 'Use --gstin')
  const vat = await validVatId(country, value)
  if (!vat)
    throw invalid('vat_id', `"${value}" is not a VAT id of ${country}: its form or its check digit is wrong`)
  return vat
}

function postalOf(country: string, value: string | undefined): string | null {
  const code = text(optionalText, 'postal_code', value)
  if (code && country === 'IN' && !/^[1-9][0-9]{5}$/.test(code))
    throw invalid('postal_code', `"${code}" is not an Indian PIN code of six digits`)
  return code
}

/** The zone given; else the country's own where it has just one; else UTC. */
function timeZoneOf(country: string, value: string | undefined): string {
  if (value !== undefined) {
    if (!isTimeZone(value))
      throw invalid('time_zone', `"${value}" is not an IANA time zone`, 'Such as Asia/Kolkata')
    return value
  }
  if (country === 'IN') return 'Asia/Kolkata'
  // Newer engines have the method alone, older ones the property alone.
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    getTimeZones?: () => string[] | undefined
    timeZones?: string[]
  }
  const zones = locale.getTimeZones?.() ?? locale.timeZones ?? []
  return zones.length === 1 && zones[0] ? zones[0] : 'UTC'
}

function currencyOf(country: string, value: string | undefined): string {
  const code = (value ?? defaultCurrency(country)).trim().toUpperCase()
  if (!Intl.supportedValuesOf('currency').includes(code))
    throw invalid('currency', `"${value}" is not an ISO 4217 currency`)
  return code
}

function oneOf<Choice extends string>(
  field: string,
  choices: readonly Choice[],
  value: string | undefined,
): Choice | null {
  if (value === undefined || value === '') return null
  const found = choices.find((choice) => choice === value)
  if (!found) throw invalid(field, `"${value}" is none of ${choices.join(', ')}`)
  return found
}

function text<Output>(schema: z.ZodType<Output>, field: string, value: unknown): Output {
  const parsed = schema.safeParse(value)
  if (!parsed.success)
    throw invalid(field, `The ${field.replaceAll('_', ' ')} is empty or longer than 200 characters`)
  return parsed.data
}

function invalid(field: string, message: string, hint?: string): ErpmaxError {
  return new ErpmaxError('usage', `tenant.${field}_invalid`, message, {
    ...(hint ? { hint } : {}),
    details: { field },
  })
}
