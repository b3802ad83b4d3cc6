/** The row of a refund as those see it who lead it from state to state, and the payment it is of. */
import { execute, firstRow, sql, verbatim, type Sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid, type TenantId } from '../../kernel/ids.js'
import type { Context, Holder } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export type RefundStatus = 'pending' | 'unknown' | 'succeeded' | 'failed'

/** Amounts in minor units of `currency`. */
export interface RefundedPayment {
  id: string
  tenant_id: TenantId
  /** The tenant's subdomain. */
  tenant: string
  invoice_id: string | null
  invoice: string | null
  status: string
  provider: 'manual' | ProviderName
  provider_payment_id: string
  currency: string
  amount_minor: bigint
  applied_minor: bigint
  /** With what is on its way. */
  refunded_minor: bigint
}

export interface RefundRow {
  id: string
  tenant_id: TenantId
  payment_id: string
  credit_note_id: string | null
  provider: 'manual' | ProviderName
  provider_refund_id: string | null
  reference: string
  status: RefundStatus
  currency: string
  amount_minor: bigint
  charged_minor: bigint
  reopened_minor: bigint
  reason: string
  holder: Holder | null
  lease_alive: boolean
  /** The provider still takes the same reference for the same refund: keys of Stripe are kept for a day. */
  repeatable: boolean
  created_at: Date
}

const paymentTables = verbatim(
  `public.payments p join public.tenants t on t.id = p.tenant_id left join public.invoices i on i.id = p.invoice_id`,
)

/**
 * By its id, the provider's id, or the reference of one recorded by hand.
 * @param lock holds it until the transaction ends
 * @throws not_found `payment.not_found`
 */
export async function findRefundedPayment(
  ctx: Pick<Context, 'db'>,
  text: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<RefundedPayment> {
  const wanted = text.trim()
  const found = await firstRow<RefundedPayment>(
    ctx.db,
    sql`select p.id, p.tenant_id, t.subdomain as tenant, p.invoice_id, i.number as invoice, p.status, p.provider, p.provider_payment_id,
               p.currency, p.amount_minor, p.applied_minor, p.refunded_minor
        from ${paymentTables}
        where ${isUuid(wanted) ? sql`p.id = ${wanted}` : sql`(p.reference = ${wanted} or p.provider_payment_id = ${wanted})`}
        order by p.created_at desc limit 1 ${verbatim(lock ? 'for update of p' : '')}`,
  )
  if (found) return found
  throw new ErpmaxError('not_found', 'payment.not_found', `There is no payment "${wanted.slice(0, 80)}"`, {
    hint: 'erpmax payment list',
  })
}

const columns =
  verbatim(`r.id, r.tenant_id, r.payment_id, r.credit_note_id, r.provider, r.provider_refund_id, r.reference, r.status,
  r.currency, r.amount_minor, r.charged_minor, r.reopened_minor, r.reason, r.holder, r.created_at,
  coalesce(r.lease_until > clock_timestamp(), false) as lease_alive, r.created_at > clock_timestamp() - interval '12 hours' as repeatable`)

/** Longer than a provider is waited for. */
export const refundLease = verbatim(`clock_timestamp() + interval '90 seconds'`)

/** The first that fits, locked. @param where a condition on the refund r */
export async function lockedRefund(
  ctx: Pick<Context, 'db'>,
  where: Sql,
  order: Sql = sql`r.created_at desc`,
): Promise<RefundRow | null> {
  return firstRow<RefundRow>(
    ctx.db,
    sql`select ${columns} from public.refunds r where ${where} order by ${order} limit 1 for update`,
  )
}

export async function holdRefund(ctx: Pick<Context, 'db' | 'processes'>, id: string): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.refunds set holder = ${JSON.stringify(ctx.processes.self)}, lease_until = ${refundLease}, updated_at = clock_timestamp()
        where id = ${id}`,
  )
}

/** Somebody waits for the provider's answer, and is not certainly gone. */
export function isRefundHeld(
  ctx: Pick<Context, 'processes'>,
  { lease_alive, holder }: Pick<RefundRow, 'lease_alive' | 'holder'>,
): boolean {
  return lease_alive && holder !== null && !ctx.processes.isGone(holder)
}
