/** What a subscription holds, written: an item begins, ends on a day, or goes on; days given up are noted for billing. */
import { execute, oneRow, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { SubscriptionId } from '../kernel/ids.js'
import type { Price } from './catalogue.js'

/**
 * @param price what is agreed at the start: its product is what is held
 * @throws SQLSTATE 23P01 where it is held on one of these days already
 */
export async function beginItem(
  ctx: Pick<Context, 'db'>,
  subscriptionId: SubscriptionId,
  price: Price,
  from: PlainDate,
): Promise<string> {
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
        values (${subscriptionId}, ${price.kind}, ${price.code}, ${price.id}, daterange(${from}::date, null))
        returning id`,
  )
  await touch(ctx, subscriptionId)
  return id
}

/** @param to the first day it is not held any more, null: it goes on; its first day leaves it held on no day */
export async function endItem(
  ctx: Pick<Context, 'db'>,
  subscriptionId: SubscriptionId,
  itemId: string,
  to: PlainDate | null,
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.subscription_items set active = daterange(lower(active), ${to}::date), updated_at = now()
        where id = ${itemId} and subscription_id = ${subscriptionId}`,
  )
  await touch(ctx, subscriptionId)
}

export interface GivenUp {
  subscriptionId: SubscriptionId
  itemId: string
  /** The change that gave the days up. */
  changeId: string
  from: PlainDate
  to: PlainDate
}

/** Days `[from, to)` of a period that may have been charged: billing credits what was charged for them (rule 5). */
export async function giveUpDays(ctx: Pick<Context, 'db'>, given: GivenUp): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.subscription_adjustments (subscription_id, item_id, change_id, unused)
        values (${given.subscriptionId}, ${given.itemId}, ${given.changeId}, daterange(${given.from}::date, ${given.to}::date))`,
  )
}

async function touch(ctx: Pick<Context, 'db'>, subscriptionId: SubscriptionId): Promise<void> {
  await execute(ctx.db, sql`update public.subscriptions set updated_at = now() where id = ${subscriptionId}`)
}
