/** Takes an invoice back in the month it was issued: it keeps its number, and its days are billed anew (rule 18). */
import { changeOrRehearse } from '../../database/rehearse.js'
import { execute, firstRow, oneRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { moneyJson, type MoneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { asOperator } from '../../tenants/move.js'
import { findSupplier, supplierDay } from '../supplier.js'
import { holdAccount, liftWhenSettled } from './account.js'
import { findInvoice, type FoundInvoice } from './find-invoice.js'
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
  if (invoice.paid_minor + invoice.settled_minor > 0n)
    throw refused(invoice, 'invoice.paid', `Money has come in for ${number}`)
  if (await isCredited(ctx, invoice)) throw refused(invoice, 'invoice.credited', `${number} is credited`)
  if (sent_at)
    throw refused(invoice, 'invoice.sent', `${number} was sent on ${sent_at.toISOString().slice(0, 10)}`)
  if (irn) throw refused(invoice, 'invoice.registered', `${number} is registered as an e-invoice`)
  const supplier = await findSupplier(ctx, issue_date)
  const today = supplier ? supplierDay(ctx, supplier) : ''
  if (issue_date?.slice(0, 7) !== today.slice(0, 7))
    throw refused(invoice, 'invoice.month_over', `${number} was issued on ${issue_date}, in another month`)
  const closed = await firstRow(
    ctx.db,
    sql`select 1 from public.closed_months where month = date_trunc('month', ${issue_date}::date)::date`,
  )
  if (closed) throw refused(invoice, 'billing.month_closed', `The month of ${number} is closed`)
}

/** Also by a credit that went to the balance and lowered nothing. */
async function isCredited(ctx: Pick<Context, 'db'>, { id }: FoundInvoice): Promise<boolean> {
  const { credited } = await oneRow<{ credited: boolean }>(
    ctx.db,
    sql`select exists (select 1 from public.credit_notes where invoice_id = ${id}) as credited`,
  )
  return credited
}

function refused({ number, issue_date }: FoundInvoice, code: string, why: string): ErpmaxError {
  return new ErpmaxError('conflict', code, `${why}: it is credited, not voided`, {
    hint: `erpmax invoice credit ${number} --whole --reason "..."`,
    details: { invoice: number, issue_date },
  })
}
