/** Who works at which event: claimed under a lease on the database's clock, fenced by a generation, settled once. */
import { execute, firstRow, rows, sql, verbatim, type Sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import type { Context, Holder } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'
import type { NoticeOutcome } from '../notices/outcome.js'

/** How long a processor that says nothing keeps what it has claimed: longer than a handful of transactions may take. */
const lease = verbatim(`clock_timestamp() + interval '60 seconds'`)

/** Seconds after each attempt that went wrong; after one more the event has failed. Two days in all. */
export const pauses = [5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400] as const

/** An event that this process has in hand. */
export interface ClaimedEvent {
  id: string
  generation: number
  provider: ProviderName
  event_id: string
  type: string
  live: boolean | null
  attempts: number
}

/** What an event is told by. */
export type EventFacts = Pick<ClaimedEvent, 'id' | 'provider' | 'event_id' | 'type'>

/** An event that processor after processor was lost with. */
export interface GivenUpEvent extends EventFacts {
  error: EventFailure
}

export interface EventFailure {
  code: string
  message: string
}

const due = verbatim(`status = 'received' and next_attempt_at <= clock_timestamp() and lease_until is null`)

/** From so many lost processors on an event is handed out alone, so that nobody else's are lost with it. */
const suspiciousAfter = 3
/** With so many it has failed, and waits for a person. */
const failedAfter = 8

/**
 * Takes those that have been due longest, unless others have them in hand; one that has lost processor after processor
 * alone, when nothing else is due.
 * @param only their ids; null: whatever is due
 */
export async function claimEvents(
  ctx: Pick<Context, 'db' | 'processes'>,
  limit: number,
  only: readonly string[] | null = null,
): Promise<ClaimedEvent[]> {
  const chosen = only === null ? sql`true` : sql`id = any(${[...only]}::uuid[])`
  const claimed = await claim(ctx, limit, sql`${chosen} and lost < ${suspiciousAfter}`)
  return claimed.length > 0 ? claimed : claim(ctx, 1, sql`${chosen} and lost >= ${suspiciousAfter}`)
}

async function claim(
  ctx: Pick<Context, 'db' | 'processes'>,
  limit: number,
  chosen: Sql,
): Promise<ClaimedEvent[]> {
  const claimed = await rows<ClaimedEvent & { next_attempt_at: Date }>(
    ctx.db,
    sql`with due as materialized (
          select id from public.webhook_events where ${due} and ${chosen}
          order by next_attempt_at, id limit ${limit} for update skip locked)
        update public.webhook_events e
        set holder = ${JSON.stringify(ctx.processes.self)}, lease_until = ${lease}, generation = e.generation + 1
        from due where e.id = due.id
        returning e.id, e.generation, e.provider, e.event_id, e.type, e.live, e.attempts, e.next_attempt_at`,
  )
  return claimed.sort((a, b) => a.next_attempt_at.getTime() - b.next_attempt_at.getTime())
}

/**
 * Holds the event until the transaction ends, so that nobody takes it over meanwhile, and gives its body.
 * @throws busy `event.lease_lost` where it has passed to somebody else: so slow were we
 */
export async function holdEvent(ctx: Pick<Context, 'db'>, event: ClaimedEvent): Promise<Buffer> {
  const held = await firstRow<{ body: Buffer }>(
    ctx.db,
    sql`select body from public.webhook_events
        where id = ${event.id} and generation = ${event.generation} and status = 'received' for update skip locked`,
  )
  if (held) return held.body
  throw new ErpmaxError('busy', 'event.lease_lost', 'This event is no longer ours', {
    hint: `erpmax webhook show ${event.id}`,
  })
}

/** Writes down what came of it, in the transaction that did it. */
export async function settleEvent(
  ctx: Pick<Context, 'db'>,
  event: ClaimedEvent,
  { status, outcome, detail, tenantId, invoiceId, paymentId }: NoticeOutcome,
): Promise<void> {
  await settle(
    ctx,
    event,
    sql`status = ${status}, outcome = ${outcome}, detail = ${detail === null ? null : JSON.stringify(detail)}::jsonb,
        tenant_id = ${tenantId}, invoice_id = ${invoiceId}, payment_id = ${paymentId}, last_error = null, settled_at = clock_timestamp()`,
  )
}

/** It went wrong: it waits for its next attempt, or has failed for good and waits for a person. */
export async function postponeEvent(
  ctx: Pick<Context, 'db'>,
  event: ClaimedEvent,
  error: EventFailure,
): Promise<'retried' | 'failed'> {
  const pause = pauses[event.attempts]
  const told = sql`last_error = ${JSON.stringify(error)}::jsonb`
  if (pause === undefined) {
    await settle(
      ctx,
      event,
      sql`status = 'failed', outcome = ${error.code}, settled_at = clock_timestamp(), ${told}`,
    )
    return 'failed'
  }
  // Not all at once, where many went wrong together.
  const next = sql`clock_timestamp() + ${pause}::int * (0.9 + random() * 0.2) * interval '1 second'`
  await settle(ctx, event, sql`next_attempt_at = ${next}, ${told}`)
  return 'retried'
}

async function settle(ctx: Pick<Context, 'db'>, event: ClaimedEvent, changes: Sql): Promise<void> {
  const settled = await execute(
    ctx.db,
    sql`update public.webhook_events set ${changes}, attempts = attempts + 1, holder = null, lease_until = null
        where id = ${event.id} and generation = ${event.generation} and status = 'received'`,
  )
  if (settled === 1) return
  throw new ErpmaxError('busy', 'event.lease_lost', 'This event is no longer ours', {
    hint: `erpmax webhook show ${event.id}`,
  })
}

/** What was claimed and not settled goes back at once; whoever else has it by now keeps it. */
export async function letGo(ctx: Pick<Context, 'db'>, events: readonly ClaimedEvent[]): Promise<void> {
  if (events.length === 0) return
  const seen = sql`select * from unnest(${events.map(({ id }) => id)}::uuid[], ${events.map(({ generation }) => generation)}::int[])`
  await execute(
    ctx.db,
    sql`update public.webhook_events set holder = null, lease_until = null
        where status = 'received' and (id, generation) in (${seen})`,
  )
}

/**
 * Processors that are certainly gone lose what they hold at once, those that say nothing when their lease runs out. Of an
 * event that loses one after the other it is the reason: it has failed in the end, and processors live on.
 * @returns those that have failed by it; the others are free again
 */
export async function takeBackAbandoned(ctx: Pick<Context, 'db' | 'processes'>): Promise<GivenUpEvent[]> {
  const holders = await rows<{ holder: Holder; silent: boolean }>(
    ctx.db,
    sql`select holder, bool_or(lease_until <= clock_timestamp()) as silent
        from public.webhook_events where lease_until is not null group by holder`,
  )
  const gone = holders.map(({ holder }) => holder).filter((holder) => ctx.processes.isGone(holder))
  // As nearly always: asked before each batch, it costs one look at an index.
  if (gone.length === 0 && !holders.some(({ silent }) => silent)) return []
  const failed = sql`status = 'received' and lost + 1 >= ${failedAfter}`
  const error: EventFailure = {
    code: 'event.processor_lost',
    message: `${failedAfter} processors ended, or hung, while they had this event in hand`,
  }
  const back = await rows<Omit<GivenUpEvent, 'error'> & { status: string }>(
    ctx.db,
    sql`update public.webhook_events
        set holder = null, lease_until = null, lost = lost + 1,
            status = case when ${failed} then 'failed' else status end,
            outcome = case when ${failed} then ${error.code} else outcome end,
            last_error = case when ${failed} then ${JSON.stringify(error)}::jsonb else last_error end,
            settled_at = case when ${failed} then clock_timestamp() else settled_at end
        where id in (select id from public.webhook_events
                     where lease_until <= clock_timestamp() or lease_until is not null and holder in (select jsonb_array_elements(${JSON.stringify(gone)}::jsonb))
                     for update skip locked)
        returning id, provider, event_id, type, status`,
  )
  return back
    .filter(({ status }) => status === 'failed')
    .map(({ status: _, ...facts }) => ({ ...facts, error }))
}
