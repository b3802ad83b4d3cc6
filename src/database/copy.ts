/** COPY as a stream of bytes, on the connection of a transaction: out of a table, or into one. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { ErpmaxError } from '../kernel/errors.js'
import type { ClientBase } from 'pg'
import type { Knex } from 'knex'

/** A stream that moves no byte for so long is dead: the one limit there is, data having any size. */
const stallMs = 120_000
/** The longest a timer can be: instead of the driver's own limit, which is one of the whole statement. */
const neverMs = 2 ** 31 - 1

/** The driver hangs its limit on the callback: where that is never called, its timer keeps the process alive. */
interface Limited {
  query_timeout: number
  callback?(): void
}

export interface CopyOptions {
  /** Aborted: the connection is cut, so that the server gives up and rolls back. */
  signal: AbortSignal
}

/**
 * Yields what the server sends, as it comes.
 * @param db a transaction; it is of no use any more where this does not come to its end
 * @param statement `copy ... to stdout`
 * @returns how many rows the server says it sent
 */
export async function* copyOut(
  db: Knex,
  statement: string,
  { signal }: CopyOptions,
): AsyncGenerator<Buffer, number, void> {
  const connection = await connectionOf(db)
  const guard = guarded(connection, signal)
  const stream = unlimited(copyTo(statement, { highWaterMark: 1 << 20 }))
  let whole = false
  // Without a listener an error that nobody is waiting for would end the process.
  stream.on('error', () => {})
  const ready = new Promise<void>((resolve) => {
    Object.assign(stream, { handleReadyForQuery: resolve })
  })
  try {
    connection.query(stream)
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    for (;;) {
      const next = await guard(chunks.next())
      if (next.done) break
      yield next.value
    }
    await guard(ready)
    whole = true
    return stream.rowCount
  } finally {
    stream.callback?.()
    if (!whole) cut(connection)
  }
}

/**
 * Sends the bytes; on an error of the server's the transaction is aborted and its connection as good as ever.
 * @param statement `copy ... from stdin`
 * @returns how many rows the server says it took
 */
export async function copyIn(
  db: Knex,
  statement: string,
  chunks: AsyncIterable<Buffer>,
  { signal }: CopyOptions,
): Promise<number> {
  const connection = await connectionOf(db)
  const guard = guarded(connection, signal)
  const stream = unlimited(copyFrom(statement, { highWaterMark: 1 << 20 }))
  let refused = false
  const refusal = new Promise<never>((_resolve, reject) => {
    stream.on('error', (error) => {
      refused = true
      reject(error)
    })
  })
  refusal.catch(() => {})
  let whole = false
  try {
    connection.query(stream)
    for await (const chunk of chunks) {
      if (!stream.write(chunk)) await guard(Promise.race([once(stream, 'drain'), refusal]))
    }
    const finished = once(stream, 'finish')
    finished.catch(() => {})
    stream.end()
    // Keys are checked after the last byte: the server may be busy long without a word.
    await guard(Promise.race([finished, refusal]), neverMs)
    whole = true
    return stream.rowCount
  } finally {
    stream.callback?.()
    if (!whole && !refused) cut(connection)
  }
}

function unlimited<Stream extends object>(stream: Stream): Stream & Limited {
  return Object.assign(stream, { query_timeout: neverMs })
}

/** The connection a transaction of Knex holds. */
async function connectionOf(db: Knex): Promise<ClientBase> {
  if (!db.isTransaction) throw new TypeError('COPY needs a transaction')
  return (db.client as { acquireConnection(): Promise<ClientBase> }).acquireConnection()
}

/** Waits for one step of a stream: not for ever, and not beyond an interruption. */
function guarded(
  connection: ClientBase,
  signal: AbortSignal,
): <Value>(step: Promise<Value>, limitMs?: number) => Promise<Value> {
  return async (step, limitMs = stallMs) => {
    step.catch(() => {})
    if (signal.aborted) {
      cut(connection)
      throw interrupted()
    }
    let stop: (error: Error) => void = () => {}
    const stopped = new Promise<never>((_resolve, reject) => (stop = reject))
    const onAbort = (): void => stop(interrupted())
    signal.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(() => stop(stalled()), limitMs)
    try {
      return await Promise.race([step, stopped])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }
}

function cut(connection: ClientBase): void {
  const { stream } = (connection as unknown as { connection: { stream: Duplex } }).connection
  stream.destroy()
}

function interrupted(): ErpmaxError {
  return new ErpmaxError('interrupted', 'interrupted', 'Interrupted')
}

function stalled(): ErpmaxError {
  return new ErpmaxError(
    'dependency',
    'database.stalled',
    `The database has moved no data for ${stallMs / 1000} seconds`,
    { hint: 'erpmax doctor' },
  )
}
