/** `billing fx list`: rates of exchange on file, newest day first. */
import { readPage, type Page, type PageRequest } from '../database/keyset.js'
import { sql, verbatim } from '../database/sql.js'
import type { ExchangeRate } from '../billing/exchange.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export interface ExchangeRateFilters {
  currency: string | null
  since: PlainDate | null
  /** The last day that is shown. */
  until: PlainDate | null
}

export type ExchangeRateList = Page<ExchangeRate>

export async function listExchangeRates(
  ctx: Pick<Context, 'db'>,
  { currency, since, until }: ExchangeRateFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<ExchangeRateList> {
  const code = currency?.trim().toUpperCase() ?? null
  return readPage<ExchangeRate>(
    ctx.db,
    {
      columns: verbatim(
        'r.currency, r.to_currency, trim_scale(r.rate)::text as rate, r.day as date, r.source',
      ),
      from: verbatim('public.fx_rates r'),
      where: [
        sql`(${code}::text is null or r.currency = ${code})`,
        sql`(${since}::date is null or r.day >= ${since}::date)`,
        sql`(${until}::date is null or r.day <= ${until}::date)`,
      ],
      keys: { date: { by: verbatim('r.day'), type: 'date' } },
      id: { by: verbatim('r.id'), type: 'uuid' },
    },
    { ...page, sort: '-date' },
  )
}
