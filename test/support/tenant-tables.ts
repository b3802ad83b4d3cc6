/** The list of the tables that every tenant has, as the product promises it: tenant-tables.tsv. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { packageRoot } from '../../src/kernel/package-root.js'

export interface PromisedTable {
  module: string
  area: string
  name: string
  /** The tables it refers to at the least. */
  references: string[]
}

export function promisedTables(): PromisedTable[] {
  const file = path.join(packageRoot(), 'test', 'support', 'tenant-tables.tsv')
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const [module = '', area = '', name = '', references = ''] = line.split('\t')
    return { module, area, name, references: references.split(',').filter((one) => one !== '') }
  })
}
