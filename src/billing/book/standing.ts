/** What every command about an invoice says of it at the end: its state and what is still to come in. */
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import { enqueue } from '../../operations/outbox.js'
import { findInvoice, type FoundInvoice } from './find-invoice.js'
import type { Context } from '../../kernel/context.js'

export interface InvoiceStanding {
  id: string
  number: string
  tenant: string
  status: string
  total: MoneyJson
  open: MoneyJson
}

export function standingOf(invoice: FoundInvoice): InvoiceStanding {
  const { id, number, tenant, status, currency } = invoice
  return {
    ...{ id, number: number ?? '', tenant, status },
    total: moneyJson({ amountMinor: invoice.total_minor, currency }),
    open: moneyJson({ amountMinor: invoice.open_minor, currency }),
  }
}

/**
 * As it stands now; where it was open before and is paid by now, `invoice.paid` goes out.
 * @param cause the payment or document that did it, so that the event is one
 */
export async function standingAfter(
  ctx: Pick<Context, 'db'>,
  before: FoundInvoice,
  cause: string,
): Promise<InvoiceStanding> {
  const standing = standingOf(await findInvoice(ctx, before.id))
  if (standing.status === 'paid' && before.status !== 'paid') {
    const { number, total, tenant } = standing
    await enqueue(ctx, {
      ...{ topic: 'invoice.paid', key: `${before.id}/${cause}`, tenantId: before.tenant_id },
      payload: { invoice: number, tenant, total },
    })
  }
  return standing
}
