/** Writes the invoices of a batch with their lines, paid as far as the credit balance reaches. */
import { execute, rows, sql } from '../../database/sql.js'
import { partyOf } from '../party.js'
import { taxesJson } from './taxes-json.js'
import type { Context } from '../../kernel/context.js'
import type { PreparedAccount, PreparedInvoice } from './prepare.js'
import type { RunTerms } from './terms.js'

export interface NumberedInvoice {
  id: string
  number: string
  /** Paid at once from the credit balance, in minor units. */
  creditApplied: bigint
  prepared: PreparedAccount
  invoice: PreparedInvoice
}

/** Whatever a tenant has to its credit pays its new invoices, oldest first (rule 8). */
export async function withCredit(
  ctx: Pick<Context, 'db'>,
  bills: readonly Omit<NumberedInvoice, 'creditApplied'>[],
): Promise<NumberedInvoice[]> {
  const tenants = [...new Set(bills.map(({ prepared }) => prepared.account.tenantId))]
  const balances = await rows<{ tenant_id: string; currency: string; balance_minor: bigint }>(
    ctx.db,
    sql`select tenant_id, currency, balance_minor from public.credit_balances
        where tenant_id = any(${tenants}::uuid[]) and balance_minor > 0 for update`,
  )
  const left = new Map(balances.map((one) => [`${one.tenant_id} ${one.currency}`, one.balance_minor]))
  return bills.map((bill) => {
    const { account } = bill.prepared
    const key = `${account.tenantId} ${account.currency}`
    const balance = left.get(key) ?? 0n
    const total = totalOf(bill.invoice)
    const creditApplied = balance < total ? balance : total
    left.set(key, balance - creditApplied)
    return { ...bill, creditApplied }
  })
}

export async function applyCredit(
  ctx: Pick<Context, 'db'>,
  bills: readonly NumberedInvoice[],
): Promise<void> {
  const applied = bills
    .filter(({ creditApplied }) => creditApplied > 0n)
    .map(({ id, creditApplied, prepared: { account } }) => ({
      ...{
        tenant_id: account.tenantId,
        currency: account.currency,
        invoice_id: id,
        amount: -Number(creditApplied),
      },
    }))
  if (applied.length === 0) return
  await execute(
    ctx.db,
    sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, invoice_id)
        select r.tenant_id, r.currency, r.amount, 'applied', r.invoice_id
        from jsonb_to_recordset(${JSON.stringify(applied)}::jsonb) as r (tenant_id uuid, currency text, amount bigint, invoice_id uuid)`,
  )
}

export function totalOf({ assessment }: PreparedInvoice): bigint {
  return assessment.taxable_minor + assessment.tax_minor
}

export async function insertInvoices(
  ctx: Pick<Context, 'db'>,
  runId: string | null,
  bills: readonly NumberedInvoice[],
  { supplierParty, issueDate }: RunTerms,
): Promise<void> {
  if (bills.length === 0) return
  const columns = bills.map(({ id, number, creditApplied, prepared: { account }, invoice }) => ({
    id,
    status: creditApplied === totalOf(invoice) ? 'paid' : 'open',
    credit_applied: Number(creditApplied),
    tenant_id: account.tenantId,
    subscription_id: account.id,
    kind: invoice.kind,
    number,
    period: invoice.period ? `[${invoice.period.from},${invoice.period.to})` : null,
    due_date: invoice.dueDate,
    currency: account.currency,
    recipient: {
      ...partyOf({ ...account.recipient, email: account.recipient.billing_email }),
      gst_treatment: account.recipient.gst_treatment,
    },
    regime: invoice.assessment.regime,
    supply: invoice.assessment.supply,
    lut: invoice.assessment.lut,
    place_of_supply: invoice.assessment.place_of_supply,
    reverse_charge: invoice.assessment.reverse_charge,
    endorsement: invoice.assessment.endorsement,
    exchange: invoice.exchange,
    taxable_minor: Number(invoice.assessment.taxable_minor),
    tax_minor: Number(invoice.assessment.tax_minor),
    language: account.language,
  }))
  await execute(
    ctx.db,
    sql`insert into public.invoices
          (id, tenant_id, subscription_id, kind, status, number, period, issue_date, due_date, currency, supplier, recipient, tax_regime, supply,
           place_of_supply, reverse_charge, endorsement, lut, exchange, taxable_minor, tax_minor, total_minor,
           credit_applied_minor, language, run_id, finalized_at)
        select r.id, r.tenant_id, r.subscription_id, r.kind, r.status, r.number, r.period, ${issueDate}::date, r.due_date, r.currency,
               ${JSON.stringify(supplierParty)}::jsonb, r.recipient, r.regime, r.supply, r.place_of_supply,
               r.reverse_charge, r.endorsement, r.lut, r.exchange, r.taxable_minor, r.tax_minor, r.taxable_minor + r.tax_minor, r.credit_applied, r.language,
               ${runId}::uuid, clock_timestamp()
        from json_to_recordset(${JSON.stringify(columns)}::json) as r
          (id uuid, tenant_id uuid, subscription_id uuid, kind text, number text, period daterange, due_date date, currency text,
           recipient jsonb, regime text, supply text, place_of_supply jsonb, reverse_charge boolean, endorsement text, lut text, exchange jsonb, taxable_minor bigint,
           tax_minor bigint, credit_applied bigint, status text, language text)`,
  )
}

export async function insertLines(
  ctx: Pick<Context, 'db'>,
  bills: readonly NumberedInvoice[],
): Promise<void> {
  const columns = bills.flatMap(({ id, invoice }) =>
    invoice.lines.map((line, index) => {
      const taxed = invoice.assessment.lines[index]
      return {
        invoice_id: id,
        position: index + 1,
        item_id: line.itemId,
        description: line.description,
        sac: taxed?.sac ?? null,
        from: line.period.from,
        to: line.period.to,
        full_from: line.fullPeriod.from,
        full_to: line.fullPeriod.to,
        unit: Number(line.unitPrice),
        net: Number(line.net),
        tax: Number(taxed?.tax_minor ?? 0n),
        taxes: taxesJson(taxed?.taxes ?? []),
      }
    }),
  )
  if (columns.length === 0) return
  await execute(
    ctx.db,
    sql`insert into public.invoice_lines
          (invoice_id, position, item_id, description, sac, period, full_period, unit_price_minor, taxable_minor, tax_minor, taxes)
        select r.invoice_id, r.position, r.item_id, r.description, r.sac, daterange(r."from", r."to"), daterange(r.full_from, r.full_to),
               r.unit, r.net, r.tax, r.taxes
        from json_to_recordset(${JSON.stringify(columns)}::json) as r
          (invoice_id uuid, position smallint, item_id uuid, description text, sac text, "from" date, "to" date, full_from date,
           full_to date, unit bigint, net bigint, tax bigint, taxes jsonb)`,
  )
}
