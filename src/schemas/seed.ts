/** Fills a new schema with what every tenant needs: ERP roles, accounts, taxes, units, sequences. Safe to repeat. */
import { execute, verbatim } from '../database/sql.js'
import { inTenant } from '../database/transaction.js'
import { loadBaseline } from './baseline.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName } from '../kernel/ids.js'

/** Runs the seed and then `more` in one transaction with the search path on the schema. Returns the rows inserted. */
export async function seedSchema<C extends Pick<Context, 'db'>>(
  ctx: C,
  schema: SchemaName,
  more: (ctx: C) => Promise<void>,
): Promise<number> {
  const { seed } = await loadBaseline()
  return inTenant(ctx, schema, async (inner) => {
    let inserted = 0
    for (const statement of seed) inserted += await execute(inner.db, verbatim(statement))
    await more(inner)
    return inserted
  })
}
