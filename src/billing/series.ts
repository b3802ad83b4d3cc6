/** The counters of document numbers: one row for each kind, prefix and financial year (billing rule 17). */
import { execute, oneRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { documentNumber, financialYear } from './numbering.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { DocumentKind } from './document.js'
import type { Supplier } from './supplier.js'

/**
 * Consecutive numbers of the financial year of the day; the counter's row stays locked until the transaction is
 * committed or rolled back, so take them last. The months cannot be closed either until then.
 * @throws conflict `numbering.series_full`; busy `numbering.day_over` where the day has passed meanwhile: somebody has
 *   numbered a later document, or closed the month
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
  const { last_number: last, last_issue_date: day } = await oneRow<{
    last_number: bigint
    last_issue_date: PlainDate
  }>(
    ctx.db,
    sql`update public.number_series
        set last_number = last_number + ${count}, last_issue_date = greatest(last_issue_date, ${issueDate}::date)
        where kind = ${kind} and prefix = ${prefix} and year_label = ${year.label} returning last_number, last_issue_date`,
  )
  if (day > issueDate || (await isClosed(ctx, issueDate))) throw dayOver(issueDate)
  return Array.from({ length: count }, (_, index) =>
    documentNumber(prefix, year, last - BigInt(count) + BigInt(index) + 1n),
  )
}

/** Looked at once nobody can close it any more; by whoever had the time to look before, in a statement of its own. */
async function isClosed(ctx: Pick<Context, 'db'>, day: PlainDate): Promise<boolean> {
  await execute(ctx.db, sql`select public.hold_open_months()`)
  const { closed } = await oneRow<{ closed: boolean }>(
    ctx.db,
    sql`select exists (select 1 from public.closed_months where month = date_trunc('month', ${day}::date)::date) as closed`,
  )
  return closed
}

function dayOver(day: PlainDate): ErpmaxError {
  return new ErpmaxError('busy', 'numbering.day_over', `Nothing can be dated ${day} any more`, {
    hint: 'Run the same command again: it dates its documents anew',
    details: { issue_date: day },
  })
}
