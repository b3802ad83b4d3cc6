/** Makes again what a schema has lost: tables, without their rows, and keys and indexes of those that stayed. */
import { ErpmaxError } from '../kernel/errors.js'
import { quoteIdentifier } from '../database/sql.js'
import { isForeignKeyViolation, isUniqueViolation } from '../database/sql-errors.js'
import { loadBaseline, loadSnapshot, type SnapshotTable } from './baseline.js'
import { ddlTransaction, OutcomeUnknown, type DdlContext } from './ddl.js'
import { fingerprintQuery, type Fingerprint } from './fingerprint.js'
import { readLockBudget } from './lock-budget.js'
import { verifySchema, type SchemaDifference } from './verify.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName, TenantId } from '../kernel/ids.js'

/** What is missing and can be made again, in the order in which it is. */
export interface RepairPlan {
  tables: string[]
  /** Of tables that are there; `table.name`. */
  indexes: string[]
  constraints: string[]
  /** What a repair leaves as it is: columns, and what is there though it should not be. */
  left: SchemaDifference[]
}

export interface RepairRequest {
  schema: SchemaName
  tenantId: TenantId
  /** States of the tenant in which its schema ought to be whole. */
  allowed: readonly string[]
}

/** @throws not_found `schema.absent` */
export async function planRepair(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<RepairPlan> {
  const { state, differences } = await verifySchema(ctx, schema)
  if (state === 'absent') {
    throw new ErpmaxError('not_found', 'schema.absent', `The schema ${schema} does not exist`)
  }
  const { tables: expected } = await loadSnapshot()
  const missing = differences.filter(({ problem }) => problem === 'missing')
  const lost = (kind: SchemaDifference['kind']): SchemaDifference[] =>
    missing.filter((one) => one.kind === kind)
  const tables = new Set(lost('table').map(({ table }) => table))
  return {
    tables: (await loadBaseline()).tables.map(({ name }) => name).filter((name) => tables.has(name)),
    // The index of a key comes with the key.
    indexes: lost('index')
      .filter(({ table, name }) => !expected[table]?.constraints[name])
      .map(({ table, name }) => `${table}.${name}`),
    // Keys before the references to them.
    constraints: lost('constraint')
      .sort((a, b) => Number(isReference(expected, a)) - Number(isReference(expected, b)))
      .map(({ table, name }) => `${table}.${name}`),
    left: differences.filter((one) => one.problem !== 'missing' || one.kind === 'column'),
  }
}

/**
 * All of the plan in one transaction; where the schema is whole then, its fingerprint is recorded.
 * @throws conflict `schema.rows_in_the_way` where rows refer to what was lost with a table
 * @throws conflict `schema.too_incomplete` where that is more than one transaction may build
 */
export async function repairSchema(
  ctx: DdlContext & Pick<Context, 'db'>,
  { schema, tenantId, allowed }: RepairRequest,
  plan: RepairPlan,
): Promise<{ whole: boolean }> {
  const [budget, { tables }, snapshot] = await Promise.all([
    readLockBudget(ctx),
    loadBaseline(),
    loadSnapshot(),
  ])
  if (plan.tables.length > Math.ceil(tables.length / budget.slices)) {
    throw new ErpmaxError(
      'conflict',
      'schema.too_incomplete',
      `${plan.tables.length} tables of ${schema} are missing: more than one transaction may build here`,
      { hint: 'erpmax doctor' },
    )
  }
  const statements = [
    ...tables.filter(({ name }) => plan.tables.includes(name)).flatMap((table) => table.statements),
    ...plan.indexes.map((path) => snapshotted(snapshot.tables, 'indexes', path)),
    ...plan.constraints.map((path) => {
      const [table = '', name = ''] = path.split('.')
      const definition = snapshotted(snapshot.tables, 'constraints', path)
      return `alter table ${quoteIdentifier(table)} add constraint ${quoteIdentifier(name)} ${definition}`
    }),
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
    if (isForeignKeyViolation(error) || isUniqueViolation(error)) throw rowsInTheWay(schema, error)
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

function isReference(expected: Record<string, SnapshotTable>, { table, name }: SchemaDifference): boolean {
  return expected[table]?.constraints[name]?.startsWith('FOREIGN KEY') ?? false
}

function snapshotted(
  tables: Record<string, SnapshotTable>,
  kind: 'indexes' | 'constraints',
  path: string,
): string {
  const [table = '', name = ''] = path.split('.')
  const definition = tables[table]?.[kind][name]
  if (definition === undefined) throw new Error(`schema.json does not know ${path}`)
  return definition
}

function rowsInTheWay(schema: SchemaName, cause: unknown): ErpmaxError {
  const { table, constraint } = cause as { table?: string; constraint?: string }
  return new ErpmaxError(
    'conflict',
    'schema.rows_in_the_way',
    `Rows of ${table ?? schema} do not fit what is to be made again (${constraint ?? 'a key'}): nothing was changed`,
    {
      hint: 'Restore the tenant from a backup: what they refer to is lost',
      details: { table: table ?? null, constraint: constraint ?? null },
      cause,
    },
  )
}
