/** Processes the inbox for as long as a process lives: at once when something came in, else every second. */
import { setTimeout as sleep } from 'node:timers/promises'
import { processDueEvents, type Processed } from './process-events.js'
import type { Context } from '../../kernel/context.js'
import type { ClaimedEvent } from './claim.js'

export interface Processing {
  /** Something has come in. */
  wake(): void
  /** Ends after the round that runs. */
  stop(): Promise<void>
}

export interface ProcessingOptions {
  /** A round that did something. */
  done(round: Processed): void
  /** A round that could not be: the database is away, most likely. It is tried again. */
  failed(error: unknown): void
}

/** Events in a round. */
const limit = 50
/** What others stored, and what is to be tried again, is found this late at most. */
const pollMs = 1000
/** After a failure. */
const pauseMs = 3000

export function keepProcessing(ctx: Context, { done, failed }: ProcessingOptions): Processing {
  const end = new AbortController()
  let bell = new AbortController()
  const owed: ClaimedEvent[] = []
  const running = run()
  return {
    wake: () => bell.abort(),
    async stop() {
      end.abort()
      bell.abort()
      await running
    },
  }

  async function run(): Promise<void> {
    while (!end.signal.aborted) {
      bell = new AbortController()
      const pause = await round()
      // What came while it ran has rung already.
      if (pause > 0 && !end.signal.aborted) await sleep(pause, null, { signal: bell.signal }).catch(() => {})
    }
  }

  /** How long to wait for the next one. */
  async function round(): Promise<number> {
    try {
      const result = await processDueEvents(
        { ...ctx, signal: AbortSignal.any([ctx.signal, end.signal]) },
        { limit, owed },
      )
      const count = Object.values(result).reduce((sum, one) => sum + one, 0)
      if (count > 0) done(result)
      return count >= limit ? 0 : pollMs
    } catch (error) {
      if (!end.signal.aborted) failed(error)
      return pauseMs
    }
  }
}
