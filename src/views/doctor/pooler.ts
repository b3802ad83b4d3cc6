/**
 * Finds a connection pooler between here and the server. A connection of one's own keeps one backend
 * for life and shares it with nobody; one backend seen by two clients, or two by one, proves the contrary.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { oneRow, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { Pipeline } from '../../kernel/pipeline.js'

/** `session`: a backend older than our connection to it, but ours while we stay. */
export type Pooling = 'none' | 'transaction' | 'session' | 'unclear'

/** A pooler may let a client wait for a backend until somebody else's transaction ends. */
const patienceMs = 8_000

export async function findPooler(ctx: Pick<Context, 'db' | 'openPipeline'>): Promise<Pooling> {
  const before = await oneRow<{ now: string }>(ctx.db, sql`select clock_timestamp()::text as now`)
  const clients = await Promise.all([ctx.openPipeline(), ctx.openPipeline()])
  const timer = new AbortController()
  try {
    return await Promise.race([
      watchBackends(clients, before.now),
      sleep(patienceMs, 'unclear' as const, { signal: timer.signal }),
    ])
  } finally {
    timer.abort()
    await Promise.all(clients.map((client) => client.close()))
  }
}

/**
 * Two interleaved transactions. What they release, the pooler hands out again in the order it was
 * released or in the opposite one: asking once from each end shows the swap in either case.
 */
async function watchBackends([a, b]: readonly [Pipeline, Pipeline], before: string): Promise<Pooling> {
  const [ofA, ofB] = [await backendOf(a), await backendOf(b)]
  if (ofA === ofB) return 'transaction'
  for (const asked of [a, b]) {
    await a.send('begin')
    await b.send('begin')
    const within = (await backendOf(a)) === ofA && (await backendOf(b)) === ofB
    await a.send('commit')
    await b.send('commit')
    if (!within || (await backendOf(asked)) !== (asked === a ? ofA : ofB)) return 'transaction'
  }
  const [row] = await a.send(
    'select backend_start < $1::timestamptz as older from pg_catalog.pg_stat_activity where pid = pg_backend_pid()',
    [before],
  )
  return row?.older === true ? 'session' : 'none'
}

async function backendOf(client: Pipeline): Promise<unknown> {
  const [row] = await client.send('select pg_catalog.pg_backend_pid() as pid')
  return row?.pid
}
