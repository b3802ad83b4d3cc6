/** Opens the pool and the pipelined connection; sets type parsers once. */
import type { Duplex } from 'node:stream'
import knexModule from 'knex'
import pg from 'pg'
import type { Knex } from 'knex'
import type { Pipeline, PipelineRow } from '../kernel/pipeline.js'

/** Seconds within which a connection must stand and an answer must come. */
const connectSeconds = 10
const querySeconds = 90

const int8 = 20
const date = 1082
/** `date` stays `YYYY-MM-DD`: as a Date, 1 January becomes 31 December west or east of somewhere. */
pg.types.setTypeParser(date, (text) => text)
pg.types.setTypeParser(int8, (text) => BigInt(text))

/** Everything the driver needs, from a URL or from PG* parts. */
export type Target = pg.ClientConfig

interface QueryError extends Error {
  /** With placeholders, without values. */
  statement?: string
}

/**
 * A pool of at most 4 connections: many processes share the server.
 * No session settings and no named statements, so that it works behind a transaction pooler.
 */
export function openPool(target: Target): Knex {
  const db = knexModule.default({
    client: 'pg',
    // Knex writes its warnings to stdout, into the middle of the JSON; what matters is thrown as well.
    log: { debug() {}, warn() {}, error() {}, deprecate() {} },
    // By default it writes the statement into the message with every value in it, password hashes too.
    compileSqlOnError: false,
    connection: {
      ...target,
      connectionTimeoutMillis: connectSeconds * 1000,
      query_timeout: querySeconds * 1000,
    } as Knex.PgConnectionConfig,
    pool: { min: 0, max: 4, acquireTimeoutMillis: connectSeconds * 1000, propagateCreateError: true },
  })
  db.on('query-error', (error: QueryError, { sql }: { sql: string }) => {
    const statement = `${sql} - `
    if (error.message.startsWith(statement)) error.message = error.message.slice(statement.length)
    error.statement ??= sql
  })
  return db
}

/** One connection for DDL: each `send` goes out at once, each answer resolves as it arrives. */
export async function openPipeline(target: Target): Promise<Pipeline> {
  const client = new pg.Client({ ...target, pipeline: true, connectionTimeoutMillis: connectSeconds * 1000 })
  // Without a listener a cut connection would end the process; the pending sends reject all the same.
  client.on('error', () => {})
  await client.connect()
  const stream = (): Duplex => (client as unknown as { connection: { stream: Duplex } }).connection.stream
  let closed = false
  let pending = 0
  let corked = false
  /** Gathers what is sent in one go into few writes: two thousand statements are two thousand system calls else. */
  const gather = (): void => {
    if (corked) return
    corked = true
    const corkedStream = stream()
    corkedStream.cork()
    queueMicrotask(() => {
      corked = false
      corkedStream.uncork()
    })
  }
  return {
    async send(text: string, values?: readonly unknown[]): Promise<PipelineRow[]> {
      // In the driver's words, so that it counts as a lost connection: an interruption cuts it on purpose.
      if (closed) throw new Error('Connection ended')
      pending += 1
      gather()
      try {
        const result = await (values
          ? client.query<PipelineRow>(text, [...values])
          : client.query<PipelineRow>(text))
        return result.rows
      } finally {
        pending -= 1
      }
    },
    async close() {
      closed = true
      // With answers outstanding the socket is cut: the server gives up and rolls back at its next write.
      if (pending > 0) stream().destroy()
      else await client.end().catch(() => {})
    },
  }
}
