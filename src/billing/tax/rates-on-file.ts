/** Reads the rates and codes of tax on file; `taxOf` itself reads nothing. */
import { rows, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { ProductKind } from '../../subscriptions/catalogue.js'
import type { TaxRate } from './rates.js'

/** Every rate there is or was, for `taxOf` of any day. */
export async function readTaxRates(ctx: Pick<Context, 'db'>): Promise<TaxRate[]> {
  return rows<TaxRate>(
    ctx.db,
    sql`select country_code, code, trim_scale(rate)::text as rate, lower(validity) as from, upper(validity) as to
        from public.tax_rates order by country_code, code, lower(validity)`,
  )
}

/** The services accounting code of a product on the day it was asked for. */
export type SacOf = (kind: ProductKind, code: string) => string | null

/** A module's own code, else that of everything else; null where neither is on file. */
export async function readTaxCodes(ctx: Pick<Context, 'db'>, day: PlainDate): Promise<SacOf> {
  const found = await rows<{ module_code: string | null; code: string }>(
    ctx.db,
    sql`select module_code, code from public.module_tax_codes where validity @> ${day}::date`,
  )
  const codes = new Map(found.map(({ module_code, code }) => [module_code, code]))
  return (kind, code) => (kind === 'module' ? codes.get(code) : undefined) ?? codes.get(null) ?? null
}
