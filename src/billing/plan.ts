/** Which invoices a subscription is due, and their lines before tax: pure, from the rows to the amounts. */
import { ErpmaxError } from '../kernel/errors.js'
import { periodOn, type Term } from './next-bill.js'
import { overlap, without, type OpenPeriod, type Period } from './periods.js'
import { prorate } from './proration.js'
import type { PlainDate } from '../kernel/dates.js'
import type { ProductKind } from '../subscriptions/catalogue.js'
import type { PriceBook } from './price-book.js'

/** More periods at once than this are a mistake more often than an outage (rule 12). */
export const mostCatchUp = 36
/** A price that moves by more than this factor between two charges of an item is looked at by a person (rule 14). */
const largestStep = 10n

export interface DueItem extends OpenPeriod {
  id: string
  kind: ProductKind
  code: string
  name: string
  /** True for an item that began before the first day not billed yet, and of which no day has been charged. */
  late: boolean
  /** Days of it that live lines charge already. */
  charged: readonly Period[]
  /** The price its last line was computed from, where that is known. */
  lastPrice: bigint | null
}

/** A jump that put the account aside, and was released: somebody has looked at it. */
export interface ReleasedJump {
  code: string
  before: bigint
  after: bigint
}

export interface DueSubscription {
  /** The first day that is not trial. */
  firstDay: PlainDate
  terms: readonly Term[]
  currency: string
  /** The first day not billed yet. */
  nextBillingOn: PlainDate
  /** The first day after its end, where it has one. */
  endsOn: PlainDate | null
  /** Days that are not charged: archived, or suspended without bills. */
  unbilled: readonly OpenPeriod[]
  released: readonly ReleasedJump[]
  items: readonly DueItem[]
}

export interface PlannedLine {
  itemId: string
  kind: ProductKind
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
 * @throws conflict `billing.too_many_periods`, `price.missing`, `billing.price_jump`, `billing.unbalanced`: the account
 *   is parked
 */
export function planInvoices(
  subscription: DueSubscription,
  today: PlainDate,
  prices: PriceBook,
  catchUp: number = mostCatchUp,
): BillingPlan {
  const { nextBillingOn, endsOn } = subscription
  // Each with the price it was charged at last, which moves on with the plan: a jump shows whatever a run catches up.
  const items = subscription.items.map((item) => ({ ...item }))
  const invoices: PlannedInvoice[] = []
  // Taken after the day that is billed up to: not due yet.
  const late = items.filter((item) => item.late && item.from <= today)
  const added = late.flatMap((item) => addedLines(subscription, item, prices))
  if (added.length > 0) invoices.push({ kind: 'change', period: null, lines: added })
  let periods = 0
  let from = nextBillingOn
  while (from <= today && (endsOn === null || from < endsOn)) {
    const { full, cycle, end: last } = periodOn(subscription.terms, from)
    const period = { from, to: endsOn !== null && endsOn < last ? endsOn : last }
    const stretch = { full, cycle, within: period }
    const lines = items.flatMap((item) => linesOf(subscription, item, stretch, prices))
    requireWholePrices(subscription, lines, stretch, prices)
    if (lines.length > 0) {
      invoices.push({ kind: 'cycle', period, lines })
      periods += 1
    }
    if (periods > catchUp) throw tooManyPeriods(nextBillingOn, catchUp)
    from = last
  }
  return { invoices, nextBillingOn: from }
}

/** Of an item that came too late for the invoice of its first period: that period's rest, and every one since. */
function addedLines(subscription: DueSubscription, item: DueItem, prices: PriceBook): PlannedLine[] {
  const lines: PlannedLine[] = []
  let from = item.from > subscription.firstDay ? item.from : subscription.firstDay
  while (from < subscription.nextBillingOn) {
    const { full, cycle, end } = periodOn(subscription.terms, from)
    const to = end < subscription.nextBillingOn ? end : subscription.nextBillingOn
    lines.push(...linesOf(subscription, item, { full, cycle, within: { from, to } }, prices))
    from = end
  }
  return lines
}

interface Stretch {
  full: Period
  cycle: Term['cycle']
  within: Period
}

/** None for days it is not held, has been charged for or is not charged for, or for what costs nothing. */
function linesOf(
  { currency, unbilled, released }: DueSubscription,
  item: DueItem,
  { full, cycle, within }: Stretch,
  prices: PriceBook,
): PlannedLine[] {
  const held = overlap(within, item)
  if (!held) return []
  return without(held, [...item.charged, ...unbilled]).flatMap((piece) => {
    const price = prices.on(item.kind, item.code, currency, cycle, piece.from)
    if (price === null) throw priceMissing(item.code, currency, cycle, piece.from)
    requireSmallStep(item, cycle, price, released)
    const net = prorate(price, piece, full)
    if (net === 0n) return []
    item.lastPrice = price
    const { id: itemId, kind, code, name: description } = item
    return [{ itemId, kind, code, description, period: piece, fullPeriod: full, unitPrice: price, net }]
  })
}

/** Rule 14: what is held over the whole of a period comes to the sum of the prices, whatever computed its lines. */
function requireWholePrices(
  { items, unbilled, currency }: DueSubscription,
  lines: readonly PlannedLine[],
  { full, cycle, within }: Stretch,
  prices: PriceBook,
): void {
  if (within.from !== full.from || within.to !== full.to) return
  const whole = items.filter(
    (item) =>
      item.from <= full.from &&
      (item.to === null || item.to >= full.to) &&
      ![...item.charged, ...unbilled].some((gap) => overlap(full, gap)),
  )
  const expected = whole.reduce(
    (sum, { kind, code }) => sum + (prices.on(kind, code, currency, cycle, full.from) ?? 0n),
    0n,
  )
  const ids = new Set(whole.map(({ id }) => id))
  const sum = lines.reduce((total, line) => total + (ids.has(line.itemId) ? line.net : 0n), 0n)
  if (sum === expected) return
  throw new ErpmaxError(
    'conflict',
    'billing.unbalanced',
    `The invoice from ${full.from} comes to ${sum} minor units, and the prices of its items to ${expected}`,
    { details: { ...full, sum_minor: Number(sum), expected_minor: Number(expected) } },
  )
}

function requireSmallStep(
  { code, lastPrice }: DueItem,
  cycle: Term['cycle'],
  price: bigint,
  released: readonly ReleasedJump[],
): void {
  if (lastPrice === null || lastPrice === 0n || price === 0n) return
  if (price <= lastPrice * largestStep && lastPrice <= price * largestStep) return
  if (released.some((jump) => jump.code === code && jump.before === lastPrice && jump.after === price)) return
  throw new ErpmaxError(
    'conflict',
    'billing.price_jump',
    `The ${cycle} price of ${code} went from ${lastPrice} to ${price} minor units: more than tenfold`,
    { details: { product: code, before_minor: Number(lastPrice), after_minor: Number(price) } },
  )
}

function priceMissing(code: string, currency: string, cycle: string, day: PlainDate): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'price.missing',
    `There is no ${cycle} price in ${currency} for ${code} on ${day}`,
    {
      hint: `erpmax module price set ${code} <amount> --currency ${currency} --cycle ${cycle}`,
      details: { product: code, currency, cycle, day },
    },
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
