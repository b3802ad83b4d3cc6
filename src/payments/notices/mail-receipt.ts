/** The mail that says that money has come in: one for each payment. */
import { oneRow, sql } from '../../database/sql.js'
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { findInvoice, type FoundInvoice } from '../../billing/book/find-invoice.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { NoticeContext } from './book-notice.js'

interface Received {
  invoice: FoundInvoice
  paymentId: string
  amountMinor: bigint
  applied: bigint
  receivedOn: PlainDate
}

/** What `templates/mail/receipt` prints. */
export async function mailReceipt(
  ctx: Pick<NoticeContext, 'db'>,
  { invoice, paymentId, amountMinor, applied, receivedOn }: Received,
): Promise<void> {
  const { currency, number } = invoice
  const money = (minor: bigint): MoneyJson => moneyJson({ amountMinor: minor, currency })
  const { open_minor } = await findInvoice(ctx, invoice.id)
  const { company, billing_email } = await oneRow<{ company: string; billing_email: string }>(
    ctx.db,
    sql`select coalesce(i.recipient ->> 'legal_name', t.legal_name) as company, t.billing_email
        from public.invoices i join public.tenants t on t.id = i.tenant_id where i.id = ${invoice.id}`,
  )
  await enqueueMail(ctx.db, {
    tenantId: invoice.tenant_id,
    ...{ kind: 'receipt', dedupeKey: `receipt:${paymentId}` },
    to: billing_email,
    language: mailLanguage(invoice.language),
    data: {
      ...{ company, amount: money(amountMinor), paid_on: receivedOn },
      invoices: applied > 0n ? [{ number, amount: money(applied) }] : [],
      remaining: money(open_minor),
      credit: amountMinor > applied ? money(amountMinor - applied) : null,
    },
  })
}
