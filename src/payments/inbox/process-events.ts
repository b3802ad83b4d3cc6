/** Takes events out of the inbox, several at once, for as long as some are due. */
import { merged } from '../../kernel/merged.js'
import { claimEvents, letGo, takeBackAbandoned, type ClaimedEvent } from './claim.js'
import { processEvent, type ProcessedEvent } from './process-event.js'
import type { Context } from '../../kernel/context.js'

export interface Processed {
  processed: number
  ignored: number
  parked: number
  retried: number
  failed: number
}

export interface ProcessOptions {
  /** Events at most. */
  limit: number
  /** Transactions at once; the pool has 4 connections, and who processes may have to answer requests too. */
  parallel?: number
  /** These alone, by id. */
  only?: readonly string[]
  /** What earlier rounds could not give back, the database being away: it goes back first. This one adds to it. */
  owed?: ClaimedEvent[]
}

/** Claimed in one statement: few enough that a lease lasts for all of them. */
const batch = 20

/** Claims what is due, at most `limit` events, and processes it; safe in many processes at once. */
export async function processDueEvents(ctx: Context, options: ProcessOptions): Promise<Processed> {
  const tally = emptyTally()
  for await (const { status } of processEach(ctx, options)) tally[status] += 1
  return tally
}

export function emptyTally(): Processed {
  return { processed: 0, ignored: 0, parked: 0, retried: 0, failed: 0 }
}

/** The same, each event as it is settled. What is claimed and not settled when the work ends goes back. */
export async function* processEach(
  ctx: Context,
  { limit, parallel = 2, only, owed = [] }: ProcessOptions,
): AsyncGenerator<ProcessedEvent, void, void> {
  await letGo(ctx, owed)
  owed.length = 0
  for (let left = limit; left > 0 && !ctx.signal.aborted;) {
    for (const given of await takeBackAbandoned(ctx))
      yield { ...given, status: 'failed', outcome: given.error.code }
    const claimed = await claimEvents(ctx, Math.min(left, batch), only ?? null)
    if (claimed.length === 0) return
    left -= claimed.length
    const unsettled = new Set(claimed)
    try {
      const workers = Math.min(parallel, claimed.length)
      yield* merged(Array.from({ length: workers }, () => work(ctx, claimed, unsettled)))
    } finally {
      // The database may be away: nobody else could have them before the lease ends.
      await letGo(ctx, [...unsettled]).catch(() => owed.push(...unsettled))
    }
  }
}

/** Takes from the front until nothing is left, together with others. */
async function* work(
  ctx: Context,
  waiting: ClaimedEvent[],
  unsettled: Set<ClaimedEvent>,
): AsyncGenerator<ProcessedEvent, void, void> {
  while (!ctx.signal.aborted) {
    const event = waiting.shift()
    if (event === undefined) return
    const done = await processEvent(ctx, event)
    unsettled.delete(event)
    if (done) yield done
  }
}
