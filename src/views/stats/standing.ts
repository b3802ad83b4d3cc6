/** Where every tenant stands on a day: the ground that each number of `tenant stats` is counted on. */
import { sql, verbatim, type Sql } from '../../database/sql.js'
import type { PlainDate } from '../../kernel/dates.js'

/** The day that is asked about; `past`: the states as they were at its end (UTC), not as they are. */
export interface StatsDay {
  day: PlainDate
  past: boolean
}

/** States in which a tenant is a customer. */
export const customerStates = verbatim(`('active', 'suspended', 'restoring')`)

/**
 * tenant_id, status, and whether invoices go on: a suspension by billing stops them, one by an operator unless it
 * says so.
 */
export function standing({ day, past }: StatsDay): Sql {
  if (past) {
    return sql`select distinct on (h.tenant_id) h.tenant_id, h.to_status as status, h.cause is distinct from 'billing' as billed
      from public.tenant_history h where h.at < ${dayAfter(day)} order by h.tenant_id desc, h.id desc`
  }
  return sql`select t.id as tenant_id, t.status, coalesce(t.suspension_bills, true) as billed from public.tenants t`
}

/** The subscriptions s that run on the day. */
export function running(day: PlainDate): Sql {
  return sql`s.started_on <= ${day}::date and coalesce(${ended}, 'infinity') > ${day}::date`
}

/** The first day without the subscription s, or null. */
export const ended = verbatim(
  `case when s.status = 'cancelled' then coalesce(s.cancel_on, (s.updated_at at time zone 'UTC')::date) else s.cancel_on end`,
)

/** The instant at which the day ends, in UTC. */
export function dayAfter(day: PlainDate): Sql {
  return sql`((${day}::date + 1)::timestamp at time zone 'UTC')`
}
