/** `webhook list` and `webhook show`: what the providers have told, what came of it, and what waits for a person. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { oneRow, sql, verbatim, type Sql } from '../database/sql.js'
import { instantFrom } from '../kernel/dates.js'
import { findEvent } from '../payments/inbox/find-event.js'
import { redactBody } from '../payments/inbox/redact-body.js'
import type { Context, Holder } from '../kernel/context.js'

export const eventStates = ['received', 'processed', 'ignored', 'parked', 'failed'] as const

export interface WebhookEventItem {
  id: string
  provider: string
  event_id: string
  type: string
  status: string
  /** A dotted code; null while it waits. */
  outcome: string | null
  tenant: string | null
  invoice: string | null
  /** Whether it is of real money; null where the provider does not say. */
  live: boolean | null
  source: string
  attempts: number
  /** When one that waits is due. */
  next_attempt_at: string | null
  happened_at: string | null
  received_at: string
  settled_at: string | null
  error_code: string | null
}

export type WebhookEventList = Page<WebhookEventItem>

export interface ShownEvent extends WebhookEventItem {
  payment_id: string | null
  /** What a person needs to judge the outcome. */
  detail: Record<string, unknown> | null
  error: { code: string; message: string } | null
  /** Who has it in hand just now. */
  holder: { host: string; pid: number } | null
  size_bytes: number
  /** As it came, but for what tells who paid; null where it is no JSON. */
  body: unknown
}

export interface EventFilters {
  status: readonly string[]
  provider: readonly string[]
  /** `payment_intent.succeeded`, or all that begin with `payment_intent.*`. */
  type: readonly string[]
  /** RFC 3339, a day or an age; of when it came. */
  since: string | null
}

const keys = { received: { by: verbatim('e.received_at'), type: 'timestamptz' } } satisfies Record<
  string,
  SortKey
>
const id: SortKey = { by: verbatim('e.id'), type: 'uuid' }
const from = verbatim(
  `public.webhook_events e left join public.tenants t on t.id = e.tenant_id left join public.invoices i on i.id = e.invoice_id`,
)
const columns =
  verbatim(`e.id, e.provider, e.event_id, e.type, e.status, e.outcome, t.subdomain as tenant, i.number as invoice, e.live, e.source, e.attempts,
  case when e.status = 'received' then e.next_attempt_at end as next_attempt_at, e.happened_at, e.received_at, e.settled_at,
  e.last_error ->> 'code' as error_code`)

type Times = 'next_attempt_at' | 'happened_at' | 'received_at' | 'settled_at'
type EventRow = Omit<WebhookEventItem, Times> & Record<Times, Date | null>

/** Newest first. @throws usage `usage.time_invalid` */
export async function listEvents(
  ctx: Pick<Context, 'db' | 'clock'>,
  { status, provider, type, since }: EventFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<WebhookEventList> {
  const where: Sql[] = []
  if (status.length > 0) where.push(sql`e.status = any(${[...status]}::text[])`)
  if (provider.length > 0) where.push(sql`e.provider = any(${[...provider]}::text[])`)
  if (type.length > 0) where.push(sql`e.type like any(${type.map(likeType)}::text[])`)
  if (since !== null)
    where.push(sql`e.received_at >= ${instantFrom(since, ctx.clock.now(), 'beginning')}::timestamptz`)
  const found = await readPage<EventRow>(
    ctx.db,
    { columns, from, where, keys, id },
    { ...page, sort: '-received' },
  )
  return { items: found.items.map(shaped), next_cursor: found.next_cursor }
}

/** `payment.*` as LIKE has it; everything else means itself. */
export function likeType(type: string): string {
  return type.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')
}

type EventDetails = EventRow & {
  payment_id: string | null
  detail: Record<string, unknown> | null
  last_error: { code: string; message: string } | null
  holder: Holder | null
  body: Buffer
}

/**
 * @param text the id, enough of its beginning, or what the provider calls it
 * @throws not_found `event.not_found`; conflict `event.ambiguous`
 */
export async function showEvent(ctx: Pick<Context, 'db'>, text: string): Promise<ShownEvent> {
  const eventId = await findEvent(ctx, text)
  const row = await oneRow<EventDetails>(
    ctx.db,
    sql`select ${columns}, e.payment_id, e.detail, e.last_error, e.body,
               case when e.lease_until > clock_timestamp() then e.holder end as holder
        from ${from} where e.id = ${eventId}`,
  )
  const { body, holder, last_error, payment_id, detail } = row
  return {
    ...shaped(row),
    ...{ payment_id, detail, error: last_error },
    holder: holder && { host: holder.host, pid: holder.pid },
    size_bytes: body.length,
    body: redactBody(parsed(body)),
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}

function shaped(row: EventRow): WebhookEventItem {
  const { provider, event_id, type, status, outcome, tenant, invoice, live, source, attempts } = row
  return {
    ...{ id: row.id, provider, event_id, type, status, outcome, tenant, invoice, live, source, attempts },
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    happened_at: row.happened_at?.toISOString() ?? null,
    received_at: row.received_at?.toISOString() ?? '',
    settled_at: row.settled_at?.toISOString() ?? null,
    error_code: row.error_code,
  }
}
