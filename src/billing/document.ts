/** An issued document as a renderer takes it: everything it prints, and nothing that must be looked up or computed. */
import type { PlainDate } from '../kernel/dates.js'

export type DocumentKind = 'invoice' | 'credit_note'

/** CGST, SGST, UTGST and IGST in India, VAT elsewhere. */
export type TaxHead = 'CGST' | 'SGST' | 'UTGST' | 'IGST' | 'VAT'

export interface DocumentParty {
  name: string
  legal_name: string
  address: string[]
  country: string
  /** ISO 3166-2 suffix, two-digit GST code and name, where the country has states that matter. */
  state: { code: string; gst_code: string | null; name: string } | null
  gstin: string | null
  vat_id: string | null
  email: string | null
}

export interface DocumentTax {
  head: TaxHead
  /** Per cent as decimal text: `9`, `18`, `20.5`. */
  rate: string
  amount_minor: bigint
}

export interface DocumentLine {
  position: number
  description: string
  /** Services accounting code (India). */
  sac: string | null
  /** The days charged for, half-open. */
  period: { from: PlainDate; to: PlainDate } | null
  /** The net amount, rounded. */
  taxable_minor: bigint
  taxes: DocumentTax[]
}

export interface BillingDocument {
  kind: DocumentKind
  /** Chooses the folder of `templates/invoice`; the document remembers it. */
  template: 'v1'
  language: 'en' | 'hi' | 'uk'
  number: string
  issue_date: PlainDate
  due_date: PlainDate | null
  currency: string
  supplier: DocumentParty
  recipient: DocumentParty
  /** GST: state code and name. */
  place_of_supply: { code: string; name: string } | null
  reverse_charge: boolean
  /** The words the law asks for on zero-rated or reverse-charged supplies. */
  endorsement: string | null
  /** The number of the letter of undertaking under which it carries no tax. */
  lut: string | null
  lines: DocumentLine[]
  taxable_minor: bigint
  /** Sums by head and rate, in the order CGST, SGST, UTGST, IGST, VAT. */
  taxes: DocumentTax[]
  total_minor: bigint
  /** From the credit balance, at issue. */
  credit_applied_minor: bigint
  /** What has come in for an invoice since its issue, and what is still open; null while nothing has. */
  receipts: { paid_minor: bigint; settled_minor: bigint; credited_minor: bigint; open_minor: bigint } | null
  /** A foreign currency's rate to the supplier's own at issue, as decimal text. */
  exchange: { rate: string; date: PlainDate; source: string; currency: string; total_minor: bigint } | null
  /** Of a credit note: what it corrects, and why. */
  original: { number: string; date: PlainDate } | null
  reason: string | null
  /** A credit note that leaves the tax of its invoice as it was charged. */
  commercial: boolean
  void: { reason: string } | null
  pay_url: string | null
  /** How the supplier is paid by bank. */
  payment_details: string | null
}
