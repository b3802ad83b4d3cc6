/** Writes the credit notes of a batch: each against its invoice first, the rest into the credit balance. */
import { execute, oneRow, sql } from '../../database/sql.js'
import { taxesJson } from './taxes-json.js'
import type { Context } from '../../kernel/context.js'
import type { PreparedAccount, PreparedCredit } from './prepare.js'
import type { RunTerms } from './terms.js'

export interface NumberedCredit {
  id: string
  number: string
  prepared: PreparedAccount
  credit: PreparedCredit
}

/** A credit lowers what is owed on its invoice first; what is left goes to the credit balance (rule 8). */
export async function insertCredits(
  ctx: Pick<Context, 'db'>,
  runId: string | null,
  notes: readonly NumberedCredit[],
  { issueDate }: RunTerms,
): Promise<void> {
  for (const {
    id,
    number,
    prepared: { account },
    credit,
  } of notes) {
    const total = credit.taxable + credit.tax
    const { applied } = await oneRow<{ applied: bigint }>(
      ctx.db,
      sql`with before as (
            select id, status, least(${total}::bigint, total_minor - credit_applied_minor - paid_minor - settled_minor - credited_minor) as part
            from public.invoices where id = ${credit.invoiceId} for update
          ), lowered as (
            update public.invoices i
            set credited_minor = credited_minor + b.part,
                status = case when i.status = 'open' and i.total_minor = i.credit_applied_minor + i.paid_minor + i.settled_minor + i.credited_minor + b.part
                              then 'paid' else i.status end
            from before b where i.id = b.id and b.status in ('open', 'uncollectible') and b.part > 0 returning b.part
          )
          select coalesce((select part from lowered), 0)::bigint as applied`,
    )
    await execute(
      ctx.db,
      sql`insert into public.credit_notes
            (id, tenant_id, invoice_id, number, issue_date, currency, reason, taxed, taxable_minor, tax_minor, total_minor, applied_minor, run_id)
          values (${id}, ${account.tenantId}, ${credit.invoiceId}, ${number}, ${issueDate}, ${account.currency}, ${credit.reason}, true,
                  ${credit.taxable}, ${credit.tax}, ${total}, ${applied}, ${runId})`,
    )
    await execute(
      ctx.db,
      sql`insert into public.credit_note_lines
            (credit_note_id, position, invoice_line_id, adjustment_id, description, sac, period, taxable_minor, tax_minor, taxes)
          select ${id}, r.position, r.line_id, r.adjustment_id, r.description, r.sac, daterange(r."from", r."to"), r.net, r.tax, r.taxes
          from jsonb_to_recordset(${JSON.stringify(creditLines(credit))}::jsonb) as r
            (position smallint, line_id uuid, adjustment_id uuid, description text, sac text, "from" date, "to" date, net bigint, tax bigint, taxes jsonb)`,
    )
    if (total > applied) {
      await execute(
        ctx.db,
        sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, credit_note_id)
            values (${account.tenantId}, ${account.currency}, ${total - applied}, 'credit_note', ${id})`,
      )
    }
  }
}

function creditLines(credit: PreparedCredit): object[] {
  return credit.lines.map(({ line, period, net, taxes, adjustmentId }, index) => ({
    position: index + 1,
    line_id: line.id,
    adjustment_id: adjustmentId,
    description: line.description,
    sac: line.sac,
    ...period,
    net: Number(net),
    tax: Number(taxes.reduce((sum, tax) => sum + tax.amount_minor, 0n)),
    taxes: taxesJson(taxes),
  }))
}
