/** Takes an invoice back in the month it was issued: it keeps its number, and its days are billed anew (rule 18). */
import { changeOrRehearse } from '../../database/rehearse.js'
import { execute, firstRow, oneRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { asOperator } from '../../tenants/move.js'
import { findSupplier, supplierDay, supplierDayAt } from '../supplier.js'
import { holdAccount, liftWhenSettled } from './account.js'
import { findInvoice, type FoundInvoice } from './find-invoice.js'
import { mailOfInvoice } from './invoice-mail.js'
import { standingOf, type InvoiceStanding } from './standing.js'
import type { Context } from '../../kernel/context.js'

export interface VoidedInvoice {
  dry_run: boolean
  /** False where it was void already. */
  changed: boolean
  invoice: InvoiceStanding
  reason: string
  /** What it had taken from the credit balance, and what is back in it. */
  released: MoneyJson
  suspension_lifted: boolean
}

/**
 * @throws not_found `invoice.not_found`; conflict `invoice.paid`, `invoice.credited`, `invoice.sent`,
 *   `invoice.registered`, `invoice.month_over`, `billing.month_closed`: it is credited instead
 */
export async function voidInvoice(
  ctx: Pick<Context, 'db' | 'clock' | 'actor' | 'warn'>,
  text: string,
  { reason, dryRun }: { reason: string; dryRun: boolean },
): Promise<VoidedInvoice> {
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    await holdAccount(inner, (await findInvoice(inner, text)).tenant_id)
    const invoice = await findInvoice(inner, text, { lock: true })
    const { id, tenant_id, tenant, number, currency } = invoice
    const released = moneyJson({ amountMinor: invoice.credit_applied_minor, currency })
    if (invoice.status === 'void') {
      const was = invoice.void_reason ?? ''
      const same = { dry_run: dryRun, changed: false, reason: was, suspension_lifted: false }
      return { ...same, invoice: standingOf(invoice), released }
    }
    await requireVoidable(inner, invoice)
    await asOperator(inner, reason)
    await execute(
      inner.db,
      sql`update public.invoices set status = 'void', void_reason = ${reason} where id = ${id}`,
    )
    await audit(inner, {
      ...{ action: 'invoice.void', subjectKind: 'invoice', subject: number ?? id, tenantId: tenant_id },
      outcome: 'succeeded',
      before: { status: invoice.status },
      after: { status: 'void', reason, released },
    })
    await enqueue(inner, {
      ...{ topic: 'invoice.voided', key: id, tenantId: tenant_id },
      payload: { invoice: number, tenant, reason },
    })
    const suspension_lifted = await liftWhenSettled(inner, tenant_id)
    const after = standingOf(await findInvoice(inner, id))
    return { dry_run: dryRun, changed: true, invoice: after, reason, released, suspension_lifted }
  })
}

/** The database refuses the same; here each reason has its code and its way out. */
async function requireVoidable(ctx: Pick<Context, 'db' | 'clock'>, invoice: FoundInvoice): Promise<void> {
  const { number, sent_at, irn, issue_date } = invoice
  const credited = await creditOf(ctx, invoice)
  const refused = (code: string, why: string): ErpmaxError => refusal(invoice, credited, code, why)
  if (invoice.paid_minor + invoice.settled_minor > 0n)
    throw refused('invoice.paid', `Money has come in for ${number}`)
  if (credited !== 'nothing')
    throw refused(
      'invoice.credited',
      credited === 'all' ? `${number} is credited in full` : `${number} is credited in part`,
    )
  if (sent_at) throw refused('invoice.sent', await sentText(ctx, invoice, sent_at))
  if (irn) throw refused('invoice.registered', `${number} is registered as an e-invoice`)
  const supplier = await findSupplier(ctx, issue_date)
  const today = supplier ? supplierDay(ctx, supplier) : ''
  if (issue_date?.slice(0, 7) !== today.slice(0, 7))
    throw refused('invoice.month_over', `${number} was issued on ${issue_date}, in another month`)
  const closed = await firstRow(
    ctx.db,
    sql`select 1 from public.closed_months where month = date_trunc('month', ${issue_date}::date)::date`,
  )
  if (closed) throw refused('billing.month_closed', `The month of ${number} is closed`)
}

async function sentText(
  ctx: Pick<Context, 'db' | 'clock'>,
  invoice: FoundInvoice,
  notedAt: Date,
): Promise<string> {
  const mail = await mailOfInvoice(ctx, invoice)
  const day = await supplierDayAt(ctx, mail?.sent_at ?? notedAt)
  return mail && !mail.sent_at
    ? `The mail of ${invoice.number} was put into the queue on ${day}`
    : `${invoice.number} was sent on ${day}`
}

/** Also by a credit that went to the balance and lowered nothing. */
async function creditOf(ctx: Pick<Context, 'db'>, { id }: FoundInvoice): Promise<'nothing' | 'part' | 'all'> {
  const { credited, left } = await oneRow<{ credited: boolean; left: boolean }>(
    ctx.db,
    sql`select exists (select 1 from public.credit_notes where invoice_id = ${id}) as credited,
               exists (select 1 from public.invoice_lines where invoice_id = ${id} and credited_minor < taxable_minor) as left`,
  )
  return credited ? (left ? 'part' : 'all') : 'nothing'
}

/** Names the way out, where there is one: nothing is left to credit of what is credited in full. */
function refusal(
  { number, issue_date }: FoundInvoice,
  credited: 'nothing' | 'part' | 'all',
  code: string,
  why: string,
): ErpmaxError {
  const all = credited === 'all'
  return new ErpmaxError(
    'conflict',
    code,
    `${why}: ${all ? 'it is not voided' : 'it is credited, not voided'}`,
    {
      hint: all ? `erpmax invoice show ${number}` : `erpmax invoice credit ${number} --whole --reason "..."`,
      details: { invoice: number, issue_date },
    },
  )
}
