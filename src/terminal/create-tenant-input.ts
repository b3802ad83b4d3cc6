/** From answers by the flags' names to what the workflow takes; an empty answer counts as none. */
import type { Secret } from '../kernel/secret.js'
import type { CreateTenantInput } from '../workflows/create-tenant.js'

/** The answers by the flags' names. */
export interface FileAnswers {
  [flag: string]: string | number | boolean | undefined
}

export function toCreateTenantInput(
  answers: FileAnswers,
  password: Secret | null,
  ifNotExists: boolean,
): CreateTenantInput {
  const text = (name: string): string | undefined =>
    answers[name] === undefined || answers[name] === '' ? undefined : String(answers[name])
  const days = answers['trial-days']
  return {
    subdomain: text('subdomain') ?? '',
    company: {
      name: text('name') ?? '',
      legalName: text('legal-name'),
      industry: text('industry'),
      companySize: text('size'),
      country: text('country'),
      state: text('state'),
      gstin: text('gstin'),
      gstTreatment: text('gst-treatment'),
      vatId: text('vat-id'),
      billingEmail: text('billing-email'),
      addressLine1: text('address-line1'),
      addressLine2: text('address-line2'),
      city: text('city'),
      postalCode: text('postal-code'),
      timeZone: text('time-zone'),
      currency: text('currency'),
      language: text('language'),
    },
    admin: { email: text('admin-email') ?? '', fullName: text('admin-name'), password },
    subscription: {
      modules: (text('modules') ?? '')
        .split(',')
        .map((code) => code.trim())
        .filter((code) => code !== ''),
      tier: text('tier'),
      cycle: text('cycle'),
      trialDays: typeof days === 'number' ? days : undefined,
    },
    ifNotExists,
  }
}
