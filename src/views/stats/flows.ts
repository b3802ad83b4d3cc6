/** How customers come and go: counted from the days on which each of them began and ceased to be one. */
import { identifier, rows, sql, type Sql } from '../../database/sql.js'
import { addDays, type PlainDate } from '../../kernel/dates.js'
import { percentOf } from './revenue.js'
import { dayAfter, ended, standing, type StatsDay } from './standing.js'
import type { Context } from '../../kernel/context.js'

/** What became of those who went, as it stands on the day that is asked about. */
export interface Losses {
  /** The tenant is there, its subscription is not. */
  cancelled: number
  archived: number
  deleted: number
  failed: number
  /** Gone for a while only. */
  returned: number
}

export interface Flow {
  /** First and last day. */
  from: PlainDate
  to: PlainDate
  at_start: number
  /** Customers for the first time. */
  new: number
  /** Customers again. */
  returned: number
  lost: number
  lost_by: Losses
  at_end: number
  /** Lost against those at the start, in percent to one decimal; null where there was none. */
  churn_percent: number | null
}

export interface Churn {
  last_30_days: Flow
  last_90_days: Flow
  /** The month of the day and the eleven before it, the oldest first. */
  by_month: ({ month: string } & Flow)[]
}

/** What happened on one day. */
export interface DayOfFlow extends Losses {
  day: PlainDate
  began: number
  again: number
}

const months = 12

/**
 * A customer is a tenant that is active or suspended, with a subscription that runs. Days are those of UTC, and count
 * by how they end.
 */
export async function readChurn(ctx: Pick<Context, 'db'>, on: StatsDay): Promise<Churn> {
  return churnOf(await readDays(ctx, on), on.day)
}

/** @param days in any order */
export function churnOf(days: readonly DayOfFlow[], day: PlainDate): Churn {
  return {
    last_30_days: flowOf(days, addDays(day, -29), day),
    last_90_days: flowOf(days, addDays(day, -89), day),
    by_month: Array.from({ length: months }, (_, index) => {
      const first = firstOfMonth(day, index + 1 - months)
      const last = addDays(firstOfMonth(first, 1), -1)
      return { month: first.slice(0, 7), ...flowOf(days, first, last < day ? last : day) }
    }),
  }
}

function flowOf(days: readonly DayOfFlow[], from: PlainDate, to: PlainDate): Flow {
  const before = total(days.filter(({ day }) => day < from))
  const within = total(days.filter(({ day }) => day >= from && day <= to))
  const atStart = before.came - before.lost
  return {
    from,
    to,
    at_start: atStart,
    new: within.began,
    returned: within.again,
    lost: within.lost,
    lost_by: within.losses,
    at_end: atStart + within.came - within.lost,
    churn_percent: percentOf(within.lost, atStart),
  }
}

function total(days: readonly DayOfFlow[]): {
  began: number
  again: number
  came: number
  lost: number
  losses: Losses
} {
  const sum = (key: Exclude<keyof DayOfFlow, 'day'>): number => days.reduce((all, day) => all + day[key], 0)
  const losses = {
    cancelled: sum('cancelled'),
    archived: sum('archived'),
    deleted: sum('deleted'),
    failed: sum('failed'),
    returned: sum('returned'),
  }
  const [began, again] = [sum('began'), sum('again')]
  const lost = Object.values(losses).reduce((all, one) => all + one, 0)
  return { began, again, came: began + again, lost, losses }
}

/** @param months later; earlier where negative */
function firstOfMonth(day: PlainDate, months: number): PlainDate {
  const [year = 0, month = 1] = day.split('-').map(Number)
  const count = year * 12 + month - 1 + months
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}-01`
}

/**
 * The days of a customer are those in a customer's state that a subscription covers, as ranges: each begins once and
 * ends at most once. What has happened by now has happened by today, also where the clock of this program is set back.
 */
async function readDays(ctx: Pick<Context, 'db'>, on: StatsDay): Promise<DayOfFlow[]> {
  const known = on.past ? sql`h.at < ${dayAfter(on.day)}` : sql`true`
  return rows<DayOfFlow>(
    ctx.db,
    sql`with move as (
          select h.tenant_id, h.to_status, least((h.at at time zone 'UTC')::date, ${on.day}::date) as day,
                 least((lead(h.at) over (partition by h.tenant_id order by h.id) at time zone 'UTC')::date, ${on.day}::date) as until,
                 lead(h.id) over (partition by h.tenant_id order by h.id) is null as last
          from public.tenant_history h where ${known} and h.to_status <> 'restoring'
        ), alive as (
          select tenant_id, range_agg(daterange(day, case when not last then until end)) as days
          from move where to_status in ('active', 'suspended') and (last or day < until) group by tenant_id
        ), subscribed as (
          select s.tenant_id, range_agg(daterange(s.started_on, ${ended})) as days
          from public.subscriptions s where s.started_on < coalesce(${ended}, 'infinity') group by s.tenant_id
        ), stretch as (
          select tenant_id, days, row_number() over (partition by tenant_id order by days) = 1 as first,
                 lead(lower(days)) over (partition by tenant_id order by days) <= ${on.day}::date as back
          from (select a.tenant_id, unnest(a.days * u.days) as days
                from alive a join subscribed u on u.tenant_id = a.tenant_id) both_of
        ), event as (
          select lower(days) as day, case when first then 'began' else 'again' end as what from stretch
          union all
          select upper(s.days), case when s.back then 'returned' when st.status in ('deleting', 'deleted') then 'deleted'
                   when st.status in ('archived', 'failed') then st.status else 'cancelled' end
          from stretch s join (${standing(on)}) st on st.tenant_id = s.tenant_id where not upper_inf(s.days)
        )
        select day, ${count('began')}, ${count('again')}, ${count('cancelled')}, ${count('archived')}, ${count('deleted')},
               ${count('failed')}, ${count('returned')}
        from event where day <= ${on.day}::date group by day`,
  )
}

function count(what: Exclude<keyof DayOfFlow, 'day'>): Sql {
  return sql`(count(*) filter (where what = ${what}))::int as ${identifier(what)}`
}
