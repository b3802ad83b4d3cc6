/** What came of a notice of a provider: booked, of no consequence, or laid aside for a person. */
import type { TenantId } from '../../kernel/ids.js'
import type { FoundInvoice } from '../../billing/book/find-invoice.js'

export interface NoticeOutcome {
  status: 'processed' | 'ignored' | 'parked'
  /** A dotted code. */
  outcome: string
  tenantId: TenantId | null
  invoiceId: string | null
  paymentId: string | null
  /** What a person needs to judge it; no secrets, and nothing of the payer. */
  detail: Record<string, unknown> | null
}

/** What it is about, as far as it is known. */
export interface Subject {
  invoice?: Pick<FoundInvoice, 'id' | 'tenant_id'> | null
  tenantId?: TenantId | null
  paymentId?: string | null
}

type Detail = Record<string, unknown>

function outcomeOf(
  status: NoticeOutcome['status'],
  outcome: string,
  { invoice, tenantId, paymentId }: Subject,
  detail: Detail | null,
): NoticeOutcome {
  return {
    ...{ status, outcome, tenantId: invoice?.tenant_id ?? tenantId ?? null },
    ...{ invoiceId: invoice?.id ?? null, paymentId: paymentId ?? null, detail },
  }
}

export function processed(outcome: string, subject: Subject, detail: Detail | null = null): NoticeOutcome {
  return outcomeOf('processed', outcome, subject, detail)
}

export function ignored(outcome: string, subject: Subject = {}, detail: Detail | null = null): NoticeOutcome {
  return outcomeOf('ignored', outcome, subject, detail)
}

export function parked(outcome: string, subject: Subject, detail: Detail): NoticeOutcome {
  return outcomeOf('parked', outcome, subject, detail)
}
