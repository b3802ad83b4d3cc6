/** `billing status`: whether the daily run comes, what waits for a person, what is due and what is owed. */
import { firstRow, oneRow, rows, sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import { dueSubscriptions } from '../billing/runs/due.js'
import { findSupplier } from '../billing/supplier.js'
import { dueTenants } from '../subscriptions/due.js'
import { dunningStanding, type DunningStanding } from './dunning.js'
import type { Context, Holder } from '../kernel/context.js'

/** Hours after which the last good run is too old: a day, and the time a run may take. */
export const longestSilence = 26

export interface LastRun {
  id: string
  status: string
  started_at: string
  finished_at: string | null
  age_seconds: number
}

/** What is owed in one currency, by days past due. */
export interface Receivables {
  currency: string
  invoices: number
  open: MoneyJson
  not_due: MoneyJson
  overdue_1_30: MoneyJson
  overdue_31_60: MoneyJson
  overdue_61_90: MoneyJson
  overdue_over_90: MoneyJson
}

export interface BillingStatus {
  /** Today where the supplier is; in UTC where there is none yet. */
  today: PlainDate
  supplier: string | null
  /** False where the last good run is over 26 hours old, or there was none. */
  on_time: boolean
  last_run: LastRun | null
  /** The last that changed and billed whatever was due; it may have parked accounts. */
  last_good_run: LastRun | null
  running: { id: string; started_at: string; stalled: boolean; host: string; pid: number } | null
  parked: { accounts: number; by_code: { code: string; accounts: number }[] }
  /** What the next run would look at, parked accounts apart. */
  due: { changes: number; subscriptions: number }
  receivables: Receivables[]
  /** Tenants with an unpaid invoice, by how far it has come. */
  dunning: DunningStanding
  mails: { queued: number; failed: number; unknown: number }
  /** What providers told and nobody could book: parked is for a person, failed went wrong for two days. */
  events: { parked: number; failed: number }
}

type Ctx = Pick<Context, 'db' | 'clock'>

export async function readBillingStatus(ctx: Ctx): Promise<BillingStatus> {
  const supplier = await findSupplier(ctx)
  const today = dayIn(supplier?.time_zone ?? 'UTC', ctx.clock.now())
  const good = await lastRun(ctx, true)
  return {
    today,
    supplier: supplier?.legal_name ?? null,
    on_time: good !== null && good.age_seconds <= longestSilence * 3600,
    last_run: await lastRun(ctx, false),
    last_good_run: good,
    running: await runningNow(ctx),
    parked: await parkedAccounts(ctx),
    due: await whatIsDue(ctx),
    receivables: await receivables(ctx, today),
    dunning: await dunningStanding(ctx),
    events: await oneRow(
      ctx.db,
      sql`select count(*) filter (where status = 'parked')::int as parked, count(*) filter (where status = 'failed')::int as failed
          from public.webhook_events where status in ('parked', 'failed')`,
    ),
    mails: await oneRow(
      ctx.db,
      sql`select count(*) filter (where status in ('queued', 'sending'))::int as queued,
                 count(*) filter (where status = 'failed')::int as failed,
                 count(*) filter (where status = 'unknown')::int as unknown
          from public.mails where status <> 'sent'`,
    ),
  }
}

/** By the database's clock, which has written the times. A run of an earlier day, or of a part of the steps, is not whole. */
async function lastRun(ctx: Ctx, good: boolean): Promise<LastRun | null> {
  const found = await firstRow<
    Omit<LastRun, 'started_at' | 'finished_at'> & { started_at: Date; finished_at: Date | null }
  >(
    ctx.db,
    sql`select id, status, started_at, finished_at,
               extract(epoch from clock_timestamp() - coalesce(finished_at, started_at))::float8 as age_seconds
        from public.daily_runs
        where not ${good} or (status in ('succeeded', 'partial') and as_of is null and not skipped && array['changes', 'invoices'])
        order by started_at desc limit 1`,
  )
  return (
    found && {
      ...{ id: found.id, status: found.status, started_at: found.started_at.toISOString() },
      ...{
        finished_at: found.finished_at?.toISOString() ?? null,
        age_seconds: Math.round(found.age_seconds),
      },
    }
  )
}

async function runningNow(ctx: Ctx): Promise<BillingStatus['running']> {
  const found = await firstRow<{ id: string; started_at: Date; stalled: boolean; holder: Holder }>(
    ctx.db,
    sql`select id, started_at, lease_until <= clock_timestamp() as stalled, holder from public.daily_runs where status = 'running'`,
  )
  return (
    found && {
      ...{ id: found.id, started_at: found.started_at.toISOString(), stalled: found.stalled },
      ...{ host: found.holder.host, pid: found.holder.pid },
    }
  )
}

async function parkedAccounts(ctx: Ctx): Promise<BillingStatus['parked']> {
  const by_code = await rows<{ code: string; accounts: number }>(
    ctx.db,
    sql`select code, count(*)::int as accounts from public.parked_accounts where released_at is null
        group by code order by count(*) desc, code`,
  )
  return { accounts: by_code.reduce((sum, { accounts }) => sum + accounts, 0), by_code }
}

async function whatIsDue(ctx: Ctx): Promise<BillingStatus['due']> {
  const days = { asOf: null, dryRun: false }
  const due = await dueSubscriptions(ctx, null, days, ctx.clock.now())
  const { subscriptions } = await oneRow<{ subscriptions: number }>(
    ctx.db,
    sql`select count(*)::int as subscriptions
        from public.subscriptions s join public.tenants t on t.id = s.tenant_id
        where s.id = any(${due.flatMap((one) => (one.due ? [one.id] : []))}::uuid[])
          and (t.status = 'active' or (t.status = 'suspended' and t.suspension_bills))
          and not exists (select 1 from public.parked_accounts p where p.tenant_id = t.id and p.released_at is null)`,
  )
  return { changes: (await dueTenants(ctx, days)).length, subscriptions }
}

async function receivables(ctx: Ctx, today: PlainDate): Promise<Receivables[]> {
  const found = await rows<{ currency: string; invoices: number } & Record<Bucket, bigint>>(
    ctx.db,
    sql`select currency, count(*)::int as invoices, sum(owed)::bigint as open,
               coalesce(sum(owed) filter (where late <= 0), 0)::bigint as not_due,
               coalesce(sum(owed) filter (where late between 1 and 30), 0)::bigint as overdue_1_30,
               coalesce(sum(owed) filter (where late between 31 and 60), 0)::bigint as overdue_31_60,
               coalesce(sum(owed) filter (where late between 61 and 90), 0)::bigint as overdue_61_90,
               coalesce(sum(owed) filter (where late > 90), 0)::bigint as overdue_over_90
        from (select currency, ${today}::date - coalesce(due_date, ${today}::date) as late,
                     total_minor - credit_applied_minor - paid_minor - settled_minor - credited_minor as owed
              from public.invoices where status = 'open') i
        group by currency order by currency`,
  )
  return found.map(({ currency, invoices, ...sums }) => {
    const money = (bucket: Bucket): MoneyJson => moneyJson({ amountMinor: sums[bucket], currency })
    return {
      ...{ currency, invoices, open: money('open'), not_due: money('not_due') },
      ...{ overdue_1_30: money('overdue_1_30'), overdue_31_60: money('overdue_31_60') },
      ...{ overdue_61_90: money('overdue_61_90'), overdue_over_90: money('overdue_over_90') },
    }
  })
}

type Bucket = Exclude<keyof Receivables, 'currency' | 'invoices'>
