/** Checkouts as commands show them: those of an invoice, oldest first, or one by its id. */
import { oneRow, rows, sql, verbatim, type Sql } from '../../database/sql.js'
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export type CheckoutStatus = ('creating' | 'open' | 'unknown') | ('paid' | 'expired' | 'cancelled' | 'failed')

export interface CheckoutJson {
  id: string
  tenant: string
  invoice: string
  provider: ProviderName
  /** Of the invoice, counted from 1. */
  attempt: number
  /** What the provider knows it by. */
  reference: string
  status: CheckoutStatus
  /** Whether real money moves. */
  live: boolean
  amount: MoneyJson
  /** Where the customer pays; null unless it is open. */
  url: string | null
  provider_checkout_id: string | null
  expires_at: string | null
  last_error: { code: string; message: string } | null
  operator: string
  created_at: string
}

interface Row extends Omit<CheckoutJson, 'amount' | 'expires_at' | 'created_at'> {
  currency: string
  amount_minor: bigint
  expires_at: Date | null
  created_at: Date
}

const columns =
  verbatim(`c.id, t.subdomain as tenant, i.number as invoice, c.provider, c.attempt, c.reference, c.status, c.live,
  c.currency, c.amount_minor, case when c.status = 'open' then c.url end as url, c.provider_checkout_id, c.expires_at,
  case when c.last_error is not null then jsonb_build_object('code', c.last_error -> 'code', 'message', c.last_error -> 'message') end as last_error,
  c.operator, c.created_at`)

const tables = verbatim(
  `public.checkouts c join public.invoices i on i.id = c.invoice_id join public.tenants t on t.id = c.tenant_id`,
)

export async function readCheckout(ctx: Pick<Context, 'db'>, id: string): Promise<CheckoutJson> {
  return checkoutJson(await oneRow<Row>(ctx.db, sql`select ${columns} from ${tables} where c.id = ${id}`))
}

/** @param only a condition on the checkout c */
export async function checkoutsOf(
  ctx: Pick<Context, 'db'>,
  invoiceId: string,
  only: Sql = sql`true`,
): Promise<CheckoutJson[]> {
  const found = await rows<Row>(
    ctx.db,
    sql`select ${columns} from ${tables} where c.invoice_id = ${invoiceId} and ${only} order by c.attempt`,
  )
  return found.map(checkoutJson)
}

function checkoutJson({ currency, amount_minor, expires_at, created_at, ...rest }: Row): CheckoutJson {
  return {
    ...rest,
    amount: moneyJson({ amountMinor: amount_minor, currency }),
    expires_at: expires_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
  }
}
