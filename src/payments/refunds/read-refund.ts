/** Refunds as commands show them: those of a payment, oldest first, or one by its id. */
import { rows, sql, verbatim, type Sql } from '../../database/sql.js'
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { Context } from '../../kernel/context.js'
import type { RefundStatus } from './refund-rows.js'

export interface RefundJson {
  id: string
  payment_id: string
  provider: string
  provider_refund_id: string | null
  /** What the provider knows it by. */
  reference: string
  status: RefundStatus
  amount: MoneyJson
  /** The part of it that had been charged, by credit notes: its own, or earlier ones. */
  charged: MoneyJson
  /** The part of it by which the invoice is open again. */
  reopened: MoneyJson
  /** Issued with it. */
  credit_note: string | null
  /** The day it was ordered or, at the provider alone, made; where the supplier is. */
  refunded_on: PlainDate
  reason: string
  last_error: { code: string; message: string } | null
  operator: string
  created_at: string
}

interface Row extends Omit<RefundJson, 'amount' | 'charged' | 'reopened' | 'created_at'> {
  currency: string
  amount_minor: bigint
  charged_minor: bigint
  reopened_minor: bigint
  created_at: Date
}

const columns =
  verbatim(`r.id, r.payment_id, r.provider, r.provider_refund_id, r.reference, r.status, r.currency, r.amount_minor, r.charged_minor,
  r.reopened_minor, n.number as credit_note, r.refunded_on, r.reason,
  case when r.last_error is not null then jsonb_build_object('code', r.last_error -> 'code', 'message', r.last_error -> 'message') end as last_error,
  r.operator, r.created_at`)

/** @param where a condition on the refund r */
export async function readRefunds(ctx: Pick<Context, 'db'>, where: Sql): Promise<RefundJson[]> {
  const found = await rows<Row>(
    ctx.db,
    sql`select ${columns} from public.refunds r left join public.credit_notes n on n.id = r.credit_note_id
        where ${where} order by r.created_at, r.id`,
  )
  return found.map(({ currency, amount_minor, charged_minor, reopened_minor, created_at, ...rest }) => {
    const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency })
    return {
      ...rest,
      ...{ amount: money(amount_minor), charged: money(charged_minor), reopened: money(reopened_minor) },
      created_at: created_at.toISOString(),
    }
  })
}
