/** `module list`: what can be subscribed to, with today's prices, and the tiers that bound it. */
import { readPage, type Page, type PageRequest } from '../database/keyset.js'
import { verbatim } from '../database/sql.js'
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import { loadBaseline, moduleSizes } from '../schemas/baseline.js'
import {
  readCatalogue,
  type Catalogue,
  type Cycle,
  type Module,
  type ProductKind,
} from '../subscriptions/catalogue.js'
import type { Context } from '../kernel/context.js'

export interface PriceJson {
  cycle: Cycle
  price: MoneyJson
}

export interface ModuleListItem extends Module {
  tables: number
  prices: PriceJson[]
}

export interface TierJson {
  code: string
  name: string
  max_paid_modules: number | null
  max_users: number | null
  max_storage_gb: number | null
  max_api_calls_per_month: number | null
  trial_days: number
  fees: PriceJson[]
}

export interface ModuleList extends Page<ModuleListItem> {
  tiers: TierJson[]
}

export interface PriceFilters {
  currency: string | null
  cycle: Cycle | null
}

export async function listModules(
  ctx: Pick<Context, 'db' | 'clock'>,
  filters: PriceFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<ModuleList> {
  const catalogue = await readCatalogue(ctx, dayIn('UTC', ctx.clock.now()))
  const baseline = await loadBaseline()
  const found = await readPage<{ code: string }>(
    ctx.db,
    {
      columns: verbatim('m.code'),
      from: verbatim('public.modules m'),
      where: [],
      keys: { position: { by: verbatim('m.position'), type: 'smallint' } },
      id: { by: verbatim('m.code'), type: 'text' },
    },
    { ...page, sort: 'position' },
  )
  const prices = pricesOf(catalogue, filters)
  const sizes = new Map(moduleSizes(baseline, []).map(({ name, total }) => [name, total]))
  return {
    items: found.items.flatMap(({ code }) => {
      const module = catalogue.modules.find((one) => one.code === code)
      return module ? [{ ...module, tables: sizes.get(code) ?? 0, prices: prices('module', code) }] : []
    }),
    next_cursor: found.next_cursor,
    tiers: catalogue.tiers.map((tier) => ({
      ...tier,
      max_api_calls_per_month:
        tier.max_api_calls_per_month === null ? null : Number(tier.max_api_calls_per_month),
      fees: prices('platform', tier.code),
    })),
  }
}

/** @throws usage `currency.unpriced` where nothing is sold in that currency */
export function pricesOf(
  { prices }: Catalogue,
  { currency, cycle }: PriceFilters,
): (kind: ProductKind, code: string) => PriceJson[] {
  const currencies = [...new Set(prices.map((price) => price.currency))].sort()
  const wanted = currency?.toUpperCase() ?? null
  if (wanted !== null && !currencies.includes(wanted)) {
    throw new ErpmaxError('usage', 'currency.unpriced', `There are no prices in ${wanted.slice(0, 20)}`, {
      hint: `--currency ${currencies.join(' or --currency ')}`,
      details: { currencies },
    })
  }
  return (kind, code) =>
    prices
      .filter((price) => price.kind === kind && price.code === code)
      .filter((price) => (wanted ?? price.currency) === price.currency)
      .filter((price) => (cycle ?? price.cycle) === price.cycle)
      .map((price) => ({
        cycle: price.cycle,
        price: moneyJson({ amountMinor: price.amount_minor, currency: price.currency }),
      }))
      .sort((a, b) => b.price.currency.localeCompare(a.price.currency) || b.cycle.localeCompare(a.cycle))
}
