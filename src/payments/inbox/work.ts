/** `webhook work`: processes the inbox, once or for as long as nobody stops it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isConnectionError } from '../../database/sql-errors.js'
import { messageOf } from '../../kernel/errors.js'
import { emptyTally, processEach, type Processed } from './process-events.js'
import type { Context } from '../../kernel/context.js'
import type { ClaimedEvent } from './claim.js'
import type { ProcessedEvent } from './process-event.js'

export interface WorkOptions {
  /** Ends when nothing is due. */
  once: boolean
  /** Events at most; null: no end. */
  limit: number | null
}

export type WorkEvent =
  | ({ event: 'settled' } & ProcessedEvent)
  | { event: 'database_away'; message: string }
  | { event: 'database_back' }

/** What others store, and what is to be tried again, is found this late at most. */
const pollMs = 1000
/** Before the database is asked again. */
const pauseMs = 2000

/**
 * Ends with what it did; where it is stopped, after the transactions that are under way.
 * @throws dependency with `once`, where the database cannot be reached; else it waits until it is back
 */
export async function* workInbox(
  ctx: Context,
  { once, limit }: WorkOptions,
): AsyncGenerator<WorkEvent, Processed, void> {
  const tally = emptyTally()
  const left = (): number => (limit ?? Infinity) - Object.values(tally).reduce((sum, one) => sum + one, 0)
  const owed: ClaimedEvent[] = []
  let away = false
  while (left() > 0 && !ctx.signal.aborted) {
    try {
      for await (const done of processEach(ctx, { limit: left(), parallel: 3, owed })) {
        tally[done.status] += 1
        yield { event: 'settled', ...done }
      }
      if (away) yield { event: 'database_back' }
      away = false
    } catch (error) {
      if (once || !isConnectionError(error)) throw error
      if (!away) yield { event: 'database_away', message: messageOf(error) }
      away = true
    }
    if (once || left() <= 0) break
    // Stopped meanwhile: the loop sees it.
    await sleep(away ? pauseMs : pollMs, null, { signal: ctx.signal }).catch(() => {})
  }
  return tally
}
