/** `module price list`: the versions of prices, those in force on a day or all there are. */
import { readPage, type Page, type PageRequest } from '../database/keyset.js'
import { join, sql, verbatim, type Sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import { findModule, readCatalogue, type Cycle, type ProductKind } from '../subscriptions/catalogue.js'
import { findTier } from '../subscriptions/selection.js'
import type { Context } from '../kernel/context.js'

export interface PriceListItem {
  kind: ProductKind
  code: string
  name: string
  cycle: Cycle
  price: MoneyJson
  from: PlainDate
  /** The first day it is not in force any more; null: no end. */
  to: PlainDate | null
  state: 'past' | 'in_force' | 'to_come'
}

export interface PriceList extends Page<PriceListItem> {
  /** The day that states are told by. */
  on: PlainDate
}

export interface PriceListFilters {
  module: string | null
  tier: string | null
  currency: string | null
  cycle: Cycle | null
  /** Null: today, in UTC. */
  on: PlainDate | null
  /** Past ones and those to come too. */
  all: boolean
}

/** In the order of the catalogue, modules first, then by currency, cycle and first day. */
export async function listPrices(
  ctx: Pick<Context, 'db' | 'clock'>,
  filters: PriceListFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<PriceList> {
  const on = filters.on ?? dayIn('UTC', ctx.clock.now())
  const catalogue = await readCatalogue(ctx, on)
  const where: Sql[] = []
  if (filters.module !== null)
    where.push(
      sql`p.product_kind = 'module' and p.product_code = ${findModule(catalogue.modules, filters.module).code}`,
    )
  if (filters.tier !== null)
    where.push(
      sql`p.product_kind = 'platform' and p.product_code = ${findTier(catalogue, filters.tier).code}`,
    )
  if (filters.currency !== null) where.push(sql`p.currency = ${filters.currency}`)
  if (filters.cycle !== null) where.push(sql`p.cycle = ${filters.cycle}`)
  if (!filters.all) where.push(sql`p.validity @> ${on}::date`)
  const { items, next_cursor } = await readPage<Omit<PriceListItem, 'price'> & PriceRow>(
    ctx.db,
    {
      columns: sql`p.product_kind as kind, p.product_code as code, coalesce(m.name, t.name || ' platform fee') as name, p.cycle,
        p.amount_minor, p.currency, lower(p.validity) as from, upper(p.validity) as to,
        case when p.validity @> ${on}::date then 'in_force' when lower(p.validity) > ${on}::date then 'to_come' else 'past' end as state`,
      from: verbatim(`public.prices p
        left join public.modules m on p.product_kind = 'module' and m.code = p.product_code
        left join public.tiers t on p.product_kind = 'platform' and t.code = p.product_code`),
      where: where.length > 0 ? [join(where, ' and ')] : [],
      keys: {
        product: {
          by: verbatim(
            `(p.product_kind || to_char(coalesce(m.position, t.position), '00000') || p.currency || (p.cycle = 'annual')::int || lower(p.validity)::text) collate "C"`,
          ),
          type: 'text',
        },
      },
      id: { by: verbatim('p.id'), type: 'uuid' },
    },
    { ...page, sort: 'product' },
  )
  return { items: items.map(itemOf), next_cursor, on }
}

interface PriceRow {
  amount_minor: bigint
  currency: string
}

function itemOf({ amount_minor, currency, ...item }: Omit<PriceListItem, 'price'> & PriceRow): PriceListItem {
  const { kind, code, name, cycle, ...rest } = item
  return { kind, code, name, cycle, price: moneyJson({ amountMinor: amount_minor, currency }), ...rest }
}
