/** Puts what a provider has told into the inbox: once for each event, before anything is made of it. */
import { firstRow, sql } from '../../database/sql.js'
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

/** One statement: once it has returned the event is kept, and the provider may be answered. */
export async function storeEvent(
  ctx: Pick<Context, 'db'>,
  { provider, event, body, source }: NewEvent,
): Promise<StoredEvent> {
  const row = await firstRow<{ id: string }>(
    ctx.db,
    sql`insert into public.webhook_events (provider, event_id, type, live, source, body, happened_at)
        values (${provider}, ${event.id}, ${event.type}, ${event.live}, ${source}, ${body}, ${event.happenedAt})
        on conflict (provider, event_id) do nothing returning id`,
  )
  return { stored: row !== null, id: row?.id ?? null }
}
