/** What a made-up event is about: an invoice, the checkout it was asked for by, and ids as a provider gives them. */
import { createHash } from 'node:crypto'
import { firstRow, sql } from '../../database/sql.js'
import { findInvoice } from '../../billing/book/find-invoice.js'
import type { Context } from '../../kernel/context.js'
import type { Money } from '../../kernel/money.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export interface Sale {
  invoice: string
  tenant: string
  /** Null where no checkout was opened: then number and tenant tell. */
  reference: string | null
  amount: Money
  /** `cs_...`, `plink_...` */
  checkout: string
  /** `pi_...`, `pay_...`: the same for each event of this invoice, unless another one is named. */
  payment: string
  at: Date
}

export type SaleContext = Pick<Context, 'db' | 'clock'>

/**
 * @param payment another payment than the usual one of this invoice
 * @param minor another amount than the checkout's, or what is open of the invoice
 * @throws not_found `invoice.not_found`
 */
export async function saleOf(
  ctx: SaleContext,
  provider: ProviderName,
  { invoice: text, payment, minor }: { invoice: string; payment: string | null; minor: bigint | null },
): Promise<Sale> {
  const invoice = await findInvoice(ctx, text)
  const asked = await firstRow<{ reference: string; id: string | null; amount: bigint }>(
    ctx.db,
    sql`select reference, provider_checkout_id as id, amount_minor as amount from public.checkouts
        where invoice_id = ${invoice.id} and provider = ${provider} order by attempt desc limit 1`,
  )
  const open = invoice.open_minor > 0n ? invoice.open_minor : invoice.total_minor
  return {
    ...{ invoice: invoice.number ?? invoice.id, tenant: invoice.tenant, reference: asked?.reference ?? null },
    amount: { amountMinor: minor ?? asked?.amount ?? open, currency: invoice.currency },
    checkout: asked?.id ?? madeUp(provider === 'stripe' ? 'cs_test_' : 'plink_', invoice.id),
    payment: payment ?? madeUp(provider === 'stripe' ? 'pi_' : 'pay_', invoice.id),
    at: ctx.clock.now(),
  }
}

/** 14 letters and digits after the prefix, the same for the same thing. */
export function madeUp(prefix: string, of: string): string {
  const letters = createHash('sha256').update(`${prefix}${of}`).digest('base64url').replace(/[-_]/g, 'x')
  return `${prefix}${letters.slice(0, 14)}`
}
