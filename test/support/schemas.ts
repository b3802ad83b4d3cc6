/** Tenant schemas for tests: one whole one that all may read, and ways to make and spoil others. */
import { execute, quoteIdentifier, sql, Sql, verbatim } from '../../src/database/sql.js'
import { schemaName, type SchemaName } from '../../src/kernel/ids.js'
import { buildSchema, type BuiltSchema } from '../../src/schemas/build.js'
import { sharedContext } from './server.js'
import type { Knex } from 'knex'
import type { OpenedContext } from '../../src/context.js'
import type { StepProgress } from '../../src/kernel/workflow.js'
import type { BaselineTable } from '../../src/schemas/baseline.js'

let whole: Promise<Built> | undefined

interface Built {
  schema: SchemaName
  events: StepProgress[]
  result: BuiltSchema
}

/** A whole schema on the shared server, built once, and what was told of it. */
export function sharedBuild(): Promise<Built> {
  whole ??= (async () => {
    const schema = schemaName('tenant_shared')
    return { schema, ...(await collected(buildSchema(await sharedContext(), { schema, claim: null }))) }
  })()
  return whole
}

/** The same. Change it only in a transaction that is rolled back. */
export async function sharedSchema(): Promise<SchemaName> {
  return (await sharedBuild()).schema
}

/** Runs a generator to its end: what it yielded, and what it returned. */
export async function collected<Event, Result>(
  work: AsyncGenerator<Event, Result, void>,
): Promise<{ events: Event[]; result: Result }> {
  const events: Event[] = []
  for (;;) {
    const next = await work.next()
    if (next.done) return { events, result: next.value }
    events.push(next.value)
  }
}

export async function finished<Result>(work: AsyncGenerator<unknown, Result, void>): Promise<Result> {
  return (await collected(work)).result
}

/** Creates a schema with these tables, one after another: what the catalogue makes of the SQL alone. */
export async function createByHand(
  db: Knex,
  schema: SchemaName,
  tables: readonly BaselineTable[],
): Promise<void> {
  await db.transaction(async (inner) => {
    await inner.raw(`create schema ${quoteIdentifier(schema)}`)
    await inner.raw(`set local search_path = ${quoteIdentifier(schema)}`)
    for (const { statements } of tables) await execute(inner, verbatim(statements.join(';\n')))
  })
}

/** A context whose DDL transaction is cut off from the server when it first comes to this failpoint. */
export function cutAt(ctx: OpenedContext, failpoint: string): OpenedContext {
  let cut = false
  return {
    ...ctx,
    async failpoint(name) {
      if (cut || name !== failpoint) return
      cut = true
      await execute(
        ctx.db,
        sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity
            where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()`,
      )
    },
  }
}

/** What `look` sees after the statement was run in the schema; the statement is rolled back. */
export async function afterwards<Seen>(
  schema: SchemaName,
  statement: string,
  look: (db: Knex) => Promise<Seen>,
): Promise<Seen> {
  const { db } = await sharedContext()
  const transaction = await db.transaction()
  try {
    await transaction.raw(`set local search_path = ${quoteIdentifier(schema)}`)
    await execute(transaction, new Sql(statement, []))
    return await look(transaction)
  } finally {
    await transaction.rollback()
  }
}
