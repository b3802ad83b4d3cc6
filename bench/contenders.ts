/** Ways to build one tenant schema, each from opening its connection to the answer of its commit. */
import { spawn } from 'node:child_process'
import knex from 'knex'
import pg from 'pg'
import { openPipeline, openPool, type Target } from '../src/database/connect.js'
import { quoteIdentifier } from '../src/database/sql.js'
import { schemaName } from '../src/kernel/ids.js'
import { buildSchema } from '../src/schemas/build.js'
import { loadBaseline, loadSnapshot } from '../src/schemas/baseline.js'
import { schemaScript } from '../src/schemas/script.js'

export interface EventTimes {
  first: number
  largestGap: number
  events: number
}

/** Our engine, with the connections it opens itself. */
export async function ours(target: Target, schema: string): Promise<EventTimes> {
  const db = openPool(target)
  try {
    await db.raw('select 1')
    return await oursOn(db, target, schema)
  } finally {
    await db.destroy()
  }
}

/** Our engine; the pool is connected already, as in a story that has reserved a name before. */
export async function oursOn(
  db: ReturnType<typeof openPool>,
  target: Target,
  schema: string,
): Promise<EventTimes> {
  const ctx = {
    db,
    openPipeline: () => openPipeline(target),
    signal: new AbortController().signal,
    failpoint: async () => {},
  }
  const from = performance.now()
  let last = from
  const times: EventTimes = { first: 0, largestGap: 0, events: 0 }
  for await (const _ of buildSchema(ctx, { schema: schemaName(schema), claim: null })) {
    const now = performance.now()
    if (times.events === 0) times.first = now - from
    else times.largestGap = Math.max(times.largestGap, now - last)
    times.events += 1
    last = now
  }
  return times
}

/** The floor: the same statements as one message, in one transaction; no progress, no check. */
export async function oneMessage(target: Target, schema: string): Promise<void> {
  const script = await schemaScript(schema, false)
  const client = new pg.Client(target)
  await client.connect()
  try {
    await client.query(script)
  } finally {
    await client.end()
  }
}

/** `psql -1 -f`; false where there is no psql. */
export async function psql(url: string, schema: string): Promise<boolean> {
  const script = (await schemaScript(schema, false)).replace(/^begin;\n/, '').replace(/\ncommit;$/, '')
  const child = spawn('psql', ['-q', '-X', '-1', '-v', 'ON_ERROR_STOP=1', '-f', '-', url], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const started = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false))
    child.on('spawn', () => resolve(true))
  })
  if (!started) return false
  child.stdin.end(script)
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`psql ended with ${String(code)}`)
  return true
}

/** A statement at a time through Knex, waiting for each answer: how the system this replaces does it. */
export async function knexAwait(target: Target, schema: string): Promise<void> {
  const { tables } = await loadBaseline()
  await inKnex(target, schema, async (db) => {
    for (const table of tables)
      for (const statement of table.statements) await db.raw(statement.replaceAll('?', '\\?'))
  })
}

/** Tables, columns, indexes and references through Knex's schema builder, from the snapshot; checks and comments are left out. */
export async function knexSchemaBuilder(target: Target, schema: string): Promise<void> {
  const [{ tables }, snapshot] = await Promise.all([loadBaseline(), loadSnapshot()])
  await inKnex(target, schema, async (db) => {
    for (const { name } of tables) {
      const described = snapshot.tables[name]
      if (!described) throw new Error(`${name} is not in the snapshot`)
      await db.schema.withSchema(schema).createTable(name, (table) => {
        for (const [column, definition] of Object.entries(described.columns)) {
          const [, type = definition, required, value] =
            /^(.*?)( not null)?(?: default (.*))?$/.exec(definition) ?? []
          const built = table.specificType(column, type)
          if (required) built.notNullable()
          if (value !== undefined) built.defaultTo(db.raw(value.replaceAll('?', '\\?')))
        }
        table.primary(['id'])
        for (const definition of Object.values(described.constraints)) {
          const [, column, other, action] =
            /^FOREIGN KEY \((\w+)\) REFERENCES (\w+)\(id\) ON DELETE (.+)$/.exec(definition) ?? []
          if (column && other && action)
            table.foreign(column).references('id').inTable(`${schema}.${other}`).onDelete(action)
        }
      })
      for (const definition of Object.values(described.indexes)) {
        if (!definition.includes('_pkey ')) await db.raw(definition.replaceAll('?', '\\?'))
      }
    }
  })
}

async function inKnex(
  target: Target,
  schema: string,
  work: (db: knex.Knex.Transaction) => Promise<void>,
): Promise<void> {
  const db = knex.knex({
    client: 'pg',
    connection: target as knex.Knex.PgConnectionConfig,
    pool: { min: 0, max: 1 },
  })
  try {
    await db.transaction(async (trx) => {
      await trx.raw(`create schema ${quoteIdentifier(schema)}`)
      await trx.raw(`set local search_path = ${quoteIdentifier(schema)}`)
      await work(trx)
    })
  } finally {
    await db.destroy()
  }
}
