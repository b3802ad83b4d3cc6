/** What is to leave the house after commit: written in the transaction that causes it. */
import { execute, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

export interface OutboxMessage {
  topic: string
  /** Makes the message one, however often its step runs. */
  key: string
  tenantId: string
  payload: Record<string, unknown>
}

export async function enqueue(ctx: Pick<Context, 'db'>, message: OutboxMessage): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.outbox (topic, key, tenant_id, payload)
        values (${message.topic}, ${message.key}, ${message.tenantId}, ${JSON.stringify(message.payload)})
        on conflict (topic, key) do nothing`,
  )
}
