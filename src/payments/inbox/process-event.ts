/** One event of the inbox: read, booked and settled in one transaction, or put off with the reason. */
import { transaction } from '../../database/transaction.js'
import { isConnectionError, translated } from '../../database/sql-errors.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { bookNotice } from '../notices/book-notice.js'
import { parked, type NoticeOutcome } from '../notices/outcome.js'
import {
  holdEvent,
  postponeEvent,
  settleEvent,
  type ClaimedEvent,
  type EventFacts,
  type EventFailure,
} from './claim.js'
import type { Context } from '../../kernel/context.js'

/** What became of an event. */
export interface ProcessedEvent extends EventFacts {
  status: 'processed' | 'ignored' | 'parked' | 'retried' | 'failed'
  outcome: string
  error: EventFailure | null
}

/**
 * Whoever is killed in it has done nothing, or all of it: what it books and that it is settled are one commit.
 * @returns null where the event is somebody else's by now
 * @throws what says that the database cannot be reached: the event stays claimed until its lease is over
 */
export async function processEvent(ctx: Context, event: ClaimedEvent): Promise<ProcessedEvent | null> {
  const { id, provider, event_id, type } = event
  const facts = { id, provider, event_id, type }
  // The provider is the one who acts: this process only writes it down.
  const acting = { ...ctx, actor: { ...ctx.actor, operator: provider } }
  try {
    await ctx.failpoint('event.claimed')
    const { status, outcome } = await transaction(acting, async (inner) => {
      const body = await holdEvent(inner, event)
      const noted = await note(inner, event, body)
      await ctx.failpoint('event.booked')
      await settleEvent(inner, event, noted)
      await ctx.failpoint('event.before_commit')
      return noted
    })
    await ctx.failpoint('event.settled')
    return { ...facts, status, outcome, error: null }
  } catch (thrown) {
    if (thrown instanceof ErpmaxError && thrown.code === 'event.lease_lost') return null
    if (isConnectionError(thrown)) throw thrown
    const error = failureOf(thrown)
    const status = await postponeEvent(ctx, event, error).catch(unlessLost)
    return status && { ...facts, status, outcome: error.code, error }
  }
}

async function note(ctx: Context, { provider }: ClaimedEvent, body: Buffer): Promise<NoticeOutcome> {
  const reader = await ctx.webhookReader(provider)
  try {
    return await bookNotice(ctx, provider, reader.read(body))
  } catch (error) {
    if (error instanceof SyntaxError) return parked('event.unreadable', {}, { message: told(error) })
    throw error
  }
}

function failureOf(thrown: unknown): EventFailure {
  const error = translated(thrown)
  return { code: error instanceof ErpmaxError ? error.code : 'event.failed', message: told(error) }
}

/** Of an error, for the row and for people: never the event itself. */
function told(error: unknown): string {
  return messageOf(error).slice(0, 300)
}

function unlessLost(error: unknown): null {
  if (error instanceof ErpmaxError && error.code === 'event.lease_lost') return null
  throw error
}
