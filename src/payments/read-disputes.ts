/** Disputes as commands show them, oldest first. */
import { findSupplier } from '../billing/supplier.js'
import { rows, sql, type Sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import type { Context } from '../kernel/context.js'
import type { ProviderName } from '../kernel/payment-gateway.js'

export interface DisputeJson {
  id: string
  payment_id: string
  provider: ProviderName
  provider_dispute_id: string
  status: 'open' | 'won' | 'lost'
  amount: MoneyJson
  /** Of one that is lost: the part that credit notes had brought to the credit balance. */
  charged: MoneyJson
  /** Of one that is lost: the part of it by which the invoice is open again; the rest left the credit balance. */
  reopened: MoneyJson
  reason: string | null
  /** Until when the provider takes evidence. */
  respond_by: string | null
  /** The day the money was taken back, where the supplier is. */
  lost_on: PlainDate | null
  /** The day it came, where the supplier is. */
  opened_on: PlainDate
  created_at: string
}

interface Row extends Omit<
  DisputeJson,
  'amount' | 'charged' | 'reopened' | 'respond_by' | 'opened_on' | 'created_at'
> {
  currency: string
  amount_minor: bigint
  charged_minor: bigint
  reopened_minor: bigint
  respond_by: Date | null
  created_at: Date
}

/** @param where a condition on the dispute d */
export async function readDisputes(ctx: Pick<Context, 'db' | 'clock'>, where: Sql): Promise<DisputeJson[]> {
  const found = await rows<Row>(
    ctx.db,
    sql`select d.id, d.payment_id, d.provider, d.provider_dispute_id, d.status, d.currency, d.amount_minor, d.charged_minor, d.reopened_minor, d.reason,
               d.respond_by, d.lost_on, d.created_at
        from public.disputes d where ${where} order by d.created_at, d.id`,
  )
  const zone = (await findSupplier(ctx))?.time_zone ?? 'UTC'
  return found.map(
    ({ currency, amount_minor, charged_minor, reopened_minor, respond_by, created_at, ...rest }) => ({
      ...rest,
      amount: moneyJson({ amountMinor: amount_minor, currency }),
      charged: moneyJson({ amountMinor: charged_minor, currency }),
      reopened: moneyJson({ amountMinor: reopened_minor, currency }),
      respond_by: respond_by?.toISOString() ?? null,
      opened_on: dayIn(zone, created_at),
      created_at: created_at.toISOString(),
    }),
  )
}
