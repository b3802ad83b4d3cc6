/** Writes what was prepared for a batch, set by set: numbers last, then documents, lines, credits, the next days. */
import { execute, rows, sql } from '../../database/sql.js'
import { issueCreditNotes } from '../credit-notes.js'
import { takeNumbers } from '../series.js'
import { slices } from './slices.js'
import { applyCredit, insertInvoices, insertLines, totalOf, withCredit } from './write-invoices.js'
import type { Context } from '../../kernel/context.js'
import type { PreparedAccount } from './prepare.js'
import type { RunTerms } from './terms.js'

export interface WrittenInvoice {
  id: string
  tenant: string
  number: string
  currency: string
  total_minor: number
}

export interface WrittenBatch {
  invoices: WrittenInvoice[]
  creditNotes: WrittenInvoice[]
}

/** In the transaction of the batch; the numbers are taken when nothing but the writing is left to do (rule 17). */
export async function writeBatch(
  ctx: Pick<Context, 'db'>,
  runId: string | null,
  prepared: readonly PreparedAccount[],
  terms: RunTerms,
): Promise<WrittenBatch> {
  const { supplier } = terms
  const invoices = prepared.flatMap((one) => one.invoices.map((invoice) => ({ prepared: one, invoice })))
  const credits = prepared.flatMap((one) => one.credits.map((credit) => ({ prepared: one, credit })))
  const creditNumbers = await takeNumbers(
    ctx,
    'credit_note',
    supplier.credit_note_prefix,
    credits.length,
    terms,
  )
  const invoiceNumbers = await takeNumbers(ctx, 'invoice', supplier.invoice_prefix, invoices.length, terms)
  const ids = await newIds(ctx, credits.length + invoices.length)
  const notes = credits.map(({ prepared: { account }, credit }, index) => ({
    ...{ id: ids[index] ?? '', number: creditNumbers[index] ?? '' },
    ...{ tenantId: account.tenantId, currency: account.currency, subdomain: account.subdomain },
    ...credit,
  }))
  await issueCreditNotes(ctx, notes, { issueDate: terms.issueDate, runId })
  const bills = await withCredit(
    ctx,
    invoices.map((one, index) => ({
      ...one,
      id: ids[credits.length + index] ?? '',
      number: invoiceNumbers[index] ?? '',
    })),
  )
  for (const slice of slices(bills)) {
    await insertInvoices(ctx, runId, slice, terms)
    await insertLines(ctx, slice)
  }
  await applyCredit(ctx, bills)
  await advance(ctx, prepared)
  return {
    invoices: bills.map(({ id, number, prepared: { account }, invoice }) => ({
      ...{ id, number, tenant: account.subdomain, currency: account.currency },
      total_minor: Number(totalOf(invoice)),
    })),
    creditNotes: notes.map(({ id, number, subdomain: tenant, currency, taxable, tax }) => ({
      ...{ id, number, tenant, currency, total_minor: Number(taxable + tax) },
    })),
  }
}

async function newIds(ctx: Pick<Context, 'db'>, count: number): Promise<string[]> {
  const found = await rows<{ id: string }>(
    ctx.db,
    sql`select gen_random_uuid() as id from generate_series(1, ${count}::int)`,
  )
  return found.map(({ id }) => id)
}

/** The first day not billed moves on, and adjustments are done with, whether or not something was charged for them. */
async function advance(ctx: Pick<Context, 'db'>, prepared: readonly PreparedAccount[]): Promise<void> {
  const billed = prepared.filter(({ outcome }) => outcome === 'due' || outcome === 'nothing_due')
  const moved = billed
    .filter(({ account, nextBillingOn }) => nextBillingOn !== account.nextBillingOn)
    .map(({ account, nextBillingOn }) => ({ id: account.id, next: nextBillingOn }))
  await execute(
    ctx.db,
    sql`update public.subscriptions s set next_billing_on = r.next, updated_at = now()
        from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as r (id uuid, next date) where s.id = r.id`,
  )
  await execute(
    ctx.db,
    sql`update public.subscription_adjustments set status = 'settled', settled_at = clock_timestamp()
        where id = any(${billed.flatMap(({ account }) => account.adjustments.map(({ id }) => id))}::uuid[]) and status = 'pending'`,
  )
}
