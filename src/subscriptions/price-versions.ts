/** The versions of a price as rows: read under a lock, begun, ended, and put away while they have not begun. */
import { execute, oneRow, rows, sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { moneyJson, type Money, type MoneyJson } from '../kernel/money.js'
import type { Context } from '../kernel/context.js'
import type { Cycle, ProductKind } from './catalogue.js'

export interface PricedProduct {
  kind: ProductKind
  code: string
  currency: string
  cycle: Cycle
}

export interface PriceVersion {
  id: string
  amount_minor: bigint
  from: PlainDate
  /** The first day it is not in force any more; null: no end. */
  to: PlainDate | null
}

export interface PriceVersionJson {
  kind: ProductKind
  code: string
  cycle: Cycle
  price: MoneyJson
  from: PlainDate
  to: PlainDate | null
}

/** All versions, earliest first; who sets another one waits until this transaction ends. */
export async function lockVersions(
  ctx: Pick<Context, 'db'>,
  product: PricedProduct,
): Promise<PriceVersion[]> {
  const { kind, code, currency, cycle } = product
  await rows(
    ctx.db,
    kind === 'module'
      ? sql`select 1 from public.modules where code = ${code} for no key update`
      : sql`select 1 from public.tiers where code = ${code} for no key update`,
  )
  return rows<PriceVersion>(
    ctx.db,
    sql`select id, amount_minor, lower(validity) as from, upper(validity) as to from public.prices
        where product_kind = ${kind} and product_code = ${code} and currency = ${currency} and cycle = ${cycle}
        order by lower(validity)`,
  )
}

/**
 * The latest of the days it is now where the tenants are: on an earlier one somebody may have been charged.
 * UTC counts too, for want of tenants.
 */
export async function latestToday(ctx: Pick<Context, 'db' | 'clock'>): Promise<PlainDate> {
  const zones = await rows<{ time_zone: string }>(
    ctx.db,
    sql`select distinct time_zone from public.tenants where status <> 'deleted'`,
  )
  const now = ctx.clock.now()
  return ['UTC', ...zones.map((zone) => zone.time_zone)]
    .map((zone) => dayIn(zone, now))
    .reduce((latest, day) => (day > latest ? day : latest))
}

export async function discard(
  ctx: Pick<Context, 'db'>,
  { code }: PricedProduct,
  versions: readonly PriceVersion[],
): Promise<void> {
  const ids = versions.map(({ id }) => id)
  if (ids.length === 0) return
  const { used } = await oneRow<{ used: boolean }>(
    ctx.db,
    sql`select exists (select 1 from public.subscription_items where price_id = any(${ids}::uuid[])) as used`,
  )
  if (used) {
    throw new ErpmaxError(
      'conflict',
      'price.in_use',
      `A subscription holds ${code} at the price that would go`,
      {
        hint: 'Choose a later --from',
      },
    )
  }
  await execute(ctx.db, sql`delete from public.prices where id = any(${ids}::uuid[])`)
}

export async function reopen(ctx: Pick<Context, 'db'>, version: PriceVersion): Promise<PriceVersion> {
  await setEnd(ctx, version, null)
  return { ...version, to: null }
}

export async function begin(
  ctx: Pick<Context, 'db'>,
  { kind, code, currency, cycle }: PricedProduct,
  { amountMinor }: Money,
  from: PlainDate,
  before: PriceVersion | null,
): Promise<PriceVersion> {
  if (before) await setEnd(ctx, before, earlier(before.to, from))
  return oneRow<PriceVersion>(
    ctx.db,
    sql`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
        values (${kind}, ${code}, ${currency}, ${cycle}, ${amountMinor}, daterange(${from}::date, null))
        returning id, amount_minor, lower(validity) as from, upper(validity) as to`,
  )
}

async function setEnd(ctx: Pick<Context, 'db'>, { id }: PriceVersion, to: PlainDate | null): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.prices set validity = daterange(lower(validity), ${to}::date) where id = ${id}`,
  )
}

export async function countHolders(ctx: Pick<Context, 'db'>, product: PricedProduct): Promise<number> {
  const { count } = await oneRow<{ count: number }>(
    ctx.db,
    sql`select count(*)::int as count from public.subscriptions s
        where s.status <> 'cancelled' and s.currency = ${product.currency} and s.cycle = ${product.cycle}
          and exists (select 1 from public.subscription_items i where i.subscription_id = s.id and i.kind = ${product.kind}
            and i.product_code = ${product.code} and upper_inf(i.active))`,
  )
  return count
}

/** Where a version ends that another one follows on `from`. */
export function earlier(to: PlainDate | null, from: PlainDate): PlainDate {
  return to !== null && to < from ? to : from
}

export function asJson(
  { kind, code, currency, cycle }: PricedProduct,
  version: PriceVersion,
): PriceVersionJson {
  const { amount_minor, from, to } = version
  return { kind, code, cycle, price: moneyJson({ amountMinor: amount_minor, currency }), from, to }
}
