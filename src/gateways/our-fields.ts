/** What every object of ours carries at a provider (Stripe: metadata, Razorpay: notes): which invoice it is about. */
import { recordOrNone, textOrNone } from './provider-json.js'
import type { InvoiceReference } from '../kernel/payment-gateway.js'

export function ourFields(about: {
  invoice: string
  tenant: string
  reference: string
}): Record<string, string> {
  return {
    erpmax_invoice: about.invoice,
    erpmax_tenant: about.tenant,
    erpmax_reference: about.reference,
  }
}

export function aboutIn(fields: unknown): InvoiceReference {
  const ours = recordOrNone(fields)
  return {
    invoice: textOrNone(ours, 'erpmax_invoice'),
    tenant: textOrNone(ours, 'erpmax_tenant'),
    reference: textOrNone(ours, 'erpmax_reference'),
  }
}
