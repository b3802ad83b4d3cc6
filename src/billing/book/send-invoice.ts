/** Sends an invoice by mail: once, unless somebody says again. The mail and the note that it was sent are one change. */
import { oneRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { moneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { refusals } from '../../subscriptions/gate.js'
import { payUrl } from '../pay-link.js'
import { findInvoice, type FoundInvoice } from './find-invoice.js'
import { keyOfMail, mailOfInvoice, type InvoiceMail } from './invoice-mail.js'
import type { Context } from '../../kernel/context.js'

export interface SendInput {
  /** Null: the tenant's billing address as it is now. */
  to: string | null
  /** Sends it once more where it was sent. */
  again: boolean
}

export interface SentInvoice {
  /** `sent_at`: since when it waits in the queue, until its mail is sent. */
  invoice: { id: string; number: string; tenant: string; sent_at: string }
  /** False where it was sent before, and nothing was done. */
  sent: boolean
  to: string | null
  mail_id: string | null
  /** Of the mail that brings it; null where there is none on record. */
  mail_status: InvoiceMail['status'] | null
}

/**
 * In a transaction of its own, or in that of `ctx`.
 * @param numberOrId the invoice
 * @throws not_found `invoice.not_found`; conflict `invoice.not_sendable`, and what the gate refuses;
 *   usage `usage.email_invalid`
 */
export async function sendInvoice(
  ctx: Pick<Context, 'db' | 'actor' | 'clock' | 'config' | 'random'>,
  numberOrId: string,
  { to, again }: SendInput,
): Promise<SentInvoice> {
  const address = to === null ? null : checkedAddress(to)
  return transaction(ctx, async (inner) => {
    // The tenant before its invoice, as everybody goes who books for it.
    const { tenant_id } = await findInvoice(inner, numberOrId)
    const refused = (await refusals(inner, [tenant_id], 'pay')).get(tenant_id)
    const invoice = await findInvoice(inner, numberOrId, { lock: true })
    const { number, status } = invoice
    if (number === null || status === 'void') {
      throw new ErpmaxError(
        'conflict',
        'invoice.not_sendable',
        `${number ?? 'The draft'} is ${status}: it is not sent`,
        { hint: `erpmax invoice show ${number ?? invoice.id}`, details: { status } },
      )
    }
    const facts = { id: invoice.id, number, tenant: invoice.tenant }
    const mail = await mailOfInvoice(inner, invoice)
    const before = mail?.sent_at ?? invoice.sent_at ?? mail?.created_at ?? null
    if (before !== null && !again) {
      return {
        invoice: { ...facts, sent_at: before.toISOString() },
        ...{ sent: false, to: null, mail_id: null, mail_status: mail?.status ?? null },
      }
    }
    if (refused) throw refused
    const { company, billing_email } = await addresseeOf(inner, invoice)
    const receiver = address ?? billing_email
    const url = invoice.open_minor > 0n ? await payUrl(inner, invoice.id) : null
    const mailId = await enqueueMail(inner.db, {
      tenantId: invoice.tenant_id,
      kind: 'invoice',
      dedupeKey:
        before === null ? keyOfMail(invoice.id) : `${keyOfMail(invoice.id)}:again:${await newId(inner)}`,
      to: receiver,
      language: mailLanguage(invoice.language),
      data: dataOf(invoice, company),
      ...(url === null ? {} : { secrets: { pay_url: url } }),
      attachments: [{ documentKind: 'invoice', documentId: invoice.id }],
    })
    const sentAt = invoice.sent_at ?? (await noteSent(inner, invoice))
    await audit(inner, {
      action: 'invoice.send',
      subjectKind: 'invoice',
      subject: number,
      tenantId: invoice.tenant_id,
      outcome: 'succeeded',
      after: { to: receiver, mail_id: mailId, again: before !== null },
    })
    return {
      invoice: { ...facts, sent_at: sentAt.toISOString() },
      ...{ sent: true, to: receiver, mail_id: mailId, mail_status: 'queued' },
    }
  })
}

async function noteSent(ctx: Pick<Context, 'db'>, { id }: FoundInvoice): Promise<Date> {
  const { sent_at } = await oneRow<{ sent_at: Date }>(
    ctx.db,
    sql`update public.invoices set sent_at = clock_timestamp() where id = ${id} returning sent_at`,
  )
  return sent_at
}

/** What `templates/mail/invoice` prints. */
function dataOf(invoice: FoundInvoice, company: string): Record<string, unknown> {
  const { number, issue_date, due_date, currency, total_minor, open_minor } = invoice
  return {
    company,
    ...{ number, issue_date, due_date },
    total: moneyJson({ amountMinor: total_minor, currency }),
    due: moneyJson({ amountMinor: open_minor, currency }),
    pay_url: null,
  }
}

/** As the invoice names them, at the address that they have now. */
async function addresseeOf(
  ctx: Pick<Context, 'db'>,
  { id }: FoundInvoice,
): Promise<{ company: string; billing_email: string }> {
  return oneRow(
    ctx.db,
    sql`select i.recipient ->> 'legal_name' as company, t.billing_email
        from public.invoices i join public.tenants t on t.id = i.tenant_id where i.id = ${id}`,
  )
}

async function newId(ctx: Pick<Context, 'db'>): Promise<string> {
  return (await oneRow<{ id: string }>(ctx.db, sql`select gen_random_uuid() as id`)).id
}

function checkedAddress(text: string): string {
  const address = text.trim()
  if (/^[^@\s<>,;"]+@[^@\s<>,;"]+$/.test(address)) return address
  throw new ErpmaxError('usage', 'usage.email_invalid', `"${text.slice(0, 80)}" is not an address`, {
    hint: '--to accounts@example.com',
  })
}
