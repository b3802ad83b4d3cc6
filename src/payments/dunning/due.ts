/** Whose dunning there is to look at: every tenant with an invoice that is due, by one query over what is open. */
import { rows, sql, type Sql } from '../../database/sql.js'
import { daysBetween, type PlainDate } from '../../kernel/dates.js'
import type { Context } from '../../kernel/context.js'
import type { SubscriptionId, TenantId } from '../../kernel/ids.js'
import type { Dunned } from './decide.js'
import type { StageKind } from './schedule.js'

export interface DunningDay {
  /** Null: today, wherever the tenant is. */
  asOf: PlainDate | null
  /** A day that has not come yet may be looked at. */
  dryRun: boolean
  /** The daily run that goes on: what it has just issued is not dunned by it. */
  runId: string | null
}

export interface DueTenant extends Dunned {
  id: TenantId
  subdomain: string
  legal_name: string
  billing_email: string
  language: string
  /** The day it is there. */
  today: PlainDate
  invoice: { id: string; number: string; currency: string; due_date: PlainDate }
  /** Its due date, or the day on which it was found open again. */
  counted_from: PlainDate
  subscription_id: SubscriptionId | null
  attempt_id: string | null
}

interface Row extends Omit<DueTenant, 'late' | 'attempt' | 'tenant' | 'subscription' | 'invoice'> {
  status: Dunned['tenant']['status']
  suspension_cause: Dunned['tenant']['cause']
  subscription: string | null
  invoice_id: string
  number: string
  currency: string
  due_date: PlainDate
  stage: StageKind | null
  stage_day: number
  running: boolean
}

/**
 * In the order of the subdomains, by the earliest unpaid invoice of each. A tenant that dunning has archived, and that
 * somebody took out again, is dunned only for what came due since.
 * @param firstDay of the schedule: nobody is looked at before
 * @param tenant null: all of them
 */
export async function dueForDunning(
  ctx: Pick<Context, 'db' | 'clock'>,
  day: DunningDay,
  firstDay: number,
  tenant: TenantId | null = null,
): Promise<DueTenant[]> {
  const here = sql`(${ctx.clock.now()}::timestamptz at time zone t.time_zone)::date`
  const among = tenant === null ? sql`true` : sql`i.tenant_id = ${tenant}`
  const found = await rows<Row>(
    ctx.db,
    sql`select t.id, t.subdomain, t.legal_name, t.billing_email, t.language, t.status, t.suspension_cause, e.today,
               e.id as invoice_id, e.number, e.currency, e.due_date, e.counted_from,
               s.id as subscription_id, ${statusOf(day)} as subscription,
               a.id as attempt_id, a.stage, a.stage_day, a.status = 'running' as running
        from (
          select distinct on (i.tenant_id) i.tenant_id, i.id, i.number, i.currency, i.due_date, d.today, c.counted_from
          from public.invoices i join public.tenants t on t.id = i.tenant_id
          cross join lateral (select ${chosen(day, here)} as today) d
          left join public.dunning_restarts r on r.invoice_id = i.id
          cross join lateral (select greatest(i.due_date, case when r.invoice_id is not null then coalesce(r.counted_from, d.today) end) as counted_from) c
          where i.status = 'open' and i.due_date <= ${latest(ctx, day)} and ${among} and t.status in ('active', 'suspended')
            and c.counted_from + ${firstDay}::int <= d.today
            and not exists (select 1 from public.billing_runs b where b.id = i.run_id and b.daily_run_id = ${day.runId})
            and not exists (select 1 from public.dunning_attempts x where x.tenant_id = i.tenant_id and x.outcome = 'archived'
                            and x.stage_on >= c.counted_from)
          order by i.tenant_id, c.counted_from, i.due_date, i.number
        ) e
        join public.tenants t on t.id = e.tenant_id
        left join public.subscriptions s on s.tenant_id = t.id and s.status <> 'cancelled'
        left join public.dunning_attempts a on a.invoice_id = e.id and a.counted_from = e.counted_from
        order by t.subdomain`,
  )
  return found.map(shaped)
}

function shaped(row: Row): DueTenant {
  const {
    invoice_id,
    number,
    currency,
    due_date,
    status,
    suspension_cause,
    stage,
    stage_day,
    running,
    ...rest
  } = row
  return {
    ...rest,
    late: daysBetween(row.counted_from, row.today),
    attempt: stage === null ? null : { stage, day: stage_day, running },
    tenant: { status, cause: suspension_cause },
    invoice: { id: invoice_id, number, currency, due_date },
  }
}

/** A dry run has not applied what is due of it, as the run before this step has. */
function statusOf({ dryRun }: DunningDay): Sql {
  if (!dryRun) return sql`s.status`
  return sql`case when s.cancel_on <= e.today then null when s.status = 'trialing' and s.trial_ends_on <= e.today then 'active'
                  else s.status end`
}

function chosen({ asOf, dryRun }: DunningDay, here: Sql): Sql {
  if (asOf === null) return here
  return dryRun ? sql`${asOf}::date` : sql`least(${asOf}::date, ${here})`
}

/** A day that no tenant is past, so that the index of open invoices is read no further. */
function latest({ clock }: Pick<Context, 'clock'>, { asOf, dryRun }: DunningDay): Sql {
  const today = sql`(${clock.now()}::timestamptz at time zone 'UTC')::date + 1`
  return asOf !== null && dryRun ? sql`${asOf}::date` : today
}

/** What is open again is counted from the day on which a run first finds it so. */
export async function countRestarts(ctx: Pick<Context, 'db' | 'clock'>): Promise<void> {
  await rows(
    ctx.db,
    sql`update public.dunning_restarts r
        set counted_from = (${ctx.clock.now()}::timestamptz at time zone t.time_zone)::date
        from public.invoices i join public.tenants t on t.id = i.tenant_id
        where r.counted_from is null and i.id = r.invoice_id and i.status = 'open'`,
  )
}
