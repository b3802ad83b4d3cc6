/** What a change of items costs before tax: credits for what is given up, charges for what is taken, at once. */
import { ErpmaxError } from '../kernel/errors.js'
import { moneyJson, sumMoney, type MoneyJson } from '../kernel/money.js'
import {
  findPrice,
  readCatalogue,
  type Catalogue,
  type Cycle,
  type ProductKind,
} from '../subscriptions/catalogue.js'
import { nthPeriod, overlap, periodContaining, type Period } from './periods.js'
import { creditFor, prorate } from './proration.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { RunningItem, RunningSubscription } from '../subscriptions/running.js'

export interface Product {
  kind: ProductKind
  code: string
}

export interface ItemsChange {
  /** The day it takes effect; it belongs to the new choice (rule 5). */
  on: PlainDate
  add: readonly Product[]
  remove: readonly Product[]
  /** A new cycle from that day on: everything held is given up and taken again, and the anchor is that day. */
  cycle?: Cycle
}

export interface QuoteLine {
  description: string
  /** Half-open: the days `[from, to)`. */
  from: PlainDate
  to: PlainDate
  /** Negative for a credit. */
  amount_minor: bigint
}

export interface Quote {
  lines: QuoteLine[]
  /** The sum of the lines. */
  now: MoneyJson
  /** What each whole period costs after the change, at the prices in force where the next one begins. */
  per_period: MoneyJson
}

/**
 * Shapes of billing rules 4, 5 and 7. Inside a trial and before the anchor nothing is charged, so nothing is credited
 * (rule 3). Free items make no lines.
 * @throws conflict `price.missing`
 */
export async function quoteChange(
  ctx: Pick<Context, 'db'>,
  subscription: RunningSubscription,
  change: ItemsChange,
): Promise<Quote> {
  const { anchor_date: anchor, currency, cycle } = subscription
  const { on } = change
  const prices = new Prices(ctx, currency)
  const held = subscription.items.filter((item) => item.from <= on && (item.to === null || item.to > on))
  const removed = change.cycle ? held : held.filter((item) => includes(change.remove, item))
  const kept = held.filter((item) => item.to === null && !includes(change.remove, item))
  const added: Product[] = change.cycle ? [...kept, ...change.add] : [...change.add]
  const lines: QuoteLine[] = []
  const nextCycle = change.cycle ?? cycle
  const nextFull = change.cycle ? nthPeriod(on, nextCycle, 0) : periodContaining(anchor, cycle, on)
  if (on >= anchor) {
    const full = periodContaining(anchor, cycle, on)
    for (const item of removed) lines.push(await creditLine(prices, item, full, cycle, on))
    for (const product of added) lines.push(await chargeLine(prices, product, nextFull, nextCycle, on))
  }
  const charged = lines.filter((line) => line.amount_minor !== 0n)
  const after = change.cycle ? added : [...kept, ...change.add]
  const next = on >= anchor ? nextFull.to : anchor
  const perPeriod: bigint[] = []
  for (const product of after) perPeriod.push(await prices.of(product, nextCycle, next))
  return {
    lines: charged,
    now: moneyJson(
      sumMoney(
        currency,
        charged.map((line) => line.amount_minor),
      ),
    ),
    per_period: moneyJson(sumMoney(currency, perPeriod)),
  }
}

/** What was charged for it in this period, less what was used of it. */
async function creditLine(
  prices: Prices,
  item: RunningItem,
  full: Period,
  cycle: Cycle,
  on: PlainDate,
): Promise<QuoteLine> {
  const piece = overlap(full, item) ?? { from: on, to: on }
  const price = await prices.of(item, cycle, piece.from)
  const credit = creditFor(prorate(price, piece, full), price, piece, full, on)
  return {
    description: `${await prices.nameOf(item, on)}, unused`,
    from: on,
    to: piece.to,
    amount_minor: -credit,
  }
}

async function chargeLine(
  prices: Prices,
  product: Product,
  full: Period,
  cycle: Cycle,
  on: PlainDate,
): Promise<QuoteLine> {
  const price = await prices.of(product, cycle, on)
  const piece = { from: on, to: full.to }
  return {
    description: await prices.nameOf(product, on),
    ...piece,
    amount_minor: prorate(price, piece, full),
  }
}

function includes(products: readonly Product[], wanted: Product): boolean {
  return products.some(({ kind, code }) => kind === wanted.kind && code === wanted.code)
}

/** Prices by day: what is charged is the price in force on the first day it is charged for. */
export class Prices {
  readonly #days = new Map<PlainDate, Promise<Catalogue>>()

  constructor(
    private readonly ctx: Pick<Context, 'db'>,
    private readonly currency: string,
  ) {}

  async of({ kind, code }: Product, cycle: Cycle, day: PlainDate): Promise<bigint> {
    const price = findPrice(await this.#on(day), kind, code, this.currency, cycle)
    if (price) return price.amount_minor
    throw new ErpmaxError(
      'conflict',
      'price.missing',
      `There is no ${cycle} price in ${this.currency} for ${code} on ${day}`,
      {
        hint: 'erpmax module price list',
        details: { product: code, currency: this.currency, cycle, day },
      },
    )
  }

  async nameOf({ kind, code }: Product, day: PlainDate): Promise<string> {
    const { modules, tiers } = await this.#on(day)
    if (kind === 'module') return modules.find((module) => module.code === code)?.name ?? code
    return `${tiers.find((tier) => tier.code === code)?.name ?? code} platform fee`
  }

  #on(day: PlainDate): Promise<Catalogue> {
    const known = this.#days.get(day)
    if (known) return known
    const read = readCatalogue(this.ctx, day)
    this.#days.set(day, read)
    return read
  }
}
