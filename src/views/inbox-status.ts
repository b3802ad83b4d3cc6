/** `webhook status`: how the inbox stands, and how far its processing is behind. */
import { oneRow, rows, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

export interface InboxStatus {
  /** Events by state; of the settled ones, those of the last 30 days. */
  counts: Record<'received' | 'processed' | 'ignored' | 'parked' | 'failed', number>
  waiting: {
    /** To be processed now. */
    due: number
    /** In somebody's hands. */
    working: number
    /** Waiting for their next attempt after one that went wrong. */
    retrying: number
  }
  /** The one that has waited longest, however often it was tried. */
  oldest: { id: string; provider: string; type: string; received_at: string; age_seconds: number } | null
  /** How long what is due has been due; 0 where nothing is. */
  lag_seconds: number
  providers: { provider: string; last_received_at: string; events_24h: number }[]
}

export async function readInboxStatus(ctx: Pick<Context, 'db'>): Promise<InboxStatus> {
  const counts = await oneRow<InboxStatus['counts']>(
    ctx.db,
    sql`select count(*) filter (where status = 'received')::int as received,
               count(*) filter (where status = 'processed')::int as processed,
               count(*) filter (where status = 'ignored')::int as ignored,
               count(*) filter (where status = 'parked')::int as parked,
               count(*) filter (where status = 'failed')::int as failed
        from public.webhook_events
        where status in ('received', 'parked', 'failed') or received_at > clock_timestamp() - interval '30 days'`,
  )
  const { lag, ...waiting } = await oneRow<InboxStatus['waiting'] & { lag: number }>(
    ctx.db,
    sql`select count(*) filter (where next_attempt_at <= clock_timestamp() and not held)::int as due,
               count(*) filter (where held)::int as working,
               count(*) filter (where next_attempt_at > clock_timestamp() and not held)::int as retrying,
               greatest(0, coalesce(extract(epoch from clock_timestamp() - min(next_attempt_at)), 0))::float8 as lag
        from (select next_attempt_at, coalesce(lease_until > clock_timestamp(), false) as held
              from public.webhook_events where status = 'received') waiting`,
  )
  return {
    ...{ counts, waiting, oldest: await oldest(ctx) },
    lag_seconds: Math.round(lag * 1000) / 1000,
    providers: await lastOf(ctx),
  }
}

async function oldest(ctx: Pick<Context, 'db'>): Promise<InboxStatus['oldest']> {
  const [found] = await rows<{ id: string; provider: string; type: string; received_at: Date; age: number }>(
    ctx.db,
    sql`select id, provider, type, received_at, extract(epoch from clock_timestamp() - received_at)::float8 as age
        from public.webhook_events where status = 'received' order by received_at, id limit 1`,
  )
  if (!found) return null
  const { id, provider, type, received_at, age } = found
  return { id, provider, type, received_at: received_at.toISOString(), age_seconds: Math.round(age) }
}

async function lastOf(ctx: Pick<Context, 'db'>): Promise<InboxStatus['providers']> {
  const found = await rows<{ provider: string; last: Date; recent: number }>(
    ctx.db,
    sql`select p.provider, l.received_at as last,
               (select count(*)::int from public.webhook_events e
                where e.provider = p.provider and e.received_at > clock_timestamp() - interval '24 hours') as recent
        from unnest(array['stripe', 'razorpay']) p (provider)
        cross join lateral (select e.received_at from public.webhook_events e where e.provider = p.provider
                            order by e.received_at desc limit 1) l`,
  )
  return found.map(({ provider, last, recent }) => ({
    ...{ provider, last_received_at: last.toISOString(), events_24h: recent },
  }))
}
