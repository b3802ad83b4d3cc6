/** Puts what providers have told into the inbox: once for each event, before anything is made of it. */
import { join, rowsWithin, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName, SignedEvent } from '../../kernel/payment-gateway.js'

/** How it came: signed by the provider, fetched from it, or put there by a person. */
export type EventSource = 'webhook' | 'backfill' | 'file' | 'trigger'

export interface NewEvent {
  provider: ProviderName
  event: SignedEvent
  /** As it came, byte for byte. */
  body: Buffer
  source: EventSource
}

export interface StoredEvent {
  /** False where the event was there before. */
  stored: boolean
  id: string | null
}

/** Providers wait 5 s and more for an answer, and come again. */
const patienceMs = 3000

/** One statement: once it has returned the event is kept, and the provider may be answered. */
export async function storeEvent(ctx: Pick<Context, 'db'>, event: NewEvent): Promise<StoredEvent> {
  const [stored = { stored: false, id: null }] = await storeEvents(ctx, [event])
  return stored
}

/**
 * All or none, in the order they are given; one that comes twice is stored for its first.
 * @throws dependency `database.timeout`
 */
export async function storeEvents(
  ctx: Pick<Context, 'db'>,
  events: readonly NewEvent[],
): Promise<StoredEvent[]> {
  // Two statements with the same events in another order would wait for each other.
  const ordered = events.length === 1 ? events : [...events].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
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
  return events.map((event) => {
    const key = keyOf(event)
    const id = ids.get(key) ?? null
    ids.delete(key)
    return { stored: id !== null, id }
  })
}

function keyOf({ provider, event }: NewEvent): string {
  return `${provider} ${event.id}`
}
