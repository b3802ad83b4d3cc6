/** What the subscriptions of the fleet bring in, each currency by itself, and which modules they hold. */
import { rows, sql } from '../../database/sql.js'
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import { customerStates, running, standing, type StatsDay } from './standing.js'
import type { Context } from '../../kernel/context.js'

export interface Recurring {
  /** Tenants that pay anything. */
  tenants: number
  /** A month's worth: a monthly subscription as it is, an annual one by 12, rounded half up once. */
  mrr: MoneyJson
  /** A year's worth: an annual subscription as it is, a monthly one by 12. */
  arr: MoneyJson
}

export interface CurrencyRevenue extends Recurring {
  currency: string
  /** What trials would bring if all of them were kept; no part of `mrr`. */
  trials: Recurring
  /** What suspended tenants would bring that are not billed meanwhile; no part of `mrr` either. */
  paused: Recurring
}

export interface ModuleUptake {
  module: string
  name: string
  /** Customers that hold it. */
  tenants: number
  /** Those of them in their trial. */
  trialing: number
  /** Of all customers with a subscription, in percent to one decimal; null where there is none. */
  share_percent: number | null
}

type Part = 'paying' | 'trial' | 'paused'

/** At the prices in force on the day; the item's own where none is. */
export async function readRevenue(ctx: Pick<Context, 'db'>, on: StatsDay): Promise<CurrencyRevenue[]> {
  const found = await rows<{ currency: string; part: Part; tenants: number; mrr: bigint; arr: bigint }>(
    ctx.db,
    sql`with standing as (${standing(on)}), in_force as (
          select product_kind, product_code, currency, cycle, amount_minor from public.prices where validity @> ${on.day}::date
        ), contract as (
          select s.currency, p.cycle,
                 case when not st.billed then 'paused' when s.trial_ends_on > ${on.day}::date then 'trial' else 'paying' end as part,
                 sum(coalesce(f.amount_minor, p.amount_minor))::bigint as amount
          from standing st
          join public.subscriptions s on s.tenant_id = st.tenant_id and ${running(on.day)}
          join public.subscription_items i on i.subscription_id = s.id and i.active @> ${on.day}::date
          join public.prices p on p.id = i.price_id
          left join in_force f on f.product_kind = i.kind and f.product_code = i.product_code
            and f.currency = s.currency and f.cycle = p.cycle
          where st.status in ${customerStates}
          group by s.id, p.cycle, st.billed
        )
        select currency, part, (count(*) filter (where amount > 0))::int as tenants,
               sum(case cycle when 'monthly' then amount else (2 * amount + 12) / 24 end)::bigint as mrr,
               sum(case cycle when 'monthly' then amount * 12 else amount end)::bigint as arr
        from contract group by currency, part order by currency`,
  )
  const currencies = [...new Set(found.map(({ currency }) => currency))]
  return currencies.map((currency) => {
    const part = (wanted: Part): Recurring => {
      const sums = found.find((one) => one.currency === currency && one.part === wanted)
      return {
        tenants: sums?.tenants ?? 0,
        mrr: moneyJson({ amountMinor: sums?.mrr ?? 0n, currency }),
        arr: moneyJson({ amountMinor: sums?.arr ?? 0n, currency }),
      }
    }
    return { currency, ...part('paying'), trials: part('trial'), paused: part('paused') }
  })
}

/** The most held first. @param subscribed customers with a subscription */
export async function readUptake(
  ctx: Pick<Context, 'db'>,
  on: StatsDay,
  subscribed: number,
): Promise<ModuleUptake[]> {
  const found = await rows<Omit<ModuleUptake, 'share_percent'>>(
    ctx.db,
    sql`with standing as (${standing(on)}), held as (
          select i.product_code, s.trial_ends_on > ${on.day}::date as trialing
          from standing st
          join public.subscriptions s on s.tenant_id = st.tenant_id and ${running(on.day)}
          join public.subscription_items i on i.subscription_id = s.id and i.kind = 'module' and i.active @> ${on.day}::date
          where st.status in ${customerStates}
        )
        select m.code as module, m.name, count(h.product_code)::int as tenants, (count(*) filter (where h.trialing))::int as trialing
        from public.modules m left join held h on h.product_code = m.code
        group by m.code, m.name, m.position order by count(h.product_code) desc, m.position`,
  )
  return found.map((uptake) => ({ ...uptake, share_percent: percentOf(uptake.tenants, subscribed) }))
}

/** To one decimal, half up; null of nothing. */
export function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.floor((part * 2000 + whole) / (whole * 2)) / 10
}
