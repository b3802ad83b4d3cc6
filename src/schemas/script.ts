/** The tenant schema for other programs: its tables as a list, its statements as a script for psql. */
import { ErpmaxError } from '../kernel/errors.js'
import { isSchemaName } from '../kernel/ids.js'
import { quoteIdentifier } from '../database/sql.js'
import { loadBaseline, loadSnapshot } from './baseline.js'

export interface TableEntry {
  table: string
  module: string
  area: string
  columns: number
  references: number
  indexes: number
}

/** @param module its code, or null for all ten */
export async function listTables(module: string | null): Promise<TableEntry[]> {
  const { tables } = await loadSnapshot()
  const all = Object.entries(tables).map(([table, described]) => ({
    table,
    module: described.module,
    area: described.area,
    columns: Object.keys(described.columns).length,
    references: Object.values(described.constraints).filter((definition) =>
      definition.startsWith('FOREIGN KEY'),
    ).length,
    indexes: Object.keys(described.indexes).length,
  }))
  const chosen = all.filter((entry) => module === null || entry.module === module)
  if (chosen.length === 0) {
    const known = [...new Set(all.map((entry) => entry.module))].sort()
    throw new ErpmaxError('usage', 'module.unknown', `There is no module "${module}"`, {
      hint: `One of ${known.join(', ')}`,
    })
  }
  return chosen.sort(
    (a, b) =>
      a.module.localeCompare(b.module) || a.area.localeCompare(b.area) || a.table.localeCompare(b.table),
  )
}

/** One transaction that builds the schema in order of reference; with `seed` also what every tenant begins with. */
/** @throws usage `schema.name_invalid` */
export async function schemaScript(schema: string, seed: boolean): Promise<string> {
  if (!isSchemaName(schema)) {
    throw new ErpmaxError('usage', 'schema.name_invalid', `"${schema}" is not the name of a tenant schema`, {
      hint: '--schema tenant_example',
    })
  }
  const baseline = await loadBaseline()
  const name = quoteIdentifier(schema)
  const parts = ['begin;', `create schema ${name};`, `set local search_path = ${name};`]
  for (const table of baseline.tables) {
    parts.push(`\n-- ${table.module}, ${table.area}`, ...table.statements.map((statement) => `${statement};`))
  }
  if (seed) parts.push('\n-- seed', ...baseline.seed.map((statement) => `${statement};`))
  return [...parts, 'commit;'].join('\n')
}
