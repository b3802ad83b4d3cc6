/** The day it is where a tenant is. */
import { oneRow, sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface TenantCalendar {
  time_zone: string
  today: PlainDate
}

export async function calendarOf(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenantId: TenantId,
): Promise<TenantCalendar> {
  const { time_zone } = await oneRow<{ time_zone: string }>(
    ctx.db,
    sql`select time_zone from public.tenants where id = ${tenantId}`,
  )
  return { time_zone, today: dayIn(time_zone, ctx.clock.now()) }
}
