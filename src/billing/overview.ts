/** A tenant's subscription at a glance: what it holds, what it costs, what comes next. */
import { firstRow, rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { moneyJson, sumMoney, type MoneyJson } from '../kernel/money.js'
import { scheduledChanges } from '../subscriptions/changes.js'
import { nextBill, periodOn, readTerms, type NextBill, type Term } from './next-bill.js'
import { overlap, periodContaining, type Period } from './periods.js'
import { creditFor, prorate } from './proration.js'
import { Prices } from './quote.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'
import type { Cycle, ProductKind } from '../subscriptions/catalogue.js'
import type { SubscriptionItemJson } from '../subscriptions/read.js'
import type { RunningItem, RunningSubscription } from '../subscriptions/running.js'

export interface SubscriptionOverview {
  id: string
  tenant: string
  status: string
  tier: string
  cycle: Cycle
  currency: string
  started_on: PlainDate
  trial_ends_on: PlainDate | null
  /** Null inside a trial and once it is cancelled. */
  current_period: Period | null
  anchor_date: PlainDate
  next_billing_on: PlainDate | null
  /** Before tax; null where nothing will be billed any more, or a price is not on file. */
  next_amount: MoneyJson | null
  /** A whole period of what is held without an end, at the prices in force where the next one begins, as quotes have it. */
  per_period: MoneyJson
  /** The first day without it. */
  cancel_on: PlainDate | null
  items: OverviewItem[]
  scheduled_changes: ScheduledChangeJson[]
  pending_adjustments: AdjustmentJson[]
}

/** `price`: what the current period is charged at. */
export interface OverviewItem extends SubscriptionItemJson {
  /** What the next period is charged at; null where it is not held then. */
  next_price: MoneyJson | null
}

export interface ScheduledChangeJson {
  id: string
  kind: string
  module: string | null
  effective_on: PlainDate
  before: Record<string, unknown>
  after: Record<string, unknown>
  reason: string | null
}

/** Days given up that may have been charged. */
export interface AdjustmentJson {
  id: string
  kind: ProductKind
  code: string
  from: PlainDate
  to: PlainDate
  /** What goes back where they were charged at the list price. */
  credit: MoneyJson | null
}

type Row = Omit<RunningSubscription, 'items' | 'status'> & { status: string }

/**
 * The running subscription, or the last one.
 * @throws conflict `subscription.none` where there never was one
 */
export async function overview(
  ctx: Pick<Context, 'db'>,
  tenant: { id: TenantId; subdomain: string },
  today: PlainDate,
): Promise<SubscriptionOverview> {
  const found = await firstRow<Row>(
    ctx.db,
    sql`select id, tenant_id, status, tier_code as tier, cycle, currency, started_on, trial_ends_on, anchor_date,
               next_billing_on, cancel_on
        from public.subscriptions where tenant_id = ${tenant.id} order by status = 'cancelled', created_at desc limit 1`,
  )
  if (!found) {
    throw new ErpmaxError('conflict', 'subscription.none', `${tenant.subdomain} has no subscription`, {
      hint: `erpmax subscription start ${tenant.subdomain}`,
    })
  }
  const prices = new Prices(ctx, found.currency)
  const terms = await readTerms(ctx, found)
  const period =
    today < found.anchor_date || found.status === 'cancelled' ? null : periodOn(terms, today).full
  const held = await readItems(ctx, found, today)
  const items: OverviewItem[] = []
  for (const item of held) items.push(await priced(prices, found, item, period))
  const scheduled = await scheduledChanges(ctx, found.id)
  const running = { ...found, items: held } as RunningSubscription
  const next = await unlessUnpriced<NextBill | null>(() => nextBill(ctx, running, scheduled, prices))
  const open = items.flatMap(({ to, next_price }) => (to === null && next_price ? [next_price] : []))
  const { tenant_id: _tenant, next_billing_on, cancel_on, anchor_date, ...row } = found
  return {
    ...{ id: row.id, tenant: tenant.subdomain, status: row.status, tier: row.tier, cycle: row.cycle },
    ...{ currency: row.currency, started_on: row.started_on, trial_ends_on: row.trial_ends_on },
    ...{ current_period: period, anchor_date, next_billing_on, next_amount: next?.amount ?? null },
    per_period: moneyJson(
      sumMoney(
        found.currency,
        open.map(({ amount_minor }) => BigInt(amount_minor)),
      ),
    ),
    ...{ cancel_on, items },
    scheduled_changes: scheduled.map(
      ({ module_code: module, id, kind, effective_on, before, after, reason }) => ({
        ...{ id, kind, module, effective_on, before, after, reason },
      }),
    ),
    pending_adjustments: await readAdjustments(ctx, found, terms, prices),
  }
}

type HeldItem = RunningItem & { name: string; amount_minor: bigint }

/** Held today or later; of a cancelled subscription what it held to its end. */
async function readItems(ctx: Pick<Context, 'db'>, found: Row, today: PlainDate): Promise<HeldItem[]> {
  return rows<HeldItem>(
    ctx.db,
    sql`select i.id, i.kind, i.product_code as code, coalesce(m.name, t.name || ' platform fee') as name, p.amount_minor,
               lower(i.active) as from, upper(i.active) as to
        from public.subscription_items i
        join public.prices p on p.id = i.price_id
        left join public.modules m on i.kind = 'module' and m.code = i.product_code
        left join public.tiers t on i.kind = 'platform' and t.code = i.product_code
        where i.subscription_id = ${found.id} and not isempty(i.active)
          and case when ${found.status} = 'cancelled' then upper(i.active) = ${found.cancel_on}::date
                   else upper_inf(i.active) or upper(i.active) > ${today}::date end
        order by i.kind desc, m.position, lower(i.active)`,
  )
}

/** At the price in force where a period, or it itself, begins: that is what it is charged. */
async function priced(
  prices: Prices,
  { anchor_date, cycle, currency, status }: Row,
  item: HeldItem,
  period: Period | null,
): Promise<OverviewItem> {
  const { kind, code, name, from, to } = item
  const since = period?.from ?? anchor_date
  const on = async (day: PlainDate): Promise<MoneyJson> => {
    const price = await unlessUnpriced(() => prices.of(item, cycle, day > from ? day : from))
    return moneyJson({ amountMinor: price ?? item.amount_minor, currency })
  }
  const next = period?.to ?? anchor_date
  const goesOn = status !== 'cancelled' && (to === null || to > next)
  return { kind, code, name, price: await on(since), next_price: goesOn ? await on(next) : null, from, to }
}

type AdjustmentRow = Omit<AdjustmentJson, 'credit'> & {
  held_from: PlainDate
  cycle: Cycle
  /** Of the cycle that was left with these days; null where it goes on. */
  anchor: PlainDate | null
}

async function readAdjustments(
  ctx: Pick<Context, 'db'>,
  found: Row,
  terms: readonly Term[],
  prices: Prices,
): Promise<AdjustmentJson[]> {
  const pending = await rows<AdjustmentRow>(
    ctx.db,
    sql`select a.id, i.kind, i.product_code as code, lower(a.unused) as from, upper(a.unused) as to, p.cycle,
               coalesce(lower(i.active), lower(a.unused)) as held_from,
               case when c.kind = 'cycle' then (c.before ->> 'anchor_date')::date end as anchor
        from public.subscription_adjustments a
        join public.subscription_items i on i.id = a.item_id
        join public.prices p on p.id = i.price_id
        join public.subscription_changes c on c.id = a.change_id
        where a.subscription_id = ${found.id} and a.status = 'pending' order by lower(a.unused), i.kind desc, i.product_code`,
  )
  const adjustments: AdjustmentJson[] = []
  for (const row of pending) {
    const { id, kind, code, from, to } = row
    const amountMinor = await unlessUnpriced(() => creditOf(prices, terms, row))
    const credit = amountMinor === null ? null : moneyJson({ amountMinor, currency: found.currency })
    adjustments.push({ id, kind, code, from, to, credit })
  }
  return adjustments
}

/** Period by period, as it would have been charged. */
async function creditOf(prices: Prices, terms: readonly Term[], row: AdjustmentRow): Promise<bigint> {
  const { cycle, from, to } = row
  let credit = 0n
  for (let day = from; day < to;) {
    const full = row.anchor === null ? periodOn(terms, day).full : periodContaining(row.anchor, cycle, day)
    const piece = overlap(full, { from: row.held_from, to })
    if (!piece) break
    const price = await prices.of(row, cycle, piece.from)
    credit += creditFor(prorate(price, piece, full), price, piece, full, day)
    day = piece.to
  }
  return credit
}

async function unlessUnpriced<Value>(read: () => Promise<Value>): Promise<Value | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ErpmaxError && error.code === 'price.missing') return null
    throw error
  }
}
