/** What whoever has the link of an invoice may see: the document as it stands, and what is left to pay. */
import { readInvoiceDocument } from '../billing/book/read-document.js'
import { findPayLink } from '../billing/pay-link.js'
import type { BillingDocument } from '../billing/document.js'
import type { Context } from '../kernel/context.js'

export interface PayPage {
  invoiceId: string
  document: BillingDocument
  /** `settled`: nothing is left though nothing was paid, since it was credited or taken from the balance. */
  state: 'open' | 'paid' | 'settled' | 'void'
  openMinor: bigint
}

/** Null where no invoice has this link. */
export async function readPayPage(ctx: Pick<Context, 'db'>, token: string): Promise<PayPage | null> {
  const link = await findPayLink(ctx, token)
  if (!link) return null
  const { invoiceId } = link
  const document = await readInvoiceDocument(ctx, invoiceId)
  const openMinor = document.receipts?.open_minor ?? document.total_minor - document.credit_applied_minor
  return { invoiceId, document, openMinor, state: stateOf(document, openMinor) }
}

function stateOf(document: BillingDocument, openMinor: bigint): PayPage['state'] {
  if (document.void) return 'void'
  if (openMinor > 0n) return 'open'
  return (document.receipts?.paid_minor ?? 0n) > 0n ? 'paid' : 'settled'
}
