/** Letters of undertaking of a GSTIN: on the days one covers, exports and supplies to SEZ carry no tax. */
import { execute, rows, sql } from '../database/sql.js'
import { addDays, plainDate, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { daysOf } from './periods.js'
import type { Context } from '../kernel/context.js'
import type { Lut } from './tax/tax.js'

/** As people write it: both days belong to it. */
export interface LutInput {
  number: string
  firstDay: string
  lastDay: string
}

interface FiledLut extends Lut {
  id: string
}

const longestDays = 366

/**
 * Puts a letter on file; one that begins on the same day is corrected.
 * @returns whether anything changed
 * @throws usage `supplier.lut_invalid`; conflict `supplier.lut_overlap`
 */
export async function recordLut(
  ctx: Pick<Context, 'db' | 'actor'>,
  gstin: string | null,
  input: LutInput,
): Promise<boolean> {
  if (gstin === null)
    throw invalid('A letter of undertaking belongs to a supplier with a GSTIN', 'Leave --lut-number out')
  const lut = checkedLut(input)
  await execute(ctx.db, sql`lock table public.billing_luts in share row exclusive mode`)
  const filed = await rows<FiledLut>(
    ctx.db,
    sql`select id, number, lower(validity) as from, upper(validity) as to from public.billing_luts where gstin = ${gstin}`,
  )
  const same = filed.find(({ from }) => from === lut.from)
  const other = filed.find((one) => one !== same && one.from < lut.to && lut.from < one.to)
  if (other) throw overlap(lut, other)
  const validity = sql`daterange(${lut.from}::date, ${lut.to}::date)`
  if (!same) {
    await execute(
      ctx.db,
      sql`insert into public.billing_luts (gstin, number, validity, operator) values (${gstin}, ${lut.number}, ${validity}, ${ctx.actor.operator})`,
    )
    return true
  }
  if (same.number === lut.number && same.to === lut.to) return false
  await execute(
    ctx.db,
    sql`update public.billing_luts set number = ${lut.number}, validity = ${validity}, operator = ${ctx.actor.operator},
          updated_at = clock_timestamp() where id = ${same.id}`,
  )
  return true
}

/** Half-open. A letter is given for a financial year: what is longer is a slip of the pen that would waive tax. */
function checkedLut(input: LutInput): Lut {
  const number = input.number.trim().toUpperCase()
  const from = plainDate(input.firstDay)
  const to = addDays(plainDate(input.lastDay), 1)
  if (!/^[A-Z0-9][A-Z0-9/-]{2,39}$/.test(number))
    throw invalid(
      `"${input.number.slice(0, 60)}" is not the number of a letter of undertaking`,
      'Such as AD270326000001B',
    )
  const days = daysOf({ from, to })
  if (days < 1 || days > longestDays) {
    throw invalid(
      `A letter of undertaking from ${from} to ${addDays(to, -1)} would cover ${days} days; it is given for one financial year`,
      '--lut-from 2026-04-01 --lut-to 2027-03-31',
    )
  }
  return { number, from, to }
}

function overlap(lut: Lut, other: FiledLut): ErpmaxError {
  const shorter: { lut: Lut; last: PlainDate } =
    other.from < lut.from
      ? { lut: other, last: addDays(lut.from, -1) }
      : { lut, last: addDays(other.from, -1) }
  return new ErpmaxError(
    'conflict',
    'supplier.lut_overlap',
    `The letter ${other.number} covers ${other.from} to ${addDays(other.to, -1)} already`,
    {
      hint: `erpmax billing supplier set --lut-number ${shorter.lut.number} --lut-from ${shorter.lut.from} --lut-to ${shorter.last}`,
      details: { number: other.number, first_day: other.from, last_day: addDays(other.to, -1) },
    },
  )
}

function invalid(message: string, hint: string): ErpmaxError {
  return new ErpmaxError('usage', 'supplier.lut_invalid', message, { hint, details: { field: 'lut' } })
}
