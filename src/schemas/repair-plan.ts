/** What a schema has lost and can get back: tables, columns, indexes, keys, and the rows every tenant begins with. */
import { ErpmaxError } from '../kernel/errors.js'
import { identifier, rows, sql, verbatim, type Sql } from '../database/sql.js'
import { loadBaseline, loadSnapshot, type Baseline, type SnapshotTable } from './baseline.js'
import { tablesIn } from './look.js'
import { verifySchema, type SchemaDifference } from './verify.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName } from '../kernel/ids.js'

/** What is missing and can be made again, in the order in which it is. */
export interface RepairPlan {
  tables: string[]
  /** Of tables that are there; `table.name`. */
  columns: string[]
  indexes: string[]
  /** Keys and checks before the references to them. */
  constraints: string[]
  /** Tables that a new tenant finds filled, and that are missing or empty here. */
  seeds: string[]
  /** What a repair leaves as it is: what is there though it should not be, or is another than it should be. */
  left: SchemaDifference[]
}

/**
 * @param filled tables whose first rows do not come from the seed, but from what is known of the tenant
 * @throws not_found `schema.absent`
 */
export async function planRepair(
  ctx: Pick<Context, 'db'>,
  schema: SchemaName,
  filled: readonly string[],
): Promise<RepairPlan> {
  const { state, differences } = await verifySchema(ctx, schema)
  if (state === 'absent') {
    throw new ErpmaxError('not_found', 'schema.absent', `The schema ${schema} does not exist`)
  }
  const { tables: expected } = await loadSnapshot()
  const baseline = await loadBaseline()
  const missing = differences.filter(({ problem }) => problem === 'missing')
  const lost = (kind: SchemaDifference['kind']): SchemaDifference[] =>
    missing.filter((one) => one.kind === kind)
  const tables = new Set(lost('table').map(({ table }) => table))
  return {
    tables: baseline.tables.map(({ name }) => name).filter((name) => tables.has(name)),
    columns: lost('column').map(pathOf),
    // The index of a key comes with the key.
    indexes: lost('index')
      .filter(({ table, name }) => !expected[table]?.constraints[name])
      .map(pathOf),
    constraints: lost('constraint')
      .map(pathOf)
      .sort((a, b) => Number(isReference(expected, a)) - Number(isReference(expected, b))),
    seeds: await emptied(ctx, schema, [...filled, ...seededTables(baseline)]),
    left: differences.filter((one) => one.problem !== 'missing'),
  }
}

export function isEmptyPlan({ left: _left, ...lost }: RepairPlan): boolean {
  return Object.values(lost).every((names) => names.length === 0)
}

/** The statements of the seed that fill these tables, in their order. */
export function seedFor({ seed }: Baseline, tables: readonly string[]): string[] {
  return seed.filter((statement) => tables.includes(tableOf(statement)))
}

export function isReference(expected: Record<string, SnapshotTable>, path: string): boolean {
  const [table = '', name = ''] = path.split('.')
  return expected[table]?.constraints[name]?.startsWith('FOREIGN KEY') ?? false
}

function seededTables({ seed }: Baseline): string[] {
  return seed.map(tableOf)
}

function tableOf(statement: string): string {
  return /^(?:\s|--.*\n)*insert into (\w+)/.exec(statement)?.[1] ?? ''
}

/** Which of them are missing or without a row. A single row that is gone may have been deleted by the tenant itself. */
async function emptied(
  ctx: Pick<Context, 'db'>,
  schema: SchemaName,
  tables: readonly string[],
): Promise<string[]> {
  const there = new Set(await tablesIn(ctx, schema))
  const names = [...new Set(tables)]
  const looks = names
    .filter((name) => there.has(name))
    .map(
      (name): Sql =>
        sql`select ${name} as name where exists (select from ${identifier(schema)}.${identifier(name)})`,
    )
  const [first, ...rest] = looks
  if (first === undefined) return names
  const query = rest.reduce((all, look) => sql`${all} ${verbatim('union all')} ${look}`, first)
  const filled = new Set((await rows<{ name: string }>(ctx.db, query)).map(({ name }) => name))
  return names.filter((name) => !filled.has(name))
}

function pathOf({ table, name }: SchemaDifference): string {
  return `${table}.${name}`
}
