/** One transaction of DDL on a connection of its own: slot, limits, lock on the schema, and a commit that may be in doubt. */
import { setTimeout as sleep } from 'node:timers/promises'
import { quoteIdentifier } from '../database/sql.js'
import { isConnectionError, isNoFreeSlot, isOutOfLocks } from '../database/sql-errors.js'
import { ErpmaxError } from '../kernel/errors.js'
import { outOfLocksError, type LockBudget } from './lock-budget.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName } from '../kernel/ids.js'
import type { Pipeline, PipelineRow } from '../kernel/pipeline.js'

/** How long a build or a drop waits for one of the slots: on stock settings there is one, and twenty may be in the queue. */
const slotPatienceMs = 600_000
/** Each look opens a connection: the longer the wait, the rarer it looks. */
const slotPollMs = { first: 50, longest: 500 }

/** Thrown where COMMIT was sent and no answer came: look before doing it again. */
export class OutcomeUnknown extends Error {
  constructor(override readonly cause: unknown) {
    super('the connection was lost after COMMIT was sent')
    this.name = 'OutcomeUnknown'
  }
}

/** Sends a statement; its answer is awaited later, in order. A rejection nobody awaits is not an error. */
export type Send = (text: string, values?: readonly unknown[]) => Promise<PipelineRow[]>

export interface DdlTransaction {
  schema: SchemaName
  budget: LockBudget
  /** Failpoints are named after it: `build`, `drop`. */
  name: string
}

export type DdlContext = Pick<Context, 'db' | 'openPipeline' | 'signal' | 'failpoint'>

/**
 * Runs `work` in one transaction, waiting for a slot first. All of `work`'s statements go out at once,
 * so the answers cost one round trip; COMMIT goes out after the last of them.
 */
export async function* ddlTransaction<Event, Result>(
  ctx: DdlContext,
  options: DdlTransaction,
  work: (send: Send) => AsyncGenerator<Event, Result, void>,
): AsyncGenerator<Event, Result, void> {
  const until = performance.now() + slotPatienceMs
  for (let pause = slotPollMs.first; ; pause = Math.min(pause * 1.5, slotPollMs.longest)) {
    try {
      return yield* attempt(ctx, options, work)
    } catch (error) {
      if (!isNoFreeSlot(error)) throw meaningOf(error, options.budget, ctx)
      if (performance.now() > until) {
        throw new ErpmaxError(
          'busy',
          'schema.no_slot',
          `All ${options.budget.slots} slots for building and dropping schemas stayed taken`,
          {
            hint: 'Run the same command again later; erpmax doctor tells how to allow more at once',
            cause: error,
          },
        )
      }
      await sleep(pause, undefined, { signal: ctx.signal }).catch(() => {})
      if (ctx.signal.aborted) throw interrupted(options.schema)
    }
  }
}

async function* attempt<Event, Result>(
  ctx: DdlContext,
  options: DdlTransaction,
  work: (send: Send) => AsyncGenerator<Event, Result, void>,
): AsyncGenerator<Event, Result, void> {
  if (ctx.signal.aborted) throw interrupted(options.schema)
  const pipeline = await ctx.openPipeline()
  const cut = (): void => void pipeline.close()
  ctx.signal.addEventListener('abort', cut, { once: true })
  try {
    const send = sender(pipeline)
    const opening = open(send, options)
    opening.catch(() => {})
    const result = yield* afterOpening(opening, work(send))
    await ctx.failpoint(`${options.name}.before_commit`)
    await commit(ctx, pipeline, options.name)
    await ctx.failpoint(`${options.name}.after_commit`)
    return result
  } finally {
    ctx.signal.removeEventListener('abort', cut)
    await pipeline.close()
  }
}

/** Where the opening failed every later statement failed for it: its error is the one that counts. */
async function* afterOpening<Event, Result>(
  opening: Promise<void>,
  work: AsyncGenerator<Event, Result, void>,
): AsyncGenerator<Event, Result, void> {
  try {
    return yield* work
  } finally {
    await opening
  }
}

function sender(pipeline: Pipeline): Send {
  return (text, values) => {
    const answer = pipeline.send(text, values)
    answer.catch(() => {})
    return answer
  }
}

/** The settings hold for this transaction only: a session SET would leak behind a transaction pooler. */
async function open(send: Send, { schema, budget }: DdlTransaction): Promise<void> {
  const opening = [
    send('begin'),
    send(`select public.take_ddl_slot(${budget.slots})`),
    send("set local lock_timeout = '15s'"),
    send("set local statement_timeout = '60s'"),
    send('set local citus.enable_schema_based_sharding = on'),
    send(`select pg_advisory_xact_lock(hashtextextended('${schema}', 0))`),
    send(`set local search_path = ${quoteIdentifier(schema)}`),
  ]
  await Promise.all(opening)
}

async function commit(ctx: DdlContext, pipeline: Pipeline, name: string): Promise<void> {
  const answer = pipeline.send('commit')
  try {
    await Promise.all([answer, ctx.failpoint(`${name}.commit_sent`)])
  } catch (error) {
    if (isConnectionError(error)) throw new OutcomeUnknown(error)
    throw error
  }
}

function meaningOf(error: unknown, budget: LockBudget, ctx: DdlContext): unknown {
  if (isOutOfLocks(error)) return outOfLocksError(budget, error)
  if (ctx.signal.aborted && isConnectionError(error)) {
    return new ErpmaxError(
      'interrupted',
      'interrupted',
      'Interrupted: the open transaction was rolled back',
      { cause: error },
    )
  }
  return error
}

function interrupted(schema: SchemaName): ErpmaxError {
  return new ErpmaxError('interrupted', 'interrupted', `Interrupted before work on ${schema} began`)
}
