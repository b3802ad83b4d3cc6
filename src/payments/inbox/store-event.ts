/** Puts what a provider has told into the inbox, once for each event, in one statement. */
import { join, rowsWithin, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName, SignedEvent } from '../../kernel/payment-gateway.js'

export interface Arrival {
  provider: ProviderName
  event: SignedEvent
  /** The bytes whose signature was right. */
  body: Buffer
  source: 'webhook' | 'backfill' | 'file' | 'trigger'
}

/** `stored` is false, and the id null, where the inbox had the event. */
export interface StoredEvent {
  stored: boolean
  id: string | null
}

/** Providers wait 5 s and more for an answer, and come again. */
const patienceMs = 3000

export async function storeEvent(ctx: Pick<Context, 'db'>, arrival: Arrival): Promise<StoredEvent> {
  const [stored = { stored: false, id: null }] = await storeEvents(ctx, [arrival])
  return stored
}

/**
 * All or none, in the order they are given; one that comes twice is stored for its first.
 * @throws dependency `database.timeout`
 */
export async function storeEvents(
  ctx: Pick<Context, 'db'>,
  arrivals: readonly Arrival[],
): Promise<StoredEvent[]> {
  // Two statements with the same events in another order would wait for each other.
  const ordered =
    arrivals.length === 1 ? arrivals : [...arrivals].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const values = ordered.map(
    ({ provider, event, body, source }) =>
      sql`(${provider}, ${event.id}, ${event.type}, ${event.live}, ${source}, ${body}, ${event.happenedAt})`,
  )
  const stored = await rowsWithin<{ id: string; provider: ProviderName; event_id: string }>(
    ctx.db,
    patienceMs,
    sql`insert into public.webhook_events (provider, event_id, type, live, source, body, happened_at)
        values ${join(values, ', ')} on conflict (provider, event_id) do nothing returning id, provider, event_id`,
  )
  const ids = new Map(stored.map((row) => [`${row.provider} ${row.event_id}`, row.id]))
  return arrivals.map((arrival) => {
    const key = keyOf(arrival)
    const id = ids.get(key) ?? null
    ids.delete(key)
    return { stored: id !== null, id }
  })
}

function keyOf({ provider, event }: Arrival): string {
  return `${provider} ${event.id}`
}
