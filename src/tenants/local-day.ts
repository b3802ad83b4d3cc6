/** The day it is where a tenant is, inside a query over many of them. */
import { rows, sql, type Sql } from '../database/sql.js'
import { dayIn } from '../kernel/dates.js'
import type { Context } from '../kernel/context.js'

/**
 * The day it is where the tenant t is, as an expression. Worked out here for the zones there are: the database may
 * know fewer of them, and one that it does not know would end every query.
 */
export async function dayOfTenant(ctx: Pick<Context, 'db' | 'clock'>): Promise<Sql> {
  const zones = await rows<{ time_zone: string }>(ctx.db, sql`select distinct time_zone from public.tenants`)
  const now = ctx.clock.now()
  const days = Object.fromEntries(zones.map(({ time_zone }) => [time_zone, dayIn(time_zone, now)]))
  return sql`(${JSON.stringify(days)}::jsonb ->> t.time_zone)::date`
}
