/** What a person reads of schemas: verdicts and table lists. */
import { formatTable } from './table.js'
import type { TableEntry } from '../schemas/script.js'
import type { TenantVerdict } from '../workflows/verify-schemas.js'
import type { Terminal } from './terminal.js'

const shownDifferences = 20

export function formatVerdict({ verdict }: { verdict: TenantVerdict }, { out }: Terminal): string {
  const { schema, tables, columns, indexes, references, version, differences, state } = verdict
  if (verdict.ok)
    return `${out.green('whole')}  ${schema}: ${tables} tables, ${columns} columns, ${indexes} indexes, ${references} references (version ${version})`
  if (state === 'absent')
    return `${out.red('absent')}  ${schema} does not exist.\n  Try: erpmax schema provision ${verdict.tenant}`
  const shown = differences
    .slice(0, shownDifferences)
    .map(
      ({ kind, table, name, problem }) =>
        `  ${problem.padEnd(10)} ${kind.padEnd(10)} ${kind === 'table' ? table : `${table}.${name}`}`,
    )
  const more =
    differences.length > shown.length
      ? [`  and ${differences.length - shown.length} more; --json lists all`]
      : []
  return [`${out.red('different')}  ${schema}: ${differences.length} differences`, ...shown, ...more].join(
    '\n',
  )
}

export function formatVerdicts(
  { items, different }: { items: TenantVerdict[]; different: number },
  terminal: Terminal,
): string {
  if (items.length === 0) return 'No tenant matches that should have a schema.'
  const table = formatTable(
    items,
    [
      { title: 'TENANT', value: (verdict) => verdict.tenant, flexible: true },
      { title: 'STATUS', value: (verdict) => verdict.status },
      { title: 'SCHEMA', value: (verdict) => verdict.state },
      { title: 'TABLES', value: (verdict) => verdict.tables, align: 'right' },
      { title: 'DIFFERENCES', value: (verdict) => verdict.differences.length, align: 'right' },
    ],
    terminal.width,
  )
  return `${table}\n\n${items.length - different} of ${items.length} whole.`
}

export function formatTables({ items }: { items: TableEntry[] }, { width }: Terminal): string {
  const table = formatTable(
    items,
    [
      { title: 'MODULE', value: (entry) => entry.module },
      { title: 'AREA', value: (entry) => entry.area },
      { title: 'TABLE', value: (entry) => entry.table, flexible: true },
      { title: 'COLUMNS', value: (entry) => entry.columns, align: 'right' },
      { title: 'REFERENCES', value: (entry) => entry.references, align: 'right' },
    ],
    width,
  )
  return `${table}\n\n${items.length} tables`
}
