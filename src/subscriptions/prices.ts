/** Prices in versions: a new one closes the one before on its day; what has begun is never rewritten. */
import { changeOrRehearse } from '../database/rehearse.js'
import { addDays, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { formatMoney, type Money } from '../kernel/money.js'
import { audit } from '../operations/audit.js'
import { findModule, readCatalogue, type Cycle } from './catalogue.js'
import {
  asJson,
  begin,
  countHolders,
  discard,
  earlier,
  latestToday,
  lockVersions,
  reopen,
  type PricedProduct,
  type PriceVersion,
  type PriceVersionJson,
} from './price-versions.js'
import { findTier } from './selection.js'
import type { Context } from '../kernel/context.js'

export interface SetPrice {
  /** False where it was so already. */
  changed: boolean
  price: PriceVersionJson
  /** What is in force until then; null where there was nothing. */
  before: PriceVersionJson | null
  /** Versions that had not begun and never will. */
  replaced: PriceVersionJson[]
  /** Running subscriptions that hold the product in this currency and cycle. */
  subscriptions: number
}

export interface PriceInput {
  /** A module's price, or else a tier's platform fee. */
  product: { module: string } | { tier: string }
  cycle: Cycle
  money: Money
  /** The first day of the new price. */
  from: PlainDate
  /** Versions that have not begun, and would on that day or later, go. */
  replace: boolean
  dryRun: boolean
}

/**
 * Safe to repeat. Two at once: the second sees what the first has set.
 * @throws not_found `module.unknown`; usage `tier.unknown`; conflict `price.in_the_past`, `price.begun`,
 *   `price.version_ahead`, `price.in_use`
 */
export async function setPrice(
  ctx: Pick<Context, 'db' | 'clock' | 'actor' | 'warn'>,
  input: PriceInput,
): Promise<SetPrice & { dry_run: boolean }> {
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    const { product, cycle, money } = input
    const catalogue = await readCatalogue(inner, input.from)
    const found =
      'module' in product
        ? { kind: 'module' as const, code: findModule(catalogue.modules, product.module).code }
        : { kind: 'platform' as const, code: findTier(catalogue, product.tier).code }
    const set = await setVersion(inner, { ...found, currency: money.currency, cycle }, input)
    return { dry_run: input.dryRun, ...set }
  })
}

async function setVersion(
  ctx: Pick<Context, 'db' | 'clock' | 'actor' | 'warn'>,
  product: PricedProduct,
  { money, from, replace }: PriceInput,
): Promise<SetPrice> {
  const versions = await lockVersions(ctx, product)
  const before = versions.findLast((version) => version.from < from) ?? null
  const later = versions.filter((version) => version.from >= from)
  const subscriptions = await countHolders(ctx, product)
  const asBefore =
    before && (before.to === null || before.to >= from) && before.amount_minor === money.amountMinor
  const [next, ...others] = later
  const there =
    next?.from === from && next.amount_minor === money.amountMinor && others.length === 0 ? next : null
  const inForce = there ?? (asBefore && later.length === 0 && before.to === null ? before : null)
  if (inForce) {
    const price = asJson(product, inForce)
    return { changed: false, price, before: before && asJson(product, before), replaced: [], subscriptions }
  }
  const again = (day: PlainDate, flags = ''): string => `${commandFor(product, money, day)}${flags}`
  await requireAhead(ctx, product, { from, later, replace }, again)
  await discard(ctx, product, later)
  const price = asBefore ? await reopen(ctx, before) : await begin(ctx, product, money, from, before)
  warnOfTenfold(ctx, before, money)
  const closed = before && asJson(product, { ...before, to: asBefore ? null : earlier(before.to, from) })
  const result = {
    changed: true,
    price: asJson(product, price),
    before: closed,
    replaced: later.map((version) => asJson(product, version)),
    subscriptions,
  }
  await audit(ctx, {
    action: 'price.set',
    subjectKind: 'price',
    subject: `${product.code} ${product.currency} ${product.cycle}`,
    outcome: 'succeeded',
    before: { price: before && asJson(product, before), replaced: result.replaced },
    after: { price: result.price },
  })
  return result
}

function commandFor({ kind, code, cycle }: PricedProduct, money: Money, from: PlainDate): string {
  const amount = formatMoney(money).replace(` ${money.currency}`, '').replaceAll(',', '')
  const words = kind === 'module' ? [code, amount] : ['--tier', code, amount]
  return `erpmax module price set ${words.join(' ')} --currency ${money.currency} --cycle ${cycle} --from ${from}`
}

async function requireAhead(
  ctx: Pick<Context, 'db' | 'clock'>,
  { code }: PricedProduct,
  { from, later, replace }: { from: PlainDate; later: readonly PriceVersion[]; replace: boolean },
  again: (from: PlainDate, flags?: string) => string,
): Promise<void> {
  const today = await latestToday(ctx)
  if (from < today) {
    throw new ErpmaxError(
      'conflict',
      'price.in_the_past',
      `${from} is over: what was charged stays what it was`,
      { hint: again(today), details: { from, today } },
    )
  }
  const begun = later.find((version) => version.from <= today)
  if (begun) {
    throw new ErpmaxError(
      'conflict',
      'price.begun',
      `A price of ${code} has begun today: it is not rewritten`,
      { hint: again(addDays(today, 1)), details: { from, today } },
    )
  }
  const [next] = later
  if (next === undefined || replace) return
  throw new ErpmaxError(
    'conflict',
    'price.version_ahead',
    `A price of ${code} begins on ${next.from} already`,
    { hint: again(from, ' --replace'), details: { from, begins: next.from } },
  )
}

/** A run of invoices puts accounts aside whose price has changed that much since their last line (rule 14). */
function warnOfTenfold(ctx: Pick<Context, 'warn'>, before: PriceVersion | null, money: Money): void {
  const [old, young] = [before?.amount_minor ?? 0n, money.amountMinor]
  if (old === 0n || (young <= 10n * old && old <= 10n * young)) return
  ctx.warn({
    code: 'price.tenfold',
    message: `${formatMoney(money)} is more than tenfold off ${formatMoney({ ...money, amountMinor: old })}: the next invoices with it will be put aside to be looked at`,
  })
}
