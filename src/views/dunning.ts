/** How far dunning has gone, and what comes next: of the schedule, of a tenant, of one of its invoices. */
import { firstRow, rows, sql } from '../database/sql.js'
import { addDays, dayIn, daysBetween, type PlainDate } from '../kernel/dates.js'
import { decide } from '../payments/dunning/decide.js'
import {
  readSchedule,
  stageAfter,
  type Schedule,
  type Stage,
  type StageKind,
} from '../payments/dunning/schedule.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface StageJson extends Stage {
  /** Those whose dunning stands there. */
  tenants: number
}

export interface ScheduleJson {
  stages: StageJson[]
}

export interface DunningJson {
  /** The earliest unpaid one of the tenant, from which the days are counted. */
  invoice: string
  /** True where that is not the one that was asked for. */
  follows: boolean
  counted_from: PlainDate
  /** Since then; below zero where the day is still to come. */
  days: number
  /** Null while dunning has not begun. */
  stage: (Stage & { on: PlainDate }) | null
  /** What comes next, if nothing comes in; null after the last stage. `due_now`: the next run does it. */
  next: (Stage & { on: PlainDate; due_now: boolean }) | null
}

export async function showSchedule(ctx: Pick<Context, 'db'>): Promise<{ schedule: ScheduleJson }> {
  const standing = await dunningStanding(ctx)
  const stages = (await readSchedule(ctx)).map((stage) => ({
    ...stage,
    tenants:
      standing.by_stage.find(({ kind, day }) => kind === stage.kind && day === stage.day)?.tenants ?? 0,
  }))
  return { schedule: { stages } }
}

export interface DunningStanding {
  tenants: number
  /** As they were entered: of an earlier schedule too. */
  by_stage: StageJson[]
}

export async function dunningStanding(ctx: Pick<Context, 'db'>): Promise<DunningStanding> {
  const by_stage = await rows<StageJson>(
    ctx.db,
    sql`select stage as kind, stage_day as day, count(*)::int as tenants from public.dunning_attempts
        where status = 'running' group by stage, stage_day order by stage_day, stage`,
  )
  return { tenants: by_stage.reduce((sum, { tenants }) => sum + tenants, 0), by_stage }
}

interface Row {
  id: string
  number: string
  counted_from: PlainDate
  time_zone: string
  status: 'active' | 'suspended'
  cause: 'billing' | 'operator' | null
  subscription: string | null
  stage: StageKind | null
  stage_day: number
  stage_on: PlainDate
  running: boolean
}

/**
 * @param invoiceId tells whether it is this one that dunning goes by
 * @returns null where nothing is open, or the tenant is not dunned: it is archived, or dunning has come to its end
 */
export async function dunningOf(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenantId: TenantId,
  invoiceId: string | null = null,
): Promise<DunningJson | null> {
  const now = ctx.clock.now()
  const found = await firstRow<Row>(
    ctx.db,
    sql`select i.id, i.number, c.counted_from, t.time_zone, t.status, t.suspension_cause as cause, s.status as subscription,
               a.stage, a.stage_day, a.stage_on, a.status = 'running' as running
        from public.tenants t join public.invoices i on i.tenant_id = t.id and i.status = 'open' and i.due_date is not null
        left join public.dunning_restarts r on r.invoice_id = i.id
        cross join lateral (select greatest(i.due_date, case when r.invoice_id is not null
            then coalesce(r.counted_from, (${now}::timestamptz at time zone t.time_zone)::date) end) as counted_from) c
        left join public.subscriptions s on s.tenant_id = t.id and s.status <> 'cancelled'
        left join public.dunning_attempts a on a.invoice_id = i.id and a.counted_from = c.counted_from
        where t.id = ${tenantId} and t.status in ('active', 'suspended')
          and not exists (select 1 from public.dunning_attempts x where x.tenant_id = t.id and x.outcome = 'archived'
                          and x.stage_on >= c.counted_from)
        order by c.counted_from, i.due_date, i.number limit 1`,
  )
  if (!found) return null
  const { number, counted_from, stage, stage_day, stage_on } = found
  const days = daysBetween(counted_from, dayIn(found.time_zone, now))
  return {
    ...{ invoice: number, follows: invoiceId !== null && invoiceId !== found.id, counted_from, days },
    stage: stage === null ? null : { kind: stage, day: stage_day, on: stage_on },
    next: nextOf(await readSchedule(ctx), found, days),
  }
}

function nextOf(schedule: Schedule, row: Row, late: number): DunningJson['next'] {
  const { counted_from, stage, stage_day, running, status, cause, subscription } = row
  const attempt = stage === null ? null : { stage, day: stage_day, running }
  const now = decide(schedule, { late, attempt, tenant: { status, cause }, subscription })
  const next = now ? now.stage : stageAfter(schedule, late)
  return (
    next && { day: next.day, kind: next.kind, on: addDays(counted_from, next.day), due_now: now !== null }
  )
}
