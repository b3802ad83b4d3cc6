/** The day it is where a tenant is, and when its month began, inside a query over many of them. */
import { rows, sql, type Sql } from '../database/sql.js'
import { dayIn, monthBegan } from '../kernel/dates.js'
import type { Context } from '../kernel/context.js'

/**
 * The day it is where the tenant t is, as an expression. Worked out here for the zones there are: the database may
 * know fewer of them, and one that it does not know would end every query.
 */
export async function dayOfTenant(ctx: Pick<Context, 'db' | 'clock'>): Promise<Sql> {
  return sql`${await byZone(ctx, dayIn)}::date`
}

/** The instant at which the tenant's present month began. */
export async function monthOfTenant(ctx: Pick<Context, 'db' | 'clock'>): Promise<Sql> {
  return sql`${await byZone(ctx, (zone, now) => monthBegan(zone, now).toISOString())}::timestamptz`
}

async function byZone(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  read: (zone: string, now: Date) => string,
): Promise<Sql> {
  const zones = await rows<{ time_zone: string }>(db, sql`select distinct time_zone from public.tenants`)
  const now = clock.now()
  const values = Object.fromEntries(zones.map(({ time_zone }) => [time_zone, read(time_zone, now)]))
  return sql`(${JSON.stringify(values)}::jsonb ->> t.time_zone)`
}
