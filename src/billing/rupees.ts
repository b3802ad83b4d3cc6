/** Amounts of documents in rupees: at the rate the document keeps, each rounded half up, as its e-invoice has them. */
import { sql, type Sql } from '../database/sql.js'
import { minorDigits } from '../kernel/money.js'

/** ISO 4217 codes whose minor unit is not a hundredth, as JSON for SQL. */
export const unusualDigits = JSON.stringify(
  Object.fromEntries(
    Intl.supportedValuesOf('currency').flatMap((code) =>
      minorDigits(code) === 2 ? [] : [[code, minorDigits(code)]],
    ),
  ),
)

/** Paise; null where a foreign document keeps no rate to rupees. @param document has `currency` and `exchange` */
export function inRupees(minor: Sql, document: Sql): Sql {
  return sql`(case when ${document}.currency = 'INR' then ${minor} when ${document}.exchange ->> 'currency' = 'INR'
    then round(${minor} * (${document}.exchange ->> 'rate')::numeric * power(10::numeric, 2 - coalesce((${unusualDigits}::jsonb ->> ${document}.currency::text)::int, 2))) end)::bigint`
}

/** The total as it was converted at issue. */
export function totalInRupees(invoice: Sql): Sql {
  return sql`(case when ${invoice}.currency = 'INR' then ${invoice}.total_minor
    when ${invoice}.exchange ->> 'currency' = 'INR' then (${invoice}.exchange ->> 'total_minor')::bigint end)`
}
