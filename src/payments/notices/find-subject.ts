/** Which invoice a provider speaks of: by the reference of a checkout, by number and tenant, by the checkout's own id. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { findInvoice, type FoundInvoice } from '../../billing/book/find-invoice.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'
import type { InvoiceReference, ProviderName } from '../../kernel/payment-gateway.js'

export interface KnownCheckout {
  id: string
  tenant_id: TenantId
  invoice_id: string
  status: string
  live: boolean
  currency: string
  amount_minor: bigint
}

/** The payment as it was noted before. */
export interface KnownPayment {
  id: string
  tenant_id: TenantId
  invoice_id: string | null
  status: 'pending' | 'succeeded' | 'failed' | 'unknown'
  currency: string
  amount_minor: bigint
  applied_minor: bigint
  refunded_minor: bigint
}

export interface Spoken {
  about: InvoiceReference
  /** `cs_...`, `plink_...`; of Razorpay's payments sometimes an order, which no checkout has. */
  checkoutId: string | null
}

/**
 * Nothing else is booked for this payment of the provider until the transaction ends: of two events that come at
 * once the second finds what the first has done. Taken before the tenant, by everybody.
 */
export async function holdPayment(
  ctx: Pick<Context, 'db'>,
  provider: ProviderName,
  paymentId: string,
): Promise<KnownPayment | null> {
  await rows(
    ctx.db,
    sql`select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(${`public.payments ${provider} ${paymentId}`}, 0))`,
  )
  return readKnownPayment(ctx, provider, paymentId)
}

/** As it is now: read once more under the tenant's lock, since a refund may have changed it meanwhile. */
export async function readKnownPayment(
  ctx: Pick<Context, 'db'>,
  provider: ProviderName,
  paymentId: string,
): Promise<KnownPayment | null> {
  return firstRow<KnownPayment>(
    ctx.db,
    sql`select id, tenant_id, invoice_id, status, currency, amount_minor, applied_minor, refunded_minor
        from public.payments where provider = ${provider} and provider_payment_id = ${paymentId}`,
  )
}

/** The checkout that was asked for; null where there is none of these. */
export async function findCheckout(
  ctx: Pick<Context, 'db'>,
  provider: ProviderName,
  { about, checkoutId }: Spoken,
): Promise<KnownCheckout | null> {
  return firstRow<KnownCheckout>(
    ctx.db,
    sql`select id, tenant_id, invoice_id, status, live, currency, amount_minor from public.checkouts
        where provider = ${provider} and (reference = ${about.reference} or provider_checkout_id = ${checkoutId})
        order by reference is not distinct from ${about.reference} desc limit 1`,
  )
}

/** Null where nobody here has such an invoice, or another tenant than the one that is named. */
export async function findSpokenInvoice(
  ctx: Pick<Context, 'db'>,
  checkout: KnownCheckout | null,
  known: KnownPayment | null,
  about: InvoiceReference,
): Promise<FoundInvoice | null> {
  const id = checkout?.invoice_id ?? known?.invoice_id ?? (await idByNumber(ctx, about))
  return id === null ? null : findInvoice(ctx, id)
}

async function idByNumber(
  ctx: Pick<Context, 'db'>,
  { invoice, tenant }: InvoiceReference,
): Promise<string | null> {
  if (invoice === null) return null
  const found = await firstRow<{ id: string }>(
    ctx.db,
    sql`select i.id from public.invoices i join public.tenants t on t.id = i.tenant_id
        where i.number = ${invoice} and (${tenant}::text is null or t.subdomain = ${tenant})`,
  )
  return found?.id ?? null
}

/**
 * Whether somebody was asked for this amount: by the checkout that is named; else by any checkout of this provider for
 * the invoice, or by the invoice itself, whole or what is open of it.
 */
export async function wasAskedFor(
  ctx: Pick<Context, 'db'>,
  provider: ProviderName,
  {
    amountMinor,
    invoice,
    checkout,
  }: {
    amountMinor: bigint
    invoice: FoundInvoice
    checkout: KnownCheckout | null
  },
): Promise<boolean> {
  if (checkout) return amountMinor === checkout.amount_minor
  if (amountMinor === invoice.open_minor || amountMinor === invoice.total_minor) return amountMinor > 0n
  const asked = await firstRow(
    ctx.db,
    sql`select 1 from public.checkouts where invoice_id = ${invoice.id} and provider = ${provider} and amount_minor = ${amountMinor}`,
  )
  return asked !== null
}
