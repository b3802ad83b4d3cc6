/** One thing that `payment reconcile` settled, booked or found. */
import { changeOrRehearse } from '../../database/rehearse.js'
import { oneRow, sql, type Sql } from '../../database/sql.js'
import { moneyJson, type Money, type MoneyJson } from '../../kernel/money.js'
import { ErpmaxError } from '../../kernel/errors.js'
import {
  ProviderError,
  type PaymentGateway,
  type PaymentNotice,
  type ProviderName,
} from '../../kernel/payment-gateway.js'
import { bookNotice, type NoticeOutcome } from '../notices/book-notice.js'
import type { Context } from '../../kernel/context.js'

export interface ReconciledItem {
  provider: ProviderName
  kind: 'checkout' | 'payment' | 'refund'
  /** Here; null for what is at the provider alone. */
  id: string | null
  provider_id: string | null
  tenant: string | null
  invoice: string | null
  amount: MoneyJson | null
  /** A dotted code: `checkout.open`, `payment.booked`, `payment.amount_differs`. */
  outcome: string
  /** It is as it should be now, or would be; false: a person has to look. */
  settled: boolean
  detail: string | null
}

/** What each part of it works with. */
export interface Round {
  ctx: Context
  gateway: PaymentGateway
  since: Date
  dryRun: boolean
  checked: Checked
}

export interface Checked {
  checkouts: number
  refunds: number
  payments: number
  provider_payments: number
  provider_refunds: number
}

export type Items = AsyncGenerator<ReconciledItem, void, void>

type Known = Pick<ReconciledItem, 'kind' | 'outcome' | 'settled'> &
  Partial<Omit<ReconciledItem, 'amount'>> & { money?: Money }

export function itemOf({ gateway }: Pick<Round, 'gateway'>, { money, ...known }: Known): ReconciledItem {
  return {
    ...{ provider: gateway.name, id: null, provider_id: null, tenant: null, invoice: null, detail: null },
    amount: money ? moneyJson(money) : null,
    ...known,
  }
}

/** Since when rows count: they are dated by the database's clock, and `since` may be told by `ERPMAX_NOW`. */
export function sinceHere({ ctx, since }: Round): Sql {
  return sql`least(${since}::timestamptz, clock_timestamp() - (${ctx.clock.now()}::timestamptz - ${since}::timestamptz))`
}

/** In a transaction of its own; what is refused for this one alone does not keep the others from being looked at. */
export async function booked(
  { ctx, gateway, dryRun }: Round,
  notice: PaymentNotice,
): Promise<NoticeOutcome | { error: { outcome: string; detail: string } }> {
  try {
    return await changeOrRehearse(ctx, dryRun, (inner) => bookNotice(inner, gateway.name, notice))
  } catch (error) {
    return { error: failureCode(error) }
  }
}

/** What `bookNotice` said: parked is for a person. */
export async function bookedItem(
  round: Round,
  kind: 'payment' | 'refund',
  told: { id: string; amount: Money },
  { status, outcome, paymentId, invoiceId, tenantId }: NoticeOutcome,
): Promise<ReconciledItem> {
  const { tenant, invoice } = await oneRow<Pick<ReconciledItem, 'tenant' | 'invoice'>>(
    round.ctx.db,
    sql`select (select subdomain from public.tenants where id = ${tenantId}) as tenant,
               (select number from public.invoices where id = ${invoiceId}) as invoice`,
  )
  return itemOf(round, {
    ...{ kind, outcome, settled: status !== 'parked', tenant, invoice },
    // A payment that was only rehearsed has no id that stays.
    id: kind === 'payment' && !round.dryRun ? paymentId : null,
    ...{ provider_id: told.id, money: told.amount },
  })
}

/**
 * The code of a failure that concerns one thing alone. What says that the provider cannot be used ends its part.
 * @throws the error itself, where it is of that kind
 */
export function failureCode(error: unknown): { outcome: string; detail: string } {
  if (error instanceof ProviderError && error.outcome === 'refused' && error.code !== 'authentication')
    return { outcome: `provider.${error.code}`, detail: error.message }
  // It answers, and fails at this one.
  if (error instanceof ProviderError && error.outcome === 'unknown' && error.status !== null)
    return { outcome: 'payment.outcome_unknown', detail: error.message }
  if (error instanceof ErpmaxError && (error.kind === 'conflict' || failsAtThis(error)))
    return { outcome: error.code, detail: error.message }
  throw error
}

function failsAtThis({ code, details }: ErpmaxError): boolean {
  return code === 'payment.outcome_unknown' && typeof details.status === 'number'
}
