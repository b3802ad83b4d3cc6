/** What a customer is told of unpaid invoices: each notice of an attempt once, with every invoice that is due by then. */
import { rows, sql } from '../../database/sql.js'
import { addDays, type PlainDate } from '../../kernel/dates.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { payUrl } from '../../billing/pay-link.js'
import { dayOf, type Schedule, type StageKind } from './schedule.js'
import type { Context } from '../../kernel/context.js'
import type { MoneyJson } from '../../kernel/money.js'
import type { DueTenant } from './due.js'

export interface Notice {
  kind: StageKind
  /** Of the stage it is sent for. */
  day: number
  attemptId: string
  schedule: Schedule
}

/** In the caller's transaction. Who was told the same before is not told again. */
export async function sendNotice(
  ctx: Pick<Context, 'db' | 'config' | 'random'>,
  due: DueTenant,
  notice: Notice,
): Promise<void> {
  const { kind, day, attemptId } = notice
  // There is one of each but of the reminders, whatever day the schedule has for it by then.
  const which = kind === 'reminder' ? `${kind}:${day}` : kind
  const url = await payUrl(ctx, due.invoice.id)
  await enqueueMail(ctx.db, {
    ...{ tenantId: due.id, kind, dedupeKey: `dunning:${attemptId}:${which}`, to: due.billing_email },
    ...{ language: mailLanguage(due.language), data: await contentOf(ctx, due, notice) },
    // Whoever has it sees the invoice.
    ...(url === null ? {} : { secrets: { pay_url: url } }),
  })
}

async function contentOf(
  ctx: Pick<Context, 'db'>,
  due: DueTenant,
  { kind, schedule }: Notice,
): Promise<Record<string, unknown>> {
  const invoices = await unpaid(ctx, due)
  const { currency } = due.invoice
  const amount_minor = invoices
    .filter(({ due: open }) => open.currency === currency)
    .reduce((sum, { due: open }) => sum + open.amount_minor, 0)
  const all = {
    ...{ company: due.legal_name, invoices, due: { amount_minor, currency } },
    pay_url: null,
  }
  const suspended = due.tenant.status === 'suspended'
  const suspends_on = suspended ? null : comingDay(due, schedule, 'suspended')
  switch (kind) {
    case 'reminder':
      return { ...all, days_overdue: due.late, suspends_on }
    case 'past_due':
      return { ...all, suspended, suspends_on }
    case 'suspended':
      return { ...all, archives_on: comingDay(due, schedule, 'archived') }
    case 'archived':
      return { ...all, cancelled_on: due.today }
  }
}

/** Null where the schedule leaves the stage out, or its day has come. */
function comingDay(
  { counted_from, today }: DueTenant,
  schedule: Schedule,
  kind: StageKind,
): PlainDate | null {
  const day = dayOf(schedule, kind)
  const on = day === null ? null : addDays(counted_from, day)
  return on !== null && on > today ? on : null
}

/** The one that dunning is counted from first. */
async function unpaid(
  ctx: Pick<Context, 'db'>,
  { id, today, invoice }: DueTenant,
): Promise<{ number: string; due_date: PlainDate; due: MoneyJson }[]> {
  return rows(
    ctx.db,
    sql`select number, due_date, json_build_object('amount_minor',
                 total_minor - credit_applied_minor - paid_minor - settled_minor - credited_minor, 'currency', currency) as due
        from public.invoices where tenant_id = ${id} and status = 'open' and due_date <= ${today}::date
        order by id <> ${invoice.id}, due_date, number`,
  )
}
