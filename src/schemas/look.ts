/** What there is of a tenant's schema now: absent, whole, or a part of it. */
import { firstRow, oneRow, rows, Sql, sql } from '../database/sql.js'
import { transaction } from '../database/transaction.js'
import { loadSnapshot } from './baseline.js'
import { fingerprintQuery, type Fingerprint } from './fingerprint.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName } from '../kernel/ids.js'

export type SchemaState = 'absent' | 'whole' | 'different'

export interface SchemaLook extends Fingerprint {
  state: SchemaState
}

/** Looks after whoever is building or dropping it right now has finished. */
export async function lookAtSchema(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<SchemaLook> {
  const { fingerprint: expected } = await loadSnapshot()
  return transaction(ctx, async ({ db }) => {
    await rows(db, sql`select pg_advisory_xact_lock_shared(hashtextextended(${schema}, 0))`)
    const exists = await firstRow(db, sql`select 1 from pg_catalog.pg_namespace where nspname = ${schema}`)
    const found = await oneRow<Fingerprint>(db, new Sql(fingerprintQuery.replace('$1', '?'), [schema]))
    return { ...found, state: !exists ? 'absent' : found.fingerprint === expected ? 'whole' : 'different' }
  })
}

/** What there is in the transaction of `ctx`, which holds the schema's lock; null where there is no such schema. */
export async function fingerprintOf(
  ctx: Pick<Context, 'db'>,
  schema: SchemaName,
): Promise<Fingerprint | null> {
  if (!(await schemaExists(ctx, schema))) return null
  return oneRow<Fingerprint>(ctx.db, new Sql(fingerprintQuery.replace('$1', '?'), [schema]))
}

/** Whether there is a schema of the name now; one that is being built right now is not seen. */
export async function schemaExists(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<boolean> {
  return (
    (await firstRow(ctx.db, sql`select 1 from pg_catalog.pg_namespace where nspname = ${schema}`)) !== null
  )
}

/** The names of the tables in a schema. */
export async function tablesIn(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<string[]> {
  const found = await rows<{ relname: string }>(
    ctx.db,
    sql`select c.relname from pg_catalog.pg_namespace n
        join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = n.oid
          and d.classid = 'pg_catalog.pg_class'::regclass
        join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'p')
        where n.nspname = ${schema} order by c.relname collate "C"`,
  )
  return found.map((row) => row.relname)
}
