/** The tenant schema as data: its tables in build order with their statements, and what the catalogue shows of it. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { packageRoot } from '../kernel/package-root.js'

export interface BaselineTable {
  name: string
  module: string
  area: string
  /** CREATE TABLE first, then its indexes and comments; one DDL statement each, names unqualified. */
  statements: string[]
}

export interface Baseline {
  /** Every table after the tables it refers to. */
  tables: BaselineTable[]
  /** INSERT statements, each safe to repeat. */
  seed: string[]
}

export interface SchemaCounts {
  tables: number
  columns: number
  indexes: number
  references: number
}

/** What a freshly built schema looks like; `schema.json`, generated from the catalogue. */
export interface SchemaSnapshot {
  version: string
  fingerprint: string
  counts: SchemaCounts
  tables: Record<string, SnapshotTable>
}

export interface SnapshotTable {
  module: string
  area: string
  columns: Record<string, string>
  indexes: Record<string, string>
  constraints: Record<string, string>
}

/** The modules with their numbers of tables. @param order codes in catalogue order: the order of the result */
export function moduleSizes(
  { tables }: Baseline,
  order: readonly string[],
): { name: string; total: number }[] {
  const sizes = new Map(order.map((code) => [code, 0]))
  for (const { module } of tables) sizes.set(module, (sizes.get(module) ?? 0) + 1)
  return [...sizes].map(([name, total]) => ({ name, total })).filter(({ total }) => total > 0)
}

let baseline: Promise<Baseline> | undefined
let snapshot: Promise<SchemaSnapshot> | undefined

/** Compiled from `migrations/tenant/` when the program was built. */
export function loadBaseline(): Promise<Baseline> {
  baseline ??= readJson<Baseline>('dist', 'tenant-baseline.json')
  return baseline
}

export function loadSnapshot(): Promise<SchemaSnapshot> {
  snapshot ??= readJson<SchemaSnapshot>('migrations', 'tenant', 'schema.json')
  return snapshot
}

async function readJson<Content>(...parts: string[]): Promise<Content> {
  return JSON.parse(await readFile(path.join(packageRoot(), ...parts), 'utf8')) as Content
}
