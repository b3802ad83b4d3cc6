/** The bill that comes next, before tax: from the first day not billed yet to the end of the period it lies in. */
import { rows, sql } from '../database/sql.js'
import { moneyJson, sumMoney, type MoneyJson } from '../kernel/money.js'
import { anchorAfter } from '../subscriptions/apply-choice.js'
import { overlap, periodContaining, type Period } from './periods.js'
import { prorate } from './proration.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { Cycle } from '../subscriptions/catalogue.js'
import type { ScheduledChange } from '../subscriptions/changes.js'
import type { RunningSubscription } from '../subscriptions/running.js'
import type { Prices, Product } from './quote.js'

export interface NextBill {
  on: PlainDate
  period: Period
  amount: MoneyJson
}

export interface Term {
  cycle: Cycle
  anchor_date: PlainDate
  from: PlainDate
  to: PlainDate | null
}

/** Which cycle was counted from where, over which days, the earliest first. */
export async function readTerms(
  ctx: Pick<Context, 'db'>,
  subscription: Pick<RunningSubscription, 'id'>,
): Promise<Term[]> {
  return rows<Term>(
    ctx.db,
    sql`select cycle, anchor_date, lower(days) as from, upper(days) as to from public.subscription_terms
        where subscription_id = ${subscription.id} order by days`,
  )
}

export interface TermPeriod {
  full: Period
  cycle: Cycle
  /** Where it really ended: earlier than the full period where another cycle began within it. */
  end: PlainDate
}

/** The period that a day lies in, in the cycle that ran then. */
export function periodOn(terms: readonly Term[], day: PlainDate): TermPeriod {
  const term = terms.find(({ from, to }) => from <= day && (to === null || to > day)) ?? terms.at(-1)
  if (!term) throw new Error('a subscription has a term')
  const full = periodContaining(term.anchor_date, term.cycle, day)
  return { full, cycle: term.cycle, end: term.to !== null && term.to < full.to ? term.to : full.to }
}

interface Stretch extends Product {
  from: PlainDate
  to: PlainDate | null
}

/** With what is scheduled for that day or before; null where nothing will be billed any more. */
export async function nextBill(
  ctx: Pick<Context, 'db'>,
  subscription: RunningSubscription,
  scheduled: readonly ScheduledChange[],
  prices: Prices,
): Promise<NextBill | null> {
  const { next_billing_on: on, cancel_on, currency } = subscription
  if (on === null || (cancel_on !== null && cancel_on <= on)) return null
  const due = scheduled.filter((change) => change.effective_on <= on)
  const { full, cycle, end: last } = await periodFrom(ctx, subscription, due, on)
  const end = cancel_on !== null && cancel_on < last ? cancel_on : last
  const tier = due.find((change) => change.kind === 'tier')
  const held = (await readStretches(ctx, subscription)).map((stretch) =>
    tier && stretch.kind === 'platform' && stretch.to === null
      ? { ...stretch, code: String(tier.after.tier) }
      : stretch,
  )
  const amounts: bigint[] = []
  for (const stretch of held) {
    const piece = overlap({ from: on, to: end }, stretch)
    if (piece) amounts.push(prorate(await prices.of(stretch, cycle, piece.from), piece, full))
  }
  return { on, period: { from: on, to: end }, amount: moneyJson(sumMoney(currency, amounts)) }
}

async function periodFrom(
  ctx: Pick<Context, 'db'>,
  subscription: RunningSubscription,
  due: readonly ScheduledChange[],
  on: PlainDate,
): Promise<TermPeriod> {
  const turn = due.find((change) => change.kind === 'cycle')
  if (!turn) return periodOn(await readTerms(ctx, subscription), on)
  const cycle = turn.after.cycle as Cycle
  const anchor = anchorAfter(subscription, cycle, turn.effective_on)
  const full = periodContaining(anchor, cycle, on)
  return { full, cycle, end: full.to }
}

/** Everything that was ever held, ended or not: the first day not billed yet may lie far back. */
async function readStretches(
  ctx: Pick<Context, 'db'>,
  { id }: Pick<RunningSubscription, 'id'>,
): Promise<Stretch[]> {
  return rows<Stretch>(
    ctx.db,
    sql`select kind, product_code as code, lower(active) as from, upper(active) as to
        from public.subscription_items where subscription_id = ${id} and not isempty(active)`,
  )
}

/** What a whole period of these costs at the prices of a day. */
export async function periodPrice(
  prices: Prices,
  currency: string,
  products: readonly Product[],
  cycle: Cycle,
  day: PlainDate,
): Promise<MoneyJson> {
  const amounts: bigint[] = []
  for (const product of products) amounts.push(await prices.of(product, cycle, day))
  return moneyJson(sumMoney(currency, amounts))
}
