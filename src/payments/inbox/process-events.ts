/** Takes events out of the inbox and books what they say. */
import type { Context } from '../../kernel/context.js'

export interface Processed {
  processed: number
  ignored: number
  parked: number
  retried: number
  failed: number
}

/** Claims what is due, at most `limit` events, and processes it; safe in many processes at once. */
export function processDueEvents(_ctx: Context, _options: { limit: number }): Promise<Processed> {
  return Promise.resolve({ processed: 0, ignored: 0, parked: 0, retried: 0, failed: 0 })
}
