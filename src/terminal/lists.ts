/** What lists share on the command line: pages, the choice of columns, tables, the command for the next page. */
import { Flags } from '@oclif/core'
import { shellWord } from '../kernel/shell-word.js'
import { formatTable, type Column } from './table.js'
import type { Page } from '../database/keyset.js'
import type { Terminal } from './terminal.js'

/** The columns a list can show, by the names of its JSON keys. */
export type Fields<Item> = Readonly<Record<Extract<keyof Item, string>, Column<Item>>>

export const pageFlags = {
  limit: Flags.integer({ description: 'rows at most', default: 50, min: 1, max: 500 }),
  cursor: Flags.string({ description: 'where to go on: next_cursor of the page before' }),
}

export function fieldsFlag<Item>(fields: Fields<Item>): ReturnType<typeof commaList> {
  return commaList('which columns, by comma, in text and JSON', Object.keys(fields))
}

/** A flag with several of these values, separated by commas or given again. */
export function commaList(
  description: string,
  options: readonly string[],
  more: { helpGroup?: string } = {},
) {
  return Flags.string({ description, options: [...options], multiple: true, delimiter: ',', ...more })
}

/** The page with only the fields that were asked for; all of them where none was. */
export function withFields<Item extends object, List extends Page<Item>>(
  list: List,
  fields: readonly string[] | undefined,
): List {
  if (!fields) return list
  const items = list.items.map((item) => {
    const all = new Map(Object.entries(item))
    return Object.fromEntries(fields.map((field) => [field, all.get(field) ?? null])) as Item
  })
  return { ...list, items }
}

/** @param chosen names of fields, in the order of the columns */
export function formatColumns<Item>(
  items: readonly Item[],
  fields: Fields<Item>,
  chosen: readonly string[],
  { width, out }: Terminal,
): string {
  const columns = chosen.flatMap((name) => {
    const column = fields[name as keyof Fields<Item>]
    return column ? [column] : []
  })
  return formatTable(items, columns, width, out.bold)
}

/** The same command for the page after this one. */
export function nextPage(id: string | undefined, argv: readonly string[], cursor: string): string {
  const kept = argv.filter(
    (word, index) => word !== '--cursor' && argv[index - 1] !== '--cursor' && !word.startsWith('--cursor='),
  )
  return ['erpmax', ...(id ?? '').split(':'), ...kept.map(shellWord), '--cursor', cursor].join(' ')
}
