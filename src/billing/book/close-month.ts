/** Closes a month of the book: nothing is issued, voided or credited into it afterwards (rule 19). */
import { changeOrRehearse } from '../../database/rehearse.js'
import { execute, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { asOperator } from '../../tenants/move.js'
import { requireSupplier, supplierDay } from '../supplier.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'

export interface ClosedMonth {
  /** `YYYY-MM`. */
  month: string
  operator: string
  closed_at: string
  invoices: number
  credit_notes: number
}

export interface ClosedMonthResult {
  dry_run: boolean
  /** False where it was closed already. */
  changed: boolean
  closed_month: ClosedMonth
}

/** A month as people type it, `2026-03`; its first day. @throws usage `billing.month_invalid` */
export function monthStart(text: string): PlainDate {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text.trim())) return `${text.trim()}-01`
  throw new ErpmaxError('usage', 'billing.month_invalid', `"${text.slice(0, 20)}" is not a month`, {
    hint: 'Write 2026-03',
  })
}

/** @throws conflict `billing.month_not_over`, `billing.supplier_missing`; usage `billing.month_invalid` */
export async function closeMonth(
  ctx: Pick<Context, 'db' | 'clock' | 'actor'>,
  text: string,
  dryRun: boolean,
): Promise<ClosedMonthResult> {
  const first = monthStart(text)
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    const supplier = await requireSupplier(inner)
    const today = supplierDay(inner, supplier)
    if (first.slice(0, 7) >= today.slice(0, 7)) throw notOver(first, today)
    await asOperator(inner)
    const changed = await execute(
      inner.db,
      sql`insert into public.closed_months (month, operator) values (${first}, ${ctx.actor.operator}) on conflict do nothing`,
    )
    const [month] = await readMonths(inner, first)
    if (!month) throw new Error('the month that was just closed is not there')
    if (changed > 0)
      await audit(inner, {
        ...{ action: 'billing.close', subjectKind: 'month', subject: month.month },
        outcome: 'succeeded',
        after: { invoices: month.invoices, credit_notes: month.credit_notes },
      })
    return { dry_run: dryRun, changed: changed > 0, closed_month: month }
  })
}

/** Latest first. @param first only this one */
export async function readMonths(
  ctx: Pick<Context, 'db'>,
  first: PlainDate | null = null,
): Promise<ClosedMonth[]> {
  const found = await rows<Omit<ClosedMonth, 'closed_at'> & { closed_at: Date }>(
    ctx.db,
    sql`select to_char(m.month, 'YYYY-MM') as month, m.operator, m.closed_at,
               (select count(*)::int from public.invoices where issue_date >= m.month and issue_date < m.month + interval '1 month') as invoices,
               (select count(*)::int from public.credit_notes where issue_date >= m.month and issue_date < m.month + interval '1 month') as credit_notes
        from public.closed_months m where ${first}::date is null or m.month = ${first}::date order by m.month desc`,
  )
  return found.map((month) => ({ ...month, closed_at: month.closed_at.toISOString() }))
}

function notOver(first: PlainDate, today: PlainDate): ErpmaxError {
  const month = first.slice(0, 7)
  return new ErpmaxError('conflict', 'billing.month_not_over', `${month} is not over: it is ${today}`, {
    hint: 'erpmax billing close --list',
    details: { month, today },
  })
}
