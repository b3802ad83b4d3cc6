/** The link by which a customer pays an invoice: one for each, the same in every mail. */
import { firstRow, rows, sql } from '../database/sql.js'
import { publicAddress } from '../kernel/public-address.js'
import type { Context } from '../kernel/context.js'

/** 128 bits: nobody guesses one. */
const tokenBytes = 16

/**
 * Makes the link where the invoice has none yet, in the transaction of `ctx`.
 * @returns null where nobody would answer there: without `ERPMAX_PUBLIC_URL`
 */
export async function payUrl(
  ctx: Pick<Context, 'db' | 'config' | 'random'>,
  invoiceId: string,
): Promise<string | null> {
  return (await payUrls(ctx, [invoiceId])).get(invoiceId) ?? null
}

/** The same for many, in one statement; by invoice, none where there is no address. */
export async function payUrls(
  ctx: Pick<Context, 'db' | 'config' | 'random'>,
  invoiceIds: readonly string[],
): Promise<Map<string, string>> {
  const base = publicAddress(ctx.config)
  if (base === null || invoiceIds.length === 0) return new Map()
  const fresh = invoiceIds.map(() => ctx.random.bytes(tokenBytes).toString('base64url'))
  const found = await rows<{ invoice_id: string; token: string }>(
    ctx.db,
    // The update changes nothing: it makes the row of whoever was first the answer.
    sql`insert into public.pay_links (invoice_id, token)
        select n.id, n.token from unnest(${[...invoiceIds]}::uuid[], ${fresh}::text[]) as n (id, token) order by n.id
        on conflict (invoice_id) do update set token = pay_links.token returning invoice_id, token`,
  )
  return new Map(found.map(({ invoice_id, token }) => [invoice_id, `${base}/pay/${token}`]))
}

/** The invoice of a link; null where there is no such link. @param token whatever stood after `/pay/` */
export async function findPayLink(
  ctx: Pick<Context, 'db'>,
  token: string,
): Promise<{ invoiceId: string } | null> {
  if (!/^[A-Za-z0-9_-]{22,64}$/.test(token)) return null
  return firstRow<{ invoiceId: string }>(
    ctx.db,
    sql`select invoice_id as "invoiceId" from public.pay_links where token = ${token}`,
  )
}
