/** Issues credit notes, one or a batch: each lowers what is owed on its invoice first, the rest goes to the credit balance (rule 8). */
import { execute, rows, sql } from '../database/sql.js'
import { openAmount } from './book/find-invoice.js'
import { taxesJson } from './runs/taxes-json.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'
import type { DocumentTax } from './document.js'
import type { Period } from './periods.js'

export interface CreditNoteLine {
  /** The line of the invoice that it gives back of. */
  line: { id: string; description: string; sac: string | null }
  /** Days given back, which no other credit gives back too; null where only an amount is. */
  period: Period | null
  net: bigint
  taxes: readonly DocumentTax[]
  /** The days of a subscription that were given up. */
  adjustmentId: string | null
}

export interface NumberedCreditNote {
  id: string
  number: string
  tenantId: TenantId
  currency: string
  invoiceId: string
  reason: string
  /** False: commercial, of the net alone. */
  taxed: boolean
  lines: readonly CreditNoteLine[]
}

export interface IssuedCreditNote extends NumberedCreditNote {
  taxable: bigint
  tax: bigint
  /** What lowered the open amount of the invoice; the rest of the total went to the credit balance. */
  applied: bigint
}

/**
 * In the transaction of `ctx`, in which the numbers were taken. A few statements for however many notes; the database
 * refuses what exceeds the charge.
 */
export async function issueCreditNotes(
  ctx: Pick<Context, 'db'>,
  notes: readonly NumberedCreditNote[],
  { issueDate, runId }: { issueDate: PlainDate; runId: string | null },
): Promise<IssuedCreditNote[]> {
  if (notes.length === 0) return []
  const open = await openAmounts(ctx, [...new Set(notes.map(({ invoiceId }) => invoiceId))])
  const issued = notes.map((note): IssuedCreditNote => {
    const taxable = note.lines.reduce((sum, { net }) => sum + net, 0n)
    const tax = note.lines.reduce((sum, line) => sum + taxOfLine(line), 0n)
    const owed = open.get(note.invoiceId) ?? 0n
    const applied = owed < taxable + tax ? owed : taxable + tax
    open.set(note.invoiceId, owed - applied)
    return { ...note, taxable, tax, applied }
  })
  await insertNotes(ctx, issued, issueDate, runId)
  await insertLines(ctx, issued)
  await giveBalance(ctx, issued)
  return issued
}

/** Locked, in one order, so that two who credit many do not wait for each other. */
async function openAmounts(ctx: Pick<Context, 'db'>, ids: readonly string[]): Promise<Map<string, bigint>> {
  const found = await rows<{ id: string; open: bigint }>(
    ctx.db,
    sql`select i.id, (${openAmount})::bigint as open from public.invoices i
        where i.id = any(${ids}::uuid[]) order by i.id for update`,
  )
  return new Map(found.map(({ id, open }) => [id, open]))
}

async function insertNotes(
  ctx: Pick<Context, 'db'>,
  notes: readonly IssuedCreditNote[],
  issueDate: PlainDate,
  runId: string | null,
): Promise<void> {
  const columns = notes.map((note) => ({
    ...{ id: note.id, tenant_id: note.tenantId, invoice_id: note.invoiceId, number: note.number },
    ...{ currency: note.currency, reason: note.reason, taxed: note.taxed },
    ...{ taxable: Number(note.taxable), tax: Number(note.tax), applied: Number(note.applied) },
  }))
  await execute(
    ctx.db,
    sql`insert into public.credit_notes
          (id, tenant_id, invoice_id, number, issue_date, currency, reason, taxed, taxable_minor, tax_minor, total_minor, applied_minor, run_id)
        select r.id, r.tenant_id, r.invoice_id, r.number, ${issueDate}::date, r.currency, r.reason, r.taxed, r.taxable, r.tax,
               r.taxable + r.tax, r.applied, ${runId}::uuid
        from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) as r
          (id uuid, tenant_id uuid, invoice_id uuid, number text, currency text, reason text, taxed boolean, taxable bigint, tax bigint,
           applied bigint)`,
  )
}

async function insertLines(ctx: Pick<Context, 'db'>, notes: readonly IssuedCreditNote[]): Promise<void> {
  const columns = notes.flatMap((note) =>
    note.lines.map((part, index) => ({
      ...{ note_id: note.id, position: index + 1, line_id: part.line.id, adjustment_id: part.adjustmentId },
      ...{ description: part.line.description, sac: part.line.sac },
      period: part.period ? `[${part.period.from},${part.period.to})` : null,
      ...{ net: Number(part.net), tax: Number(taxOfLine(part)), taxes: taxesJson(part.taxes) },
    })),
  )
  await execute(
    ctx.db,
    sql`insert into public.credit_note_lines
          (credit_note_id, position, invoice_line_id, adjustment_id, description, sac, period, taxable_minor, tax_minor, taxes)
        select r.note_id, r.position, r.line_id, r.adjustment_id, r.description, r.sac, r.period, r.net, r.tax, r.taxes
        from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) as r
          (note_id uuid, position smallint, line_id uuid, adjustment_id uuid, description text, sac text, period daterange, net bigint,
           tax bigint, taxes jsonb)`,
  )
}

async function giveBalance(ctx: Pick<Context, 'db'>, notes: readonly IssuedCreditNote[]): Promise<void> {
  const entries = notes
    .map((note) => ({
      ...{ tenant_id: note.tenantId, currency: note.currency, note_id: note.id },
      amount: Number(note.taxable + note.tax - note.applied),
    }))
    .filter(({ amount }) => amount > 0)
  if (entries.length === 0) return
  await execute(
    ctx.db,
    sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, credit_note_id)
        select r.tenant_id, r.currency, r.amount, 'credit_note', r.note_id
        from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as r (tenant_id uuid, currency text, amount bigint, note_id uuid)`,
  )
}

function taxOfLine({ taxes }: Pick<CreditNoteLine, 'taxes'>): bigint {
  return taxes.reduce((sum, { amount_minor }) => sum + amount_minor, 0n)
}
