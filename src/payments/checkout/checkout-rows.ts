/** The row of a checkout as those see it who lead it from state to state. */
import { execute, firstRow, sql, verbatim } from '../../database/sql.js'
import type { Context, Holder } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'
import type { CheckoutStatus } from './read-checkout.js'

/** What the provider is asked for beside the amount; sent again word for word. */
export interface StoredRequest {
  invoice: string
  tenant: string
  description: string
  customer: { name: string; email: string }
  return_url: string | null
}

export interface CheckoutRow {
  id: string
  tenant_id: TenantId
  invoice_id: string
  /** The number of the invoice. */
  invoice: string
  provider: ProviderName
  attempt: number
  reference: string
  status: CheckoutStatus
  live: boolean
  currency: string
  amount_minor: bigint
  provider_checkout_id: string | null
  url: string | null
  expires_at: Date | null
  request: StoredRequest | null
  holder: Holder | null
  /** Somebody may still be waiting for the provider's answer. */
  lease_alive: boolean
  /** Whoever opens it now might not be done in time. */
  ending: boolean
  /** The provider would take the same request once more. */
  repeatable: boolean
  created_at: Date
}

/**
 * Times of providers are times of the world, whatever `ERPMAX_NOW` says: the database's clock. A session of Stripe
 * begins at least 30 minutes before its end.
 */
const columns =
  verbatim(`c.id, c.tenant_id, c.invoice_id, i.number as invoice, c.provider, c.attempt, c.reference, c.status, c.live,
  c.currency, c.amount_minor, c.provider_checkout_id, c.url, c.expires_at, c.request, c.holder, c.created_at,
  coalesce(c.lease_until > clock_timestamp(), false) as lease_alive,
  coalesce(c.expires_at < clock_timestamp() + interval '5 minutes', false) as ending,
  c.request is not null and coalesce(c.expires_at > clock_timestamp() + interval '35 minutes', false) as repeatable`)
const tables = verbatim(`public.checkouts c join public.invoices i on i.id = c.invoice_id`)

/** Longer than a provider is waited for. */
export const lease = verbatim(`clock_timestamp() + interval '90 seconds'`)

/** The one that is not over, locked; there is one at most. */
export async function currentCheckout(
  ctx: Pick<Context, 'db'>,
  invoiceId: string,
): Promise<CheckoutRow | null> {
  return firstRow<CheckoutRow>(
    ctx.db,
    sql`select ${columns} from ${tables}
        where c.invoice_id = ${invoiceId} and c.status in ('creating', 'open', 'unknown') for update of c`,
  )
}

export async function lockedCheckout(ctx: Pick<Context, 'db'>, id: string): Promise<CheckoutRow> {
  const found = await firstRow<CheckoutRow>(
    ctx.db,
    sql`select ${columns} from ${tables} where c.id = ${id} for update of c`,
  )
  if (!found) throw new Error(`there is no checkout ${id}`)
  return found
}

/** Who waits for the provider from now on. */
export async function holdCheckout(ctx: Pick<Context, 'db' | 'processes'>, id: string): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.checkouts set holder = ${JSON.stringify(ctx.processes.self)}, lease_until = ${lease}, updated_at = clock_timestamp()
        where id = ${id} and status in ('creating', 'unknown')`,
  )
}

/** Somebody waits for the answer, and is not certainly gone. */
export function isHeld(ctx: Pick<Context, 'processes'>, { lease_alive, holder }: CheckoutRow): boolean {
  return lease_alive && holder !== null && !ctx.processes.isGone(holder)
}
