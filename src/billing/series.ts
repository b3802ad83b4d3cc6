/** The counters of document numbers: one row for each kind, prefix and financial year (billing rule 17). */
import { execute, firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { documentNumber, financialYear } from './numbering.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { DocumentKind } from './document.js'
import type { Supplier } from './supplier.js'

/**
 * Consecutive numbers of the financial year of the day; the counter's row stays locked until the transaction is
 * committed or rolled back, so take them last.
 * @throws conflict `numbering.series_full`; busy `billing.day_turned` where the series has a later document by now
 *   (rule 12): the day of issue was judged before somebody else's turned
 */
export async function takeNumbers(
  ctx: Pick<Context, 'db'>,
  kind: DocumentKind,
  prefix: string,
  count: number,
  { supplier, issueDate }: { supplier: Pick<Supplier, 'country_code'>; issueDate: PlainDate },
): Promise<string[]> {
  if (count === 0) return []
  const year = financialYear(supplier.country_code, issueDate)
  await execute(
    ctx.db,
    sql`insert into public.number_series (kind, prefix, year_label) values (${kind}, ${prefix}, ${year.label}) on conflict do nothing`,
  )
  const taken = await firstRow<{ last_number: bigint }>(
    ctx.db,
    sql`update public.number_series set last_number = last_number + ${count}, last_issue_date = ${issueDate}::date
        where kind = ${kind} and prefix = ${prefix} and year_label = ${year.label}
          and coalesce(last_issue_date <= ${issueDate}::date, true) returning last_number`,
  )
  if (!taken) throw dayTurned(issueDate)
  const { last_number: last } = taken
  return Array.from({ length: count }, (_, index) =>
    documentNumber(prefix, year, last - BigInt(count) + BigInt(index) + 1n),
  )
}

function dayTurned(issueDate: PlainDate): ErpmaxError {
  return new ErpmaxError(
    'busy',
    'billing.day_turned',
    `Meanwhile a document was issued on a later day than ${issueDate}`,
    { hint: 'Run the same command again', details: { issue_date: issueDate } },
  )
}
