/** The inbox as tests fill and read it, with bodies in the shapes that the providers document. */
import { rows, sql } from '../../src/database/sql.js'
import { storeEvent, type StoredEvent } from '../../src/payments/inbox/store-event.js'
import type { Context } from '../../src/kernel/context.js'
import type { ProviderName } from '../../src/kernel/payment-gateway.js'

export interface Told {
  provider: ProviderName
  id: string
  body: Buffer
}

/** Into the inbox as the listener puts it there. */
export async function arrive(
  ctx: Pick<Context, 'db' | 'webhookReader'>,
  { provider, id, body }: Told,
): Promise<StoredEvent> {
  const reader = await ctx.webhookReader(provider)
  const event = reader.identify(body, { 'x-razorpay-event-id': id }) ?? {
    ...{ id, type: 'unreadable', live: null, happenedAt: null },
  }
  return storeEvent(ctx, { provider, event, body, source: 'webhook' })
}

/** `processed payment.booked`, how many of each. */
export async function outcomes(ctx: Pick<Context, 'db'>): Promise<Record<string, number>> {
  const found = await rows<{ name: string; count: number }>(
    ctx.db,
    sql`select concat_ws(' ', status, outcome) as name, count(*)::int as count from public.webhook_events group by 1`,
  )
  return Object.fromEntries(found.map(({ name, count }) => [name, count]))
}

/** What has left the house about payments, by topic, and receipts, audit rows and payments. */
export async function effectsOf(ctx: Pick<Context, 'db'>, tenantId: string): Promise<Record<string, number>> {
  const found = await rows<{ name: string; count: number }>(
    ctx.db,
    sql`select topic as name, count(*)::int as count from public.outbox
          where tenant_id = ${tenantId} and topic ~ '^(payment|invoice)[.]|^tenant[.]resumed' group by topic
        union all select 'audit ' || action, count(*)::int from public.audit_log
          where tenant_id = ${tenantId} and action ~ '^payment[.]' group by action
        union all select 'mail ' || kind, count(*)::int from public.mails where tenant_id = ${tenantId} group by kind
        union all select 'payment ' || status, count(*)::int from public.payments where tenant_id = ${tenantId} group by status`,
  )
  return Object.fromEntries(found.map(({ name, count }) => [name, count]))
}
