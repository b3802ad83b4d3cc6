/** Which invoices a subscription is due, and their lines before tax: pure, from the rows to the amounts. */
import { ErpmaxError } from '../kernel/errors.js'
import { nthPeriod, overlap, periodContaining, periodIndex, type Period } from './periods.js'
import { prorate } from './proration.js'
import type { PlainDate } from '../kernel/dates.js'
import type { Cycle, ProductKind } from '../subscriptions/catalogue.js'
import type { PriceBook } from './price-book.js'

/** More periods at once than this are a mistake more often than an outage (rule 12). */
export const mostCatchUp = 36
/** A price that moves by more than this factor between two charges of an item is looked at by a person (rule 14). */
const largestStep = 10n

export interface DueItem {
  id: string
  kind: ProductKind
  code: string
  name: string
  /** Half-open; `to` null: nothing ends it. */
  from: PlainDate
  to: PlainDate | null
  /** True for an item that began inside a period already billed, and of which no day has been charged. */
  late: boolean
  /** The price its last line was computed from, where that is known. */
  lastPrice: bigint | null
}

export interface DueSubscription {
  anchor: PlainDate
  cycle: Cycle
  currency: string
  /** The first day not billed yet. */
  nextBillingOn: PlainDate
  /** The first day after its end, where it has one. */
  endsOn: PlainDate | null
  items: readonly DueItem[]
}

export interface PlannedLine {
  itemId: string
  code: string
  description: string
  period: Period
  fullPeriod: Period
  unitPrice: bigint
  /** Rounded once, half up (rule 4). */
  net: bigint
}

export interface PlannedInvoice {
  kind: 'cycle' | 'change'
  /** Of a `cycle` invoice. */
  period: Period | null
  lines: PlannedLine[]
}

export interface BillingPlan {
  /** Oldest first; those of nothing are left out (rule 8). */
  invoices: PlannedInvoice[]
  /** The first day not billed once these are issued. */
  nextBillingOn: PlainDate
}

/**
 * Everything due up to and with the day `today`: what was added inside a period already billed, then each period that
 * has begun (rules 1 to 4, 7, 8, 12).
 * @throws conflict `billing.too_many_periods`, `price.missing`, `billing.price_jump`: the account is parked
 */
export function planInvoices(
  subscription: DueSubscription,
  today: PlainDate,
  prices: PriceBook,
  catchUp: number = mostCatchUp,
): BillingPlan {
  const { anchor, cycle, nextBillingOn, endsOn } = subscription
  const until = endsOn !== null && endsOn <= today ? endsOn : null
  const invoices: PlannedInvoice[] = []
  const late = subscription.items.filter((item) => item.late)
  if (late.length > 0) {
    const lines = late.flatMap((item) => {
      const full = periodContaining(anchor, cycle, item.from)
      return lineOf(subscription, item, full, { from: full.from, to: nextBillingOn }, prices)
    })
    invoices.push({ kind: 'change', period: null, lines })
  }
  let n = periodIndex(anchor, cycle, nextBillingOn)
  let next = nextBillingOn
  const first = n
  for (
    let period = nthPeriod(anchor, cycle, n);
    period.from <= today;
    period = nthPeriod(anchor, cycle, ++n)
  ) {
    if (until !== null && period.from >= until) break
    if (n - first >= catchUp) throw tooManyPeriods(nextBillingOn, catchUp)
    const within = until !== null && until < period.to ? { from: period.from, to: until } : period
    const lines = subscription.items
      .filter((item) => !item.late || item.from < period.to)
      .flatMap((item) => lineOf(subscription, item, period, within, prices))
    invoices.push({ kind: 'cycle', period, lines })
    next = period.to
  }
  return {
    invoices: invoices.filter(({ lines }) => lines.some((line) => line.net > 0n)),
    nextBillingOn: next,
  }
}

/** None for days it is not held, or for what costs nothing. */
function lineOf(
  { currency, cycle }: DueSubscription,
  item: DueItem,
  full: Period,
  within: Period,
  prices: PriceBook,
): PlannedLine[] {
  const piece = overlap(within, item)
  if (!piece) return []
  const price = prices.on(item.kind, item.code, currency, cycle, piece.from)
  if (price === null) {
    throw new ErpmaxError(
      'conflict',
      'price.missing',
      `There is no ${cycle} price in ${currency} for ${item.code} on ${piece.from}`,
      { hint: 'erpmax module price set', details: { product: item.code, currency, cycle, day: piece.from } },
    )
  }
  requireSmallStep(item, price)
  const net = prorate(price, piece, full)
  if (net === 0n) return []
  return [
    {
      itemId: item.id,
      code: item.code,
      description: item.name,
      period: piece,
      fullPeriod: full,
      unitPrice: price,
      net,
    },
  ]
}

function requireSmallStep({ code, lastPrice }: DueItem, price: bigint): void {
  if (lastPrice === null || lastPrice === 0n || price === 0n) return
  if (price <= lastPrice * largestStep && lastPrice <= price * largestStep) return
  throw new ErpmaxError(
    'conflict',
    'billing.price_jump',
    `The price of ${code} went from ${lastPrice} to ${price} minor units: more than tenfold`,
    { details: { product: code, before_minor: Number(lastPrice), after_minor: Number(price) } },
  )
}

function tooManyPeriods(since: PlainDate, catchUp: number): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'billing.too_many_periods',
    `More than ${catchUp} periods are due since ${since}`,
    { hint: 'erpmax invoice generate <tenant> --max-catch-up <periods>', details: { since, limit: catchUp } },
  )
}
