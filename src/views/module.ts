/** `module show`: one module with its prices of today and of other days, and how many subscribe to it. */
import { oneRow, sql } from '../database/sql.js'
import { loadBaseline, moduleSizes } from '../schemas/baseline.js'
import { findModule, readCatalogue, type Module } from '../subscriptions/catalogue.js'
import { dayIn } from '../kernel/dates.js'
import { listPrices, type PriceListItem } from './prices.js'
import type { Context } from '../kernel/context.js'

export interface ShownModule extends Module {
  required_by: string[]
  tables: number
  /** Tenants that hold it today, each by its own day. */
  tenants: number
  /** In force today. */
  prices: PriceListItem[]
  /** All versions, past ones and those to come too. */
  price_history: PriceListItem[]
}

const versionsShown = 500

/** @throws not_found `module.unknown` */
export async function showModule(ctx: Pick<Context, 'db' | 'clock'>, code: string): Promise<ShownModule> {
  const { modules } = await readCatalogue(ctx, dayIn('UTC', ctx.clock.now()))
  const module = findModule(modules, code)
  const sizes = moduleSizes(await loadBaseline(), [])
  const { tenants } = await oneRow<{ tenants: number }>(
    ctx.db,
    sql`select count(*)::int as tenants from public.subscription_items i
        join public.subscriptions s on s.id = i.subscription_id and s.status <> 'cancelled'
        join public.tenants t on t.id = s.tenant_id
        where i.kind = 'module' and i.product_code = ${module.code}
          and i.active @> (${ctx.clock.now()}::timestamptz at time zone t.time_zone)::date`,
  )
  const filters = { tier: null, currency: null, cycle: null, on: null, all: true }
  const { items } = await listPrices(
    ctx,
    { ...filters, module: module.code },
    { limit: versionsShown, cursor: null },
  )
  return {
    ...module,
    required_by: modules.filter(({ requires }) => requires.includes(module.code)).map((one) => one.code),
    tables: sizes.find(({ name }) => name === module.code)?.total ?? 0,
    tenants,
    prices: items.filter(({ state }) => state === 'in_force'),
    price_history: items,
  }
}
