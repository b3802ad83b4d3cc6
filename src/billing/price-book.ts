/** Every price there ever was, in memory: a run asks it for each item and period. */
import { rows, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { Cycle, ProductKind } from '../subscriptions/catalogue.js'

interface Version {
  from: PlainDate
  to: PlainDate | null
  amount_minor: bigint
}

export class PriceBook {
  readonly #versions: ReadonlyMap<string, readonly Version[]>

  constructor(versions: ReadonlyMap<string, readonly Version[]>) {
    this.#versions = versions
  }

  static async read(ctx: Pick<Context, 'db'>): Promise<PriceBook> {
    const found = await rows<Version & { kind: ProductKind; code: string; currency: string; cycle: Cycle }>(
      ctx.db,
      sql`select product_kind as kind, product_code as code, currency, cycle, amount_minor, lower(validity) as from, upper(validity) as to
          from public.prices`,
    )
    const versions = new Map<string, Version[]>()
    for (const { kind, code, currency, cycle, ...version } of found) {
      const key = keyOf(kind, code, currency, cycle)
      versions.set(key, [...(versions.get(key) ?? []), version])
    }
    return new PriceBook(versions)
  }

  /** The price of a whole period that is in force on the day, in minor units; null where none is on file. */
  on(kind: ProductKind, code: string, currency: string, cycle: Cycle, day: PlainDate): bigint | null {
    const versions = this.#versions.get(keyOf(kind, code, currency, cycle)) ?? []
    return versions.find(({ from, to }) => from <= day && (to === null || day < to))?.amount_minor ?? null
  }
}

function keyOf(kind: ProductKind, code: string, currency: string, cycle: Cycle): string {
  return `${kind} ${code} ${currency} ${cycle}`
}
