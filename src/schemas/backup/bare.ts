/** Tables without what would interfere with loading them: their own triggers, and keys that no order can keep. */
import { execute, identifier, sql, verbatim } from '../../database/sql.js'
import { fillingOrder, forwardReferences, referencesIn } from './order.js'
import type { Context } from '../../kernel/context.js'

/**
 * For the rest of the transaction, or until `dress`: the triggers of the control plane would refuse a tenant that
 * begins its life active, and write a history of their own. Needs no more than to own the tables.
 */
export async function undress(
  ctx: Pick<Context, 'db'>,
  schema: string,
  tables: readonly string[],
): Promise<() => Promise<void>> {
  const qualified = (table: string) => sql`${identifier(schema)}.${identifier(table)}`
  const references = await referencesIn(ctx, schema)
  const late = forwardReferences(fillingOrder(tables, references), references)
  for (const table of tables) await execute(ctx.db, sql`alter table ${qualified(table)} disable trigger user`)
  for (const { table, name, deferrable } of late) {
    if (deferrable) continue
    await execute(
      ctx.db,
      sql`alter table ${qualified(table)} alter constraint ${identifier(name)} deferrable initially deferred`,
    )
  }
  if (late.length > 0) await execute(ctx.db, verbatim('set constraints all deferred'))
  return async () => {
    // Checked now, not at COMMIT, where nothing can be said about it any more.
    if (late.length > 0) await execute(ctx.db, verbatim('set constraints all immediate'))
    for (const { table, name, deferrable } of late) {
      if (deferrable) continue
      await execute(
        ctx.db,
        sql`alter table ${qualified(table)} alter constraint ${identifier(name)} not deferrable`,
      )
    }
    for (const table of tables)
      await execute(ctx.db, sql`alter table ${qualified(table)} enable trigger user`)
  }
}
