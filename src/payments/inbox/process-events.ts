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

/** The same, each event as it is settled. What is claimed and not begun when the work is stopped goes back. */
export async function* processEach(
  ctx: Context,
  { limit, parallel = 2, only }: ProcessOptions,
): AsyncGenerator<ProcessedEvent, void, void> {
  await takeBackAbandoned(ctx)
  for (let left = limit; left > 0 && !ctx.signal.aborted;) {
    const claimed = await claimEvents(ctx, Math.min(left, batch), only ?? null)
    if (claimed.length === 0) return
    left -= claimed.length
    try {
      yield* merged(Array.from({ length: Math.min(parallel, claimed.length) }, () => work(ctx, claimed)))
    } finally {
      await letGo(ctx, claimed).catch(() => {
        // The database is away: the lease ends by itself.
      })
    }
  }
}

/** Takes from the front until nothing is left, together with others. */
async function* work(ctx: Context, waiting: ClaimedEvent[]): AsyncGenerator<ProcessedEvent, void, void> {
  while (!ctx.signal.aborted) {
    const event = waiting.shift()
    if (event === undefined) return
    const done = await processEvent(ctx, event)
    if (done) yield done
  }
}
