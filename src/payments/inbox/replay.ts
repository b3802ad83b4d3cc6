/** `webhook replay`: events that were laid aside or failed are taken up once more, and a body from a file for the first time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { execute, join, oneRow, rows, sql, type Sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { findEvent } from './find-event.js'
import { emptyTally, processDueEvents, type Processed } from './process-events.js'
import { storeEvent } from './store-event.js'
import type { EventFacts } from './claim.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export interface ReplaySelection {
  /** `parked`, `failed`; both where none is named. */
  states: readonly ('parked' | 'failed')[]
  provider: ProviderName | null
  /** Patterns of LIKE. */
  types: readonly string[]
  since: Date | null
}

export type ReplayChoice = { id: string } | ReplaySelection

export interface ReplayedEvent extends EventFacts {
  /** `received` where it still waits. */
  status: string
  outcome: string | null
  error_code: string | null
  /** False where it had been processed before, and nothing was done. */
  replayed: boolean
}

export interface Replayed extends Omit<Processed, 'retried'> {
  /** How many were taken up. */
  replayed: number
  /** Of those how many still wait: for another attempt, for somebody who has them, or since nothing was processed. */
  waiting: number
  items: ReplayedEvent[]
}

/**
 * One that was processed or ignored stays so: its effects are there.
 * @param process whether to process them here and now; else whoever processes the inbox does
 * @throws not_found `event.not_found`; conflict `event.ambiguous`
 */
export async function replayEvents(ctx: Context, choice: ReplayChoice, process: boolean): Promise<Replayed> {
  const named = 'id' in choice ? await findEvent(ctx, choice.id) : null
  const ids = await transaction(ctx, async (inner) => {
    const chosen = 'id' in choice ? sql`id = ${named}` : selected(choice)
    const back = await rows<{ id: string }>(
      inner.db,
      sql`update public.webhook_events
          set status = 'received', settled_at = null, outcome = null, detail = null, attempts = 0, next_attempt_at = clock_timestamp(),
              last_error = null, lost = 0
          where ${chosen} and (status in ('parked', 'failed')
                               or status = 'received' and (lease_until is null or lease_until <= clock_timestamp())) returning id`,
    )
    if (back.length > 0) await tell(inner, back.length, named ?? back[0]?.id ?? '')
    return back.map(({ id }) => id)
  })
  return settled(ctx, named === null ? ids : [named], new Set(ids), process)
}

/** Of one that has just been put into the inbox. */
export async function processStored(ctx: Context, id: string): Promise<ReplayedEvent | null> {
  return (await settled(ctx, [id], new Set([id]), true)).items[0] ?? null
}

function selected({ states, provider, types, since }: ReplaySelection): Sql {
  const wanted = states.length > 0 ? states : ['parked', 'failed']
  const where = [sql`status = any(${[...wanted, ...(states.length === 0 ? ['received'] : [])]}::text[])`]
  if (provider !== null) where.push(sql`provider = ${provider}`)
  if (types.length > 0) where.push(sql`type like any(${[...types]}::text[])`)
  if (since !== null) where.push(sql`received_at >= ${since}::timestamptz`)
  return join(where, ' and ')
}

export interface FiledEvent {
  provider: ProviderName
  body: Buffer
  /** Where the body does not say it (Razorpay); made from the bytes where it is left out. */
  eventId: string | null
}

/**
 * Its signature is not looked at: whoever runs this answers for it. The same file again is the same event.
 * @throws usage `event.unreadable`
 */
export async function replayFile(
  ctx: Context,
  { provider, body, eventId }: FiledEvent,
  process: boolean,
): Promise<Replayed> {
  const reader = await ctx.webhookReader(provider)
  const event = reader.identify(body, eventId === null ? {} : { 'x-razorpay-event-id': eventId })
  if (event === null)
    throw new ErpmaxError('usage', 'event.unreadable', `The file holds no event of ${provider}`, {
      hint: '--provider stripe or razorpay, and the body as it was sent',
    })
  const { stored, id } = await storeEvent(ctx, { provider, event, body, source: 'file' })
  if (!stored) {
    const there = await oneRow<{ id: string }>(
      ctx.db,
      sql`select id from public.webhook_events where provider = ${provider} and event_id = ${event.id}`,
    )
    return replayEvents(ctx, { id: there.id }, process)
  }
  const ids = [id ?? '']
  await tell(ctx, 1, ids[0] ?? '')
  return settled(ctx, ids, new Set(ids), process)
}

/** A person waits for the answer: a long queue is for those who process it all the time. */
const alsoDue = 100

async function settled(
  ctx: Context,
  ids: readonly string[],
  taken: ReadonlySet<string>,
  process: boolean,
): Promise<Replayed> {
  if (process && taken.size > 0) {
    await processDueEvents(ctx, { limit: taken.size, parallel: 3, only: [...taken] })
    await othersDone(ctx, [...taken])
    // What had waited for a payment that is booked by now.
    await processDueEvents(ctx, { limit: alsoDue, parallel: 3 })
  }
  const items = await rows<ReplayedEvent>(
    ctx.db,
    sql`select id, provider, event_id, type, status, outcome, last_error ->> 'code' as error_code, id = any(${[...taken]}::uuid[]) as replayed
        from public.webhook_events where id = any(${[...ids]}::uuid[]) order by received_at, id`,
  )
  const tally = { ...emptyTally(), received: 0 } as Record<string, number>
  for (const { status, replayed } of items) if (replayed) tally[status] = (tally[status] ?? 0) + 1
  const { processed = 0, ignored = 0, parked = 0, failed = 0, received: waiting = 0 } = tally
  return { replayed: taken.size, processed, ignored, parked, failed, waiting, items }
}

/** A listener may have taken some of them: it has them for milliseconds. */
async function othersDone(ctx: Pick<Context, 'db' | 'signal'>, ids: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 20 && !ctx.signal.aborted; tries++) {
    const held = await execute(
      ctx.db,
      sql`select 1 from public.webhook_events where id = any(${[...ids]}::uuid[]) and status = 'received' and lease_until > clock_timestamp()`,
    )
    if (held === 0) return
    await sleep(100)
  }
}

async function tell(ctx: Pick<Context, 'db' | 'actor'>, count: number, id: string): Promise<void> {
  await audit(ctx, {
    ...{ action: 'webhook.replay', subjectKind: 'webhook events', outcome: 'succeeded' },
    subject: count === 1 ? id : `${count} events`,
    after: { replayed: count },
  })
}
