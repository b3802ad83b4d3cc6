/** Puts another tier or cycle into force from a day on: what is held ends there, and begins anew at the new price. */
import { execute, sql } from '../database/sql.js'
import { readCatalogue, type Cycle } from './catalogue.js'
import { priced } from './selection.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { RunningItem, RunningSubscription } from './running.js'

export interface Choice {
  /** The first day of the new choice. */
  on: PlainDate
  tier: string
  cycle: Cycle
  /** Billing dates are counted from here afterwards. */
  anchor: PlainDate
  /** The change that the given-up days are recorded under. */
  changeId: string
  /** Days before this one may have been charged already (exclusive). */
  chargedUntil: PlainDate
  /** Whether what is to end anyway ends now, instead of being priced anew for the days that are left of it. */
  endsEnding: boolean
}

interface NewItem {
  item: RunningItem
  code: string
  from: PlainDate
}

/**
 * @param subscription as it is, with the items held on `choice.on` or later
 * @throws conflict `price.missing`, before anything is written
 */
export async function takeChoice(
  ctx: Pick<Context, 'db'>,
  subscription: RunningSubscription,
  choice: Choice,
): Promise<void> {
  const { on, tier, cycle } = choice
  const replaced = subscription.items.filter(
    (item) =>
      (item.to === null || item.to > on) &&
      (cycle !== subscription.cycle || (item.kind === 'platform' && item.code !== tier)),
  )
  const taken = replaced
    .filter((item) => item.to === null || !choice.endsEnding)
    .map((item): NewItem => ({
      item,
      code: item.kind === 'platform' ? tier : item.code,
      from: item.from > on ? item.from : on,
    }))
  const catalogue = await readCatalogue(ctx, on)
  const prices = taken.map(({ item, code }) =>
    priced(catalogue, item.kind, code, subscription.currency, cycle),
  )
  // Inside the trial nothing is charged, so nothing is given back (billing rule 3).
  if (on >= subscription.anchor_date) await giveUp(ctx, replaced, choice)
  await endItems(
    ctx,
    replaced.map((item) => item.id),
    on,
  )
  await execute(
    ctx.db,
    sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
        select ${subscription.id}, n.kind, n.code, n.price_id, daterange(n.from_day, n.to_day)
        from unnest(${taken.map(({ item }) => item.kind)}::text[], ${taken.map(({ code }) => code)}::text[],
                    ${prices.map(({ id }) => id)}::uuid[], ${taken.map(({ from }) => from)}::date[],
                    ${taken.map(({ item }) => item.to)}::date[]) as n (kind, code, price_id, from_day, to_day)`,
  )
  await execute(
    ctx.db,
    sql`update public.subscriptions
        set tier_code = ${tier}, cycle = ${cycle}, anchor_date = ${choice.anchor},
            next_billing_on = case when ${cycle !== subscription.cycle && on >= subscription.anchor_date}
                                   then least(next_billing_on, ${on}::date) else next_billing_on end,
            updated_at = now()
        where id = ${subscription.id}`,
  )
}

/** The days that may have been charged and are not used any more: billing turns them into a credit (rule 5). */
export async function giveUp(
  ctx: Pick<Context, 'db'>,
  items: readonly RunningItem[],
  { on, chargedUntil, changeId }: Pick<Choice, 'on' | 'chargedUntil' | 'changeId'>,
): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.subscription_adjustments (subscription_id, item_id, change_id, unused)
        select i.subscription_id, i.id, ${changeId}, d.unused
        from public.subscription_items i
        join public.prices p on p.id = i.price_id
        cross join lateral (select greatest(lower(i.active), ${on}::date) as first, least(upper(i.active), ${chargedUntil}::date) as past) e
        cross join lateral (select daterange(e.first, greatest(e.first, e.past)) as unused) d
        where i.id = any(${items.map(({ id }) => id)}::uuid[]) and not isempty(d.unused)
          -- What has been free all along gives nothing back.
          and exists (select 1 from public.prices q
                      where q.product_kind = i.kind and q.product_code = i.product_code and q.currency = p.currency
                        and q.cycle = p.cycle and q.amount_minor > 0 and q.validity && daterange(lower(i.active), greatest(lower(i.active), e.past)))`,
  )
}

/** They are held until the day before `on`; one that begins there or later has been held on no day. */
export async function endItems(
  ctx: Pick<Context, 'db'>,
  ids: readonly string[],
  on: PlainDate,
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.subscription_items
        set active = daterange(lower(active), greatest(lower(active), ${on}::date)), updated_at = now()
        where id = any(${[...ids]}::uuid[])`,
  )
}
