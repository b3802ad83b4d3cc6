/** The supplier's particulars: what was typed over what is on file, checked and completed. */
import { ErpmaxError } from '../kernel/errors.js'
import { completeCompany, emailOf } from '../tenants/profile.js'
import { checkPrefix } from './numbering.js'
import { currencyOfMember, isMemberState } from './tax/member-states.js'
import type { Particulars } from './supplier.js'

/** Undefined keeps what is on file; an empty text takes it away. */
export interface ParticularsInput {
  name?: string | undefined
  legalName?: string | undefined
  country?: string | undefined
  state?: string | undefined
  gstin?: string | undefined
  vatId?: string | undefined
  addressLine1?: string | undefined
  addressLine2?: string | undefined
  city?: string | undefined
  postalCode?: string | undefined
  email?: string | undefined
  currency?: string | undefined
  timeZone?: string | undefined
  prefix?: string | undefined
  creditNotePrefix?: string | undefined
  paymentTerms?: number | undefined
  paymentDetails?: string | undefined
}

const usualPrefix = 'ERP'
const usualCreditNotePrefix = 'CN'
const usualTerms = 7

/**
 * What belongs to a place (address, state, tax identifiers, zone, currency) does not move along to another country.
 * @throws usage `supplier.<field>_invalid`, `usage.missing`
 */
export async function completeParticulars(
  was: Particulars | null,
  input: ParticularsInput,
): Promise<Particulars> {
  const country = (pick(input.country, was?.country_code) ?? 'IN').trim().toUpperCase()
  const there = was?.country_code === country ? was : null
  const legalName = pick(input.legalName, was?.legal_name) ?? ''
  const gstin = pick(input.gstin, there?.gstin)
  const vatId = pick(input.vatId, there?.vat_id)
  const addressLine1 = pick(input.addressLine1, there?.address_line1) ?? ''
  requireAll(country, { 'legal-name': legalName, 'address-line1': addressLine1, gstin, 'vat-id': vatId })
  const alias = was && was.name !== was.legal_name ? was.name : undefined
  const company = await ofSupplier(() =>
    completeCompany({
      name: pick(input.name, alias) ?? legalName,
      legalName,
      country,
      // A new GSTIN tells its state itself.
      state: pick(input.state, input.gstin ? undefined : there?.state_code),
      gstin,
      vatId,
      addressLine1,
      addressLine2: pick(input.addressLine2, there?.address_line2),
      city: pick(input.city, there?.city),
      postalCode: pick(input.postalCode, there?.postal_code),
      timeZone: pick(input.timeZone, there?.time_zone) ?? mainZones[country],
      currency: pick(input.currency, there?.currency) ?? homeCurrency(country),
    }),
  )
  const email = pick(input.email, was?.email)
  const prefixes = prefixesOf(country, was, input)
  const { industry: _, company_size: __, language: ___, gst_treatment: ____, ...kept } = company
  if (country === 'IN' && company.time_zone !== 'Asia/Kolkata')
    throw invalid('time_zone', 'The financial year of a supplier in India turns in Asia/Kolkata')
  return {
    ...kept,
    address_line1: company.address_line1 ?? addressLine1,
    email: email === undefined ? null : await ofSupplier(() => emailOf('email', email)),
    ...prefixes,
    payment_terms_days: input.paymentTerms ?? was?.payment_terms_days ?? usualTerms,
    payment_details: paymentDetails(pick(input.paymentDetails, there?.payment_details)),
  }
}

const longestDetails = 300

/** The account is the customer's to copy: nothing is made of it but one line. */
function paymentDetails(given: string | undefined): string | null {
  if (given === undefined) return null
  const line = given.trim().replace(/\s+/g, ' ')
  if (line.length > longestDetails || /\p{Cc}/u.test(line))
    throw invalid(
      'payment_details',
      `How you are paid by bank is told in ${longestDetails} characters at most`,
      '--payment-details "HDFC Bank, Mumbai, account 50100012345678, IFSC HDFC0000060"',
    )
  return line
}

function prefixesOf(
  country: string,
  was: Particulars | null,
  input: ParticularsInput,
): Pick<Particulars, 'invoice_prefix' | 'credit_note_prefix'> {
  const invoice = (pick(input.prefix, was?.invoice_prefix) ?? usualPrefix).trim().toUpperCase()
  const creditNote = (pick(input.creditNotePrefix, was?.credit_note_prefix) ?? usualCreditNotePrefix)
    .trim()
    .toUpperCase()
  checkPrefix(country, invoice, 'prefix')
  checkPrefix(country, creditNote, 'credit_note_prefix')
  if (invoice === creditNote)
    throw invalid(
      'credit_note_prefix',
      `Invoices and credit notes cannot both be numbered ${invoice}/...`,
      '--credit-note-prefix CN',
    )
  return { invoice_prefix: invoice, credit_note_prefix: creditNote }
}

/** The capital's zone, where the country has more than one and yet nobody would ask which. */
const mainZones: Readonly<Record<string, string>> = {
  ...{ CY: 'Asia/Nicosia', DE: 'Europe/Berlin', ES: 'Europe/Madrid', PT: 'Europe/Lisbon' },
}

/** What amounts in other currencies are counted in. */
function homeCurrency(country: string): string | undefined {
  return isMemberState(country) ? currencyOfMember(country) : undefined
}

function pick(given: string | undefined, old: string | null | undefined): string | undefined {
  if (given === undefined) return old ?? undefined
  return given.trim() === '' ? undefined : given
}

const examples = {
  'legal-name': '"Acme Private Limited"',
  'address-line1': '"1 MG Road"',
  gstin: '27AAPFU0939F1ZV',
  'vat-id': 'DE136695976',
}

/** A tax invoice carries the identifier of who issues it: Rule 46 in India, Article 226 of the VAT Directive in the EU. */
function requireAll(country: string, given: Record<keyof typeof examples, string | undefined>): void {
  const identifier = country === 'IN' ? ['gstin'] : isMemberState(country) ? ['vat-id'] : []
  const flags = ['legal-name', 'address-line1', ...identifier] as (keyof typeof examples)[]
  const missing = flags.filter((flag) => !given[flag])
  if (missing.length === 0) return
  const names = missing.map((flag) => `--${flag}`)
  throw new ErpmaxError(
    'usage',
    'usage.missing',
    `${names.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
    {
      hint: missing.map((flag) => `--${flag} ${examples[flag]}`).join(' '),
      details: { missing: names },
    },
  )
}

/** The checks are those of a tenant's company; the errors speak of the supplier. */
async function ofSupplier<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await check()
  } catch (error) {
    if (!(error instanceof ErpmaxError) || !error.code.startsWith('tenant.')) throw error
    throw new ErpmaxError(error.kind, error.code.replace('tenant.', 'supplier.'), error.message, {
      ...(error.hint ? { hint: error.hint } : {}),
      details: error.details,
    })
  }
}

function invalid(field: string, message: string, hint?: string): ErpmaxError {
  return new ErpmaxError('usage', `supplier.${field}_invalid`, message, {
    ...(hint ? { hint } : {}),
    details: { field },
  })
}
