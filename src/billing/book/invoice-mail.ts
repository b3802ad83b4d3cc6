/** How far the mail is that brings an invoice: what waits in the queue is not sent yet. */
import { firstRow, sql, verbatim } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

export interface InvoiceMail {
  id: string
  status: 'queued' | 'sending' | 'sent' | 'failed' | 'unknown'
  created_at: Date
  sent_at: Date | null
}

/** The first that was sent, else the newest; null where none was ever written. */
export async function mailOfInvoice(
  ctx: Pick<Context, 'db'>,
  { id, tenant_id }: { id: string; tenant_id: TenantId },
): Promise<InvoiceMail | null> {
  const found = await firstRow<InvoiceMail>(
    ctx.db,
    sql`select id, status, created_at, sent_at from public.mails
        where tenant_id = ${tenant_id} and kind = 'invoice' and starts_with(dedupe_key, ${keyOfMail(id)})
        order by sent_at, created_at desc, id limit 1`,
  )
  return found ?? null
}

/** Of the mail that brings an invoice, whoever writes it; one that is sent again has more behind it. */
export function keyOfMail(id: string): string {
  return `invoice:${id}`
}

/** When the invoice i was sent: by its mails, or, where there is none, as it was noted. */
export const sentAt = verbatim(
  `(case when exists (select 1 from public.mails m where m.dedupe_key = 'invoice:' || i.id)
         then (select min(m.sent_at) from public.mails m
               where m.tenant_id = i.tenant_id and m.kind = 'invoice' and starts_with(m.dedupe_key, 'invoice:' || i.id))
         else i.sent_at end)`,
)
