/** In which order tables can be filled: each after those it refers to, and which references no order can keep. */
import { rows, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'

export interface Reference {
  name: string
  table: string
  target: string
  /** Whether it may be checked at the end of a transaction as it is. */
  deferrable: boolean
}

/** Every reference between two tables of the schema. */
export async function referencesIn(ctx: Pick<Context, 'db'>, schema: string): Promise<Reference[]> {
  return rows<Reference>(
    ctx.db,
    sql`select k.conname as name, c.relname as table, f.relname as target, k.condeferrable as deferrable
        from pg_catalog.pg_constraint k
        join pg_catalog.pg_class c on c.oid = k.conrelid
        join pg_catalog.pg_class f on f.oid = k.confrelid and f.relnamespace = c.relnamespace
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = ${schema} and k.contype = 'f' and k.conparentid = 0 order by 2, 1`,
  )
}

/**
 * As near to the order given as the references allow. Of tables in a circle the first goes first.
 * A table that refers to itself is in no circle: its keys are checked when all its rows are there.
 */
export function fillingOrder(tables: readonly string[], references: readonly Reference[]): string[] {
  const left = new Set(tables)
  const order: string[] = []
  const take = (table: string): void => {
    left.delete(table)
    order.push(table)
  }
  while (left.size > 0) {
    const isFree = (table: string): boolean =>
      !references.some((one) => one.table === table && one.target !== table && left.has(one.target))
    const free = [...left].filter(isFree)
    const [first] = left
    if (free.length > 0) free.forEach(take)
    else if (first !== undefined) take(first)
  }
  return order
}

/** The references to a table that is filled later: only of a circle. */
export function forwardReferences(order: readonly string[], references: readonly Reference[]): Reference[] {
  const place = new Map(order.map((table, index) => [table, index]))
  return references.filter(({ table, target }) => (place.get(target) ?? -1) > (place.get(table) ?? Infinity))
}
