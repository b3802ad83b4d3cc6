/** Writes events as they arrive: those that come while others are being written go in together, in one statement. */
import { isConnectionError, translated } from '../../database/sql-errors.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { storeEvents, type Arrival, type StoredEvent } from './store-event.js'
import type { Context } from '../../kernel/context.js'

export interface EventWriter {
  /**
   * Resolves after COMMIT.
   * @throws dependency where the database did not take it in time; busy `webhook.crowded` where too much waits already
   */
  store(arrival: Arrival): Promise<StoredEvent>
}

interface Waiting {
  arrival: Arrival
  since: number
  resolve(stored: StoredEvent): void
  reject(error: unknown): void
}

/** Statements at once: two, so that one is made while the other is committed; the rest of the pool is for others. */
const statements = 2
/** Of one statement: beyond it there is nothing to gain, and a body may have 1 MiB. */
const most = { events: 128, bytes: 4 * 1024 * 1024 }
/** What may wait: memory is bounded, and who would wait longer is told to come again. */
const room = { events: 10_000, bytes: 64 * 1024 * 1024 }
/** Together with the time limit of a statement less than the 5 s that Razorpay waits. */
const patienceMs = 1500

export function eventWriter(ctx: Pick<Context, 'db'>): EventWriter {
  const waiting: Waiting[] = []
  let bytes = 0
  let running = 0
  let scheduled = false

  return {
    store(arrival) {
      if (waiting.length >= room.events || bytes + arrival.body.length > room.bytes) {
        return Promise.reject(
          new ErpmaxError('busy', 'webhook.crowded', 'More events wait to be stored than there is room for'),
        )
      }
      return new Promise((resolve, reject) => {
        waiting.push({ arrival, since: performance.now(), resolve, reject })
        bytes += arrival.body.length
        schedule()
      })
    },
  }

  /** After what has arrived in this turn of the event loop, so that it goes together. */
  function schedule(): void {
    if (scheduled || running >= statements || waiting.length === 0) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      while (running < statements && waiting.length > 0) void write(take())
    })
  }

  function take(): Waiting[] {
    let taken = 0
    let size = 0
    for (const { arrival } of waiting) {
      if (taken >= most.events || (taken > 0 && size + arrival.body.length > most.bytes)) break
      taken += 1
      size += arrival.body.length
    }
    bytes -= size
    return waiting.splice(0, taken)
  }

  async function write(all: readonly Waiting[]): Promise<void> {
    const now = performance.now()
    const batch = all.filter(({ since }) => now - since <= patienceMs)
    for (const late of all)
      if (now - late.since > patienceMs)
        late.reject(new ErpmaxError('dependency', 'database.timeout', 'The database takes too long'))
    if (batch.length === 0) return
    running += 1
    try {
      await settle(batch)
    } finally {
      running -= 1
      schedule()
    }
  }

  /** Where a statement of several is refused for one of them, each goes by itself. */
  async function settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const stored = await storeEvents(
        ctx,
        batch.map(({ arrival }) => arrival),
      )
      batch.forEach((one, index) => one.resolve(stored[index] ?? { stored: false, id: null }))
    } catch (thrown) {
      const error = translated(thrown)
      const away = error instanceof ErpmaxError || isConnectionError(thrown)
      if (away || batch.length === 1) for (const { reject } of batch) reject(error)
      else for (const one of batch) await settle([one])
    }
  }
}
