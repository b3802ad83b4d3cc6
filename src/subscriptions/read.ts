/** A tenant's subscription as JSON output shows it. */
import { firstRow, rows, sql } from '../database/sql.js'
import { moneyJson, sumMoney, type MoneyJson } from '../kernel/money.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'

export interface SubscriptionItemJson {
  kind: 'module' | 'platform'
  code: string
  name: string
  /** What a whole period of it is charged at. */
  price: MoneyJson
  from: PlainDate
  to: PlainDate | null
}

export interface SubscriptionJson {
  id: string
  status: string
  tier: string
  cycle: string
  currency: string
  started_on: PlainDate
  trial_ends_on: PlainDate | null
  anchor_date: PlainDate
  next_billing_on: PlainDate | null
  /** A whole period of what is held without an end, at the prices of the next bill. */
  per_period: MoneyJson
  /** At the prices in force where the next bill begins: not those of the day they were chosen. */
  items: SubscriptionItemJson[]
}

/** The running subscription, or null. */
export async function readSubscription(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
): Promise<SubscriptionJson | null> {
  const found = await firstRow<Omit<SubscriptionJson, 'per_period' | 'items'>>(
    ctx.db,
    sql`select id, status, tier_code as tier, cycle, currency, started_on, trial_ends_on, anchor_date, next_billing_on
        from public.subscriptions where tenant_id = ${tenantId} and status <> 'cancelled'`,
  )
  if (!found) return null
  const items = await rows<{
    kind: 'module' | 'platform'
    code: string
    name: string
    amount_minor: bigint
    from: PlainDate
    to: PlainDate | null
  }>(
    ctx.db,
    sql`select i.kind, i.product_code as code, coalesce(m.name, t.name || ' platform fee') as name,
               coalesce(c.amount_minor, p.amount_minor) as amount_minor, lower(i.active) as from, upper(i.active) as to
        from public.subscription_items i
        join public.prices p on p.id = i.price_id
        left join public.prices c on c.product_kind = i.kind and c.product_code = i.product_code and c.currency = p.currency
          and c.cycle = p.cycle and c.validity @> greatest(${found.next_billing_on}::date, lower(i.active))
        left join public.modules m on i.kind = 'module' and m.code = i.product_code
        left join public.tiers t on i.kind = 'platform' and t.code = i.product_code
        where i.subscription_id = ${found.id} and not isempty(i.active) order by i.kind desc, m.position`,
  )
  return {
    ...found,
    per_period: moneyJson(
      sumMoney(
        found.currency,
        items.filter((item) => item.to === null).map((item) => item.amount_minor),
      ),
    ),
    items: items.map(({ amount_minor, ...item }) => ({
      ...item,
      price: moneyJson({ amountMinor: amount_minor, currency: found.currency }),
    })),
  }
}
