/** The link under which a customer pays an invoice. */
import { firstRow, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

/** The invoice of a token, or null. */
export async function findPayLink(
  ctx: Pick<Context, 'db'>,
  token: string,
): Promise<{ invoiceId: string } | null> {
  const row = await firstRow<{ invoice_id: string }>(
    ctx.db,
    sql`select invoice_id from public.pay_links where token = ${token}`,
  )
  return row && { invoiceId: row.invoice_id }
}
