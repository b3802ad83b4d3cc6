/** What a person reads of schemas: verdicts and table lists. */
import { formatTable } from './table.js'
import { hanging } from './format.js'
import type { SchemaDifference } from '../schemas/verify.js'
import type { TableEntry } from '../schemas/script.js'
import type { RepairedSchema } from '../workflows/repair-schema.js'
import type { TenantVerdict } from '../workflows/verify-schemas.js'
import type { Terminal } from './terminal.js'

const shownDifferences = 20

export function formatVerdict({ verdict }: { verdict: TenantVerdict }, { out }: Terminal): string {
  const { schema, tables, columns, indexes, references, version, differences, state } = verdict
  if (verdict.ok)
    return `${out.green('whole')}  ${schema}: ${tables} tables, ${columns} columns, ${indexes} indexes, ${references} references (version ${version})`
  if (state === 'absent')
    return `${out.red('absent')}  ${schema} does not exist.\n  Try: erpmax schema provision ${verdict.tenant}`
  return [
    `${out.red('different')}  ${schema}: ${differences.length} differences`,
    ...differenceLines(differences),
  ].join('\n')
}

function differenceLines(differences: readonly SchemaDifference[]): string[] {
  const shown = differences
    .slice(0, shownDifferences)
    .map(
      ({ kind, table, name, problem }) =>
        `  ${problem.padEnd(10)} ${kind.padEnd(10)} ${kind === 'table' ? table : `${table}.${name}`}`,
    )
  const more = differences.length - shown.length
  return more > 0 ? [...shown, `  and ${more} more; --json lists all`] : shown
}

export function formatRepair(
  { dry_run, schema, made, left }: RepairedSchema,
  { width, out }: Terminal,
): string {
  const things = [
    ['table', made.tables],
    ['column', made.columns],
    ['index', made.indexes],
    ['key', made.constraints],
    ['rows of', made.seeds],
  ] as const
  const lines = things
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `  ${what.padEnd(7)} ${hanging(shortList(what, names), 10, width)}`)
  const done = dry_run ? 'would be made again' : 'made again'
  return [
    lines.length > 0 ? `${schema.name}: ${done}` : `${schema.name}: nothing is missing that could be made`,
    ...lines,
    ...(left.length > 0
      ? [
          out.yellow(left.length === 1 ? '1 difference is left' : `${left.length} differences are left`),
          ...differenceLines(left),
        ]
      : []),
    ...(schema.whole && !dry_run ? [out.green('It is whole.')] : []),
  ].join('\n')
}

/** As far as they can be read at a glance; an index and a key are named after their table. */
function shortList(what: string, paths: readonly string[]): string {
  const names = paths
    .slice(0, shownDifferences)
    .map((path) => (what === 'column' ? path : path.replace(/^.*\./, '')))
  const more = paths.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more; --json lists all` : '')
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
