/** Where the control plane keeps a text: secrets are looked for in all of it. */
import { firstRow, identifier, rows, sql } from '../../src/database/sql.js'
import type { Context } from '../../src/kernel/context.js'

/** The tables in which somebody could read it, in order. A mail that has not gone yet holds the link it carries. */
export async function keptAnywhere(ctx: Pick<Context, 'db'>, secret: string): Promise<string[]> {
  const tables = await rows<{ name: string }>(
    ctx.db,
    sql`select relname as name from pg_catalog.pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'm') order by relname`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const row = await firstRow(
      ctx.db,
      sql`select 1 from public.${identifier(name)} x where position(${secret} in to_jsonb(x)::text) > 0`,
    )
    if (row) found.push(name)
  }
  return found
}
