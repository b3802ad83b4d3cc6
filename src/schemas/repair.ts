/** Makes again what a schema has lost: tables with the rows every tenant begins with, and what is gone of those that stayed. */
import { ErpmaxError } from '../kernel/errors.js'
import { quoteIdentifier } from '../database/sql.js'
import { isConstraintViolation } from '../database/sql-errors.js'
import { loadBaseline, loadSnapshot, type SnapshotTable } from './baseline.js'
import { ddlTransaction, OutcomeUnknown, type DdlContext } from './ddl.js'
import { fingerprintQuery, type Fingerprint } from './fingerprint.js'
import { readLockBudget } from './lock-budget.js'
import { isReference, seedFor, type RepairPlan } from './repair-plan.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName, TenantId } from '../kernel/ids.js'

export interface RepairRequest {
  schema: SchemaName
  tenantId: TenantId
  /** States of the tenant in which its schema ought to be whole. */
  allowed: readonly string[]
}

/**
 * All of the plan in one transaction; where the schema is whole then, its fingerprint is recorded.
 * @throws conflict `schema.rows_in_the_way` where rows refer to what was lost with a table, or lack a value for a column
 * @throws conflict `schema.too_incomplete` where that is more than one transaction may build
 */
export async function repairSchema(
  ctx: DdlContext & Pick<Context, 'db'>,
  { schema, tenantId, allowed }: RepairRequest,
  plan: RepairPlan,
): Promise<{ whole: boolean }> {
  const [budget, baseline, snapshot] = await Promise.all([
    readLockBudget(ctx),
    loadBaseline(),
    loadSnapshot(),
  ])
  const { tables } = baseline
  if (plan.tables.length > Math.ceil(tables.length / budget.slices)) {
    throw new ErpmaxError(
      'conflict',
      'schema.too_incomplete',
      `${plan.tables.length} tables of ${schema} are missing: more than one transaction may build here`,
      { hint: 'erpmax doctor' },
    )
  }
  const references = plan.constraints.filter((path) => isReference(snapshot.tables, path))
  const keys = plan.constraints.filter((path) => !references.includes(path))
  const add = (kind: 'columns' | 'constraints', path: string): string => {
    const [table = '', name = ''] = path.split('.')
    const what = kind === 'columns' ? 'column' : 'constraint'
    const definition = snapshotted(snapshot.tables, kind, path)
    return `alter table ${quoteIdentifier(table)} add ${what} ${quoteIdentifier(name)} ${definition}`
  }
  const statements = [
    ...tables.filter(({ name }) => plan.tables.includes(name)).flatMap((table) => table.statements),
    ...plan.columns.map((path) => add('columns', path)),
    ...plan.indexes.map((path) => snapshotted(snapshot.tables, 'indexes', path)),
    ...keys.map((path) => add('constraints', path)),
    // Before the references: rows elsewhere may refer to what comes back by its code.
    ...seedFor(baseline, plan.seeds),
    ...references.map((path) => add('constraints', path)),
  ]
  const work = ddlTransaction(ctx, { schema, budget, name: 'repair' }, async function* (send) {
    const state = send(`select status from public.tenants where id = '${tenantId}' for share`)
    const made = statements.map((statement) => send(statement))
    const print = send(fingerprintQuery, [schema])
    requireAllowed((await state)[0]?.status, schema, allowed)
    for (const answer of made) await answer
    const { fingerprint } = (await print)[0] as unknown as Fingerprint
    const whole = fingerprint === snapshot.fingerprint
    if (whole) {
      await send(
        `update public.tenant_placements set fingerprint = $1, schema_version = $2, updated_at = now() where tenant_id = $3`,
        [fingerprint, snapshot.version, tenantId],
      )
    }
    return whole
  })
  try {
    const { value } = await work.next()
    return { whole: value === true }
  } catch (error) {
    if (isConstraintViolation(error)) throw rowsInTheWay(schema, error)
    throw error instanceof OutcomeUnknown ? error.cause : error
  }
}

/** @throws conflict `schema.not_in_use` */
function requireAllowed(status: unknown, schema: SchemaName, allowed: readonly unknown[]): void {
  if (allowed.includes(status)) return
  throw new ErpmaxError(
    'conflict',
    'schema.not_in_use',
    `The schema ${schema} belongs to a tenant that is ${String(status)}`,
    { details: { status } },
  )
}

function snapshotted(
  tables: Record<string, SnapshotTable>,
  kind: 'columns' | 'indexes' | 'constraints',
  path: string,
): string {
  const [table = '', name = ''] = path.split('.')
  const definition = tables[table]?.[kind][name]
  if (definition === undefined) throw new Error(`schema.json does not know ${path}`)
  return definition
}

function rowsInTheWay(schema: SchemaName, cause: unknown): ErpmaxError {
  const { table, constraint, column } = cause as { table?: string; constraint?: string; column?: string }
  return new ErpmaxError(
    'conflict',
    'schema.rows_in_the_way',
    `Rows of ${table ?? schema} do not fit what is to be made again (${constraint ?? column ?? 'a key'}): nothing was changed`,
    {
      hint: 'Restore the tenant from a backup: what they refer to, or held, is lost',
      details: { table: table ?? null, constraint: constraint ?? null, column: column ?? null },
      cause,
    },
  )
}
