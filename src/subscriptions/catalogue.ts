/** The catalogue as it stands on a day: modules, tiers, and the prices in force. */
import { rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { nearest } from '../kernel/nearest.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export type Cycle = 'monthly' | 'annual'
export type ProductKind = 'module' | 'platform'

export interface Module {
  code: string
  name: string
  summary: string
  is_base: boolean
  requires: string[]
}

export interface Tier {
  code: string
  name: string
  max_paid_modules: number | null
  max_users: number | null
  max_storage_gb: number | null
  max_api_calls_per_month: bigint | null
  trial_days: number
}

export interface Price {
  id: string
  kind: ProductKind
  code: string
  currency: string
  cycle: Cycle
  amount_minor: bigint
}

export interface Catalogue {
  modules: Module[]
  tiers: Tier[]
  prices: Price[]
}

export async function readCatalogue(ctx: Pick<Context, 'db'>, day: PlainDate): Promise<Catalogue> {
  // One after the other: inside a transaction there is one connection, which takes one query at a time.
  const modules = await rows<Module>(
    ctx.db,
    sql`select m.code, m.name, m.summary, m.is_base,
               array(select r.requires_code from public.module_requirements r where r.module_code = m.code order by 1) as requires
        from public.modules m order by m.position`,
  )
  const tiers = await rows<Tier>(
    ctx.db,
    sql`select code, name, max_paid_modules, max_users, max_storage_gb, max_api_calls_per_month, trial_days
        from public.tiers order by position`,
  )
  const prices = await rows<Price>(
    ctx.db,
    sql`select id, product_kind as kind, product_code as code, currency, cycle, amount_minor
        from public.prices where validity @> ${day}::date`,
  )
  return { modules, tiers, prices }
}

/** Codes of all modules in catalogue order. */
export async function moduleCodes(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ code: string }>(ctx.db, sql`select code from public.modules order by position`)
  return found.map(({ code }) => code)
}

/** The price of a product, or null where none is on file. */
export function findPrice(
  catalogue: Catalogue,
  kind: ProductKind,
  code: string,
  currency: string,
  cycle: Cycle,
): Price | null {
  return (
    catalogue.prices.find(
      (price) =>
        price.kind === kind && price.code === code && price.currency === currency && price.cycle === cycle,
    ) ?? null
  )
}

/** @throws not_found `module.unknown` with the nearest name there is */
export function findModule(modules: readonly Module[], code: string): Module {
  const wanted = code.toLowerCase()
  const module = modules.find((one) => one.code === wanted)
  if (module) return module
  const near = nearest(
    wanted,
    modules.map((one) => one.code),
  )
  throw new ErpmaxError(
    'not_found',
    'module.unknown',
    `There is no module "${code.slice(0, 80)}"${near ? `; did you mean ${near}?` : ''}`,
    { hint: 'erpmax module list', details: { module: code.slice(0, 80), nearest: near } },
  )
}
