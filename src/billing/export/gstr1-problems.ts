/** What an accountant has to look at before a return is filed: nothing of it stops the draft. */
import { rows, sql } from '../../database/sql.js'
import { addDays } from '../../kernel/dates.js'
import { gstDocuments, gstLines } from './gst-supplies.js'
import type { Context } from '../../kernel/context.js'
import type { BookPeriod } from './period.js'

const mostListed = 100

/** In an order that is the same every time; at most a hundred. */
export async function gstr1Problems(
  ctx: Pick<Context, 'db'>,
  period: BookPeriod,
  gstin: string,
): Promise<string[]> {
  const found = await rows<{ problem: string }>(
    ctx.db,
    sql`with ${gstDocuments(period)}, ${gstLines}
        select distinct number || ': ' || problem as problem
        from (
          select number, 'its customer has no GSTIN, and a supply to a SEZ is declared with one' as problem from documents where section in ('b2b', 'cdnr') and ctin is null
          union all
          select number, 'it keeps no rate to rupees and counts as nothing' from documents where currency <> 'INR' and exchange ->> 'currency' is distinct from 'INR'
          union all
          select number, 'a line has no services accounting code' from lines where sac is null
          union all
          select number, 'a line at 0 % inside India belongs into table 8' from lines where rate = 0 and supply in ('intra_state', 'inter_state')
          union all
          select number, 'it was issued under another GSTIN: ' || own from documents where own <> ${gstin}
        ) p order by 1 limit ${mostListed}`,
  )
  return [...shapeOf(period), ...found.map(({ problem }) => problem)]
}

function shapeOf({ from, to }: BookPeriod): string[] {
  const month = from.slice(0, 7) === to.slice(0, 7) && from.endsWith('-01') && addDays(to, 1).endsWith('-01')
  return month ? [] : [`The return is of a month or a quarter, and this is from ${from} to ${to}`]
}
