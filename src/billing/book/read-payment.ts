/** A payment as JSON, with what came with it: one by its id, or those of a page. */
import { firstRow, sql, verbatim, type Sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid } from '../../kernel/ids.js'
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import { givenBack } from './given-back.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'

export interface PaymentJson {
  id: string
  tenant: string
  /** Null for money that is for no invoice. */
  invoice: string | null
  status: string
  provider: string
  /** What the provider knows it by; null for one recorded by hand. */
  provider_payment_id: string | null
  method: string
  reference: string | null
  amount: MoneyJson
  /** What pays the invoice. */
  applied: MoneyJson
  /** What was too much and is not given back: it went to the credit balance. */
  to_balance: MoneyJson
  refunded: MoneyJson
  received_on: PlainDate | null
  operator: string | null
  created_at: string
  settlement_lines: SettlementLineJson[]
}

export interface SettlementLineJson {
  kind: string
  amount: MoneyJson
  section: string | null
  /** Where the section stands in the Income-tax Act of 2025. */
  section_2025: string | null
  certificate: string | null
}

export interface PaymentRow {
  id: string
  tenant: string
  invoice: string | null
  status: string
  provider: string
  provider_payment_id: string | null
  method: string
  reference: string | null
  currency: string
  amount: bigint
  applied: bigint
  to_balance: bigint
  refunded: bigint
  received_on: PlainDate | null
  operator: string | null
  created_at: Date
  settlement_lines: (Omit<SettlementLineJson, 'amount'> & { amount: number })[]
}

/** Of the payment p: what was too much of it and is not given back, in minor units. */
export const toBalance: Sql = sql`(case when p.status = 'succeeded' then p.amount_minor - p.refunded_minor - p.applied_minor + coalesce((
    select sum(b.charged_minor) from ${givenBack} b where b.payment_id = p.id), 0) else 0 end)::bigint`

/** Of the payment p of the tenant t, for the invoice i. */
export const paymentColumns: Sql = sql`p.id, t.subdomain as tenant, i.number as invoice, p.status, p.provider,
  case when p.provider <> 'manual' then p.provider_payment_id end as provider_payment_id, p.method, p.reference, p.currency,
  p.amount_minor as amount, p.applied_minor as applied, p.refunded_minor as refunded, p.received_on, p.operator, p.created_at,
  ${toBalance} as to_balance,
  (select coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'amount', s.amount_minor, 'section', s.section, 'section_2025', n.place_2025,
                                                'certificate', s.certificate) order by s.created_at, s.id), '[]')
   from public.settlement_lines s left join public.tds_sections n on n.code = s.section where s.payment_id = p.id) as settlement_lines`

export const paymentTables: Sql = verbatim(
  `public.payments p join public.tenants t on t.id = p.tenant_id left join public.invoices i on i.id = p.invoice_id`,
)

/** By its id, here or at the provider, or by the reference of one recorded by hand. @throws not_found `payment.not_found` */
export async function readPayment(ctx: Pick<Context, 'db'>, text: string): Promise<PaymentJson> {
  const wanted = text.trim()
  const found = await firstRow<PaymentRow>(
    ctx.db,
    sql`select ${paymentColumns} from ${paymentTables}
        where ${isUuid(wanted) ? sql`p.id = ${wanted}` : sql`(p.reference = ${wanted} or p.provider_payment_id = ${wanted})`}
        order by p.created_at desc limit 1`,
  )
  if (found) return paymentJson(found)
  throw new ErpmaxError('not_found', 'payment.not_found', `There is no payment "${wanted.slice(0, 80)}"`, {
    hint: 'erpmax payment list',
  })
}

export function paymentJson(row: PaymentRow): PaymentJson {
  const { currency, created_at, settlement_lines, ...rest } = row
  const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency })
  return {
    ...rest,
    ...{ amount: money(row.amount), applied: money(row.applied) },
    ...{ to_balance: money(row.to_balance), refunded: money(row.refunded) },
    created_at: created_at.toISOString(),
    settlement_lines: settlement_lines.map((line) => ({ ...line, amount: money(BigInt(line.amount)) })),
  }
}
