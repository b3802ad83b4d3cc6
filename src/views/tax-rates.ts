/** `billing tax-rate list`: the rates of tax on file, and in India the codes modules are billed under. */
import { readPage, type Page, type PageRequest } from '../database/keyset.js'
import { rows, sql, verbatim } from '../database/sql.js'
import type { TaxRateJson } from '../billing/tax/set-rate.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export interface ModuleTaxCode {
  /** Null: platform fees, and every module that is not named. */
  module: string | null
  code: string
  from: PlainDate
  /** Exclusive; null: until further notice. */
  to: PlainDate | null
}

export interface TaxRateList extends Page<TaxRateJson> {
  /** On the first page alone. */
  module_codes: ModuleTaxCode[]
}

export interface TaxRateFilters {
  country: string | null
  /** In force on that day only; null: past and coming ones too. */
  on: PlainDate | null
}

export async function listTaxRates(
  ctx: Pick<Context, 'db'>,
  { country, on }: TaxRateFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<TaxRateList> {
  const code = country?.trim().toUpperCase() ?? null
  const found = await readPage<TaxRateJson>(
    ctx.db,
    {
      columns: verbatim(`r.regime, r.country_code as country, r.code, trim_scale(r.rate)::text as rate,
        lower(r.validity) as from, upper(r.validity) as to, r.source`),
      from: verbatim('public.tax_rates r'),
      where: [
        sql`(${code}::text is null or r.country_code = ${code})`,
        sql`(${on}::date is null or r.validity @> ${on}::date)`,
      ],
      keys: {
        country: {
          by: verbatim(`r.country_code || ' ' || r.code || ' ' || lower(r.validity)`),
          type: 'text',
        },
      },
      id: { by: verbatim('r.id'), type: 'uuid' },
    },
    { ...page, sort: 'country' },
  )
  const module_codes =
    page.cursor === null && (code === null || code === 'IN')
      ? await rows<ModuleTaxCode>(
          ctx.db,
          sql`select c.module_code as module, c.code, lower(c.validity) as from, upper(c.validity) as to
              from public.module_tax_codes c left join public.modules m on m.code = c.module_code
              where ${on}::date is null or c.validity @> ${on}::date order by m.position nulls first, lower(c.validity)`,
        )
      : []
  return { ...found, module_codes }
}
