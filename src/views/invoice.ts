/** `invoice show`: an invoice with its lines, what came in for it, what was credited, and what is open. */
import { findInvoice, type FoundInvoice } from '../billing/book/find-invoice.js'
import { mailOfInvoice, type InvoiceMail } from '../billing/book/invoice-mail.js'
import { sumByHead } from '../billing/tax/tax.js'
import { oneRow, rows, sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import { checkoutsOf, type CheckoutJson } from '../payments/checkout/read-checkout.js'
import { readDisputes, type DisputeJson } from '../payments/read-disputes.js'
import { readRefunds, type RefundJson } from '../payments/refunds/read-refund.js'
import { dunningOf, type DunningJson } from './dunning.js'
import { invoiceHistory, type InvoiceEvent } from './invoice-history.js'
import type { Context } from '../kernel/context.js'
import type { DocumentParty, TaxHead } from '../billing/document.js'

export interface TaxJson {
  head: TaxHead
  rate: string
  amount: MoneyJson
}

/** Half-open. */
type Days = { from: PlainDate; to: PlainDate } | null

export interface ShownLine {
  position: number
  description: string
  sac: string | null
  period: Days
  /** The period of its price, of which it charges a part or all. */
  full_period: Days
  unit_price: MoneyJson
  taxable: MoneyJson
  taxes: TaxJson[]
  total: MoneyJson
  /** Given back of it by credit notes, before tax. */
  credited: MoneyJson
}

export interface ShownPayment {
  id: string
  status: string
  provider: string
  method: string
  reference: string | null
  received_on: PlainDate | null
  amount: MoneyJson
  /** To this invoice; the rest went to the credit balance. */
  applied: MoneyJson
  refunded: MoneyJson
}

export interface ShownSettlement {
  id: string
  kind: string
  /** Where the supplier is. */
  settled_on: PlainDate
  amount: MoneyJson
  section: string | null
  certificate: string | null
  note: string | null
  payment_id: string | null
  operator: string
  at: string
}

export interface ShownCredit {
  id: string
  number: string
  issue_date: PlainDate
  reason: string
  taxed: boolean
  total: MoneyJson
  /** What it lowered the invoice by; the rest went to the credit balance. */
  applied: MoneyJson
}

export interface ShownInvoice extends Pick<
  FoundInvoice,
  | ('id' | 'number' | 'kind' | 'status' | 'tenant' | 'tenant_id' | 'subscription_id' | 'period')
  | ('issue_date' | 'due_date' | 'currency' | 'language' | 'template' | 'void_reason' | 'irn')
> {
  days_overdue: number | null
  supplier: DocumentParty
  recipient: DocumentParty & { gst_treatment?: string | null }
  tax_regime: string
  supply: string
  place_of_supply: { code: string; name: string } | null
  reverse_charge: boolean
  endorsement: string | null
  lut: string | null
  exchange: { rate: string; date: PlainDate; source: string; total: MoneyJson } | null
  lines: ShownLine[]
  taxable: MoneyJson
  taxes: TaxJson[]
  total: MoneyJson
  credit_applied: MoneyJson
  paid: MoneyJson
  settled: MoneyJson
  credited: MoneyJson
  open: MoneyJson
  payments: ShownPayment[]
  settlement_lines: ShownSettlement[]
  credit_notes: ShownCredit[]
  /** Oldest first; of the open one the link by which it is paid. */
  checkouts: CheckoutJson[]
  refunds: RefundJson[]
  disputes: DisputeJson[]
  /** Null while its mail waits in the queue, too. */
  sent_at: string | null
  /** That brings it to the customer, where one was written. */
  mail: { id: string; status: InvoiceMail['status']; queued_at: string } | null
  run_id: string | null
  /** Null where nothing more comes of it: it is settled, or its tenant is not dunned. */
  dunning: DunningJson | null
  history: InvoiceEvent[]
}

interface Particulars extends Pick<
  ShownInvoice,
  | 'supplier'
  | 'recipient'
  | 'tax_regime'
  | 'supply'
  | 'place_of_supply'
  | 'reverse_charge'
  | 'endorsement'
  | 'lut'
  | 'run_id'
> {
  exchange: { rate: string; date: PlainDate; source: string; currency: string; total_minor: number } | null
  time_zone: string
}

/** @throws not_found `invoice.not_found` */
export async function showInvoice(
  ctx: Pick<Context, 'db' | 'clock'>,
  numberOrId: string,
): Promise<{ invoice: ShownInvoice }> {
  const found = await findInvoice(ctx, numberOrId)
  const { taxable_minor, tax_minor: _tax, total_minor, credit_applied_minor, ...amounts } = found
  const { paid_minor, settled_minor, credited_minor, open_minor, sent_at, ...facts } = amounts
  const { exchange, time_zone, ...particulars } = await oneRow<Particulars>(
    ctx.db,
    sql`select i.supplier, i.recipient, i.tax_regime, i.supply, i.place_of_supply, i.reverse_charge, i.endorsement, i.lut, i.exchange,
               i.run_id, t.time_zone
        from public.invoices i join public.tenants t on t.id = i.tenant_id where i.id = ${found.id}`,
  )
  const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency: found.currency })
  const { lines, taxes } = await readLines(ctx, found)
  const payments = await readPayments(ctx, found)
  const mail = await mailOfInvoice(ctx, found)
  const ofPayments = payments.map(({ id }) => id)
  return {
    invoice: {
      ...facts,
      period: facts.period && { from: facts.period.from, to: facts.period.to },
      days_overdue: daysOverdue(found, dayIn(time_zone, ctx.clock.now())),
      ...particulars,
      exchange: exchange && {
        ...{ rate: exchange.rate, date: exchange.date, source: exchange.source },
        total: { amount_minor: exchange.total_minor, currency: exchange.currency },
      },
      lines,
      taxable: money(taxable_minor),
      taxes,
      total: money(total_minor),
      credit_applied: money(credit_applied_minor),
      paid: money(paid_minor),
      settled: money(settled_minor),
      credited: money(credited_minor),
      open: money(open_minor),
      payments,
      settlement_lines: await readSettlements(ctx, found),
      credit_notes: await readCredits(ctx, found),
      checkouts: await checkoutsOf(ctx, found.id),
      refunds: await readRefunds(ctx, sql`r.payment_id = any(${ofPayments}::uuid[])`),
      disputes: await readDisputes(ctx, sql`d.payment_id = any(${ofPayments}::uuid[])`),
      sent_at: (mail ? mail.sent_at : sent_at)?.toISOString() ?? null,
      mail: mail && { id: mail.id, status: mail.status, queued_at: mail.created_at.toISOString() },
      dunning: found.status === 'open' ? await dunningOf(ctx, found.tenant_id, found.id) : null,
      history: await invoiceHistory(ctx, found),
    },
  }
}

function daysOverdue({ status, due_date }: FoundInvoice, today: PlainDate): number | null {
  if (status !== 'open' || due_date === null || due_date >= today) return null
  return Math.round((Date.parse(today) - Date.parse(due_date)) / 86_400_000)
}

async function readLines(
  ctx: Pick<Context, 'db'>,
  { id, currency }: FoundInvoice,
): Promise<{ lines: ShownLine[]; taxes: TaxJson[] }> {
  const found = await rows<
    Pick<ShownLine, 'position' | 'description' | 'sac' | 'period' | 'full_period'> & {
      unit_price_minor: bigint
      taxable_minor: bigint
      tax_minor: bigint
      credited_minor: bigint
      taxes: { head: TaxHead; rate: string; amount_minor: number }[]
    }
  >(
    ctx.db,
    sql`select position, description, sac,
               case when period is not null then json_build_object('from', lower(period), 'to', upper(period)) end as period,
               case when full_period is not null then json_build_object('from', lower(full_period), 'to', upper(full_period)) end as full_period,
               unit_price_minor, taxable_minor, tax_minor, credited_minor, taxes
        from public.invoice_lines where invoice_id = ${id} order by position`,
  )
  const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency })
  const perHead = sumByHead(
    found.flatMap((line) => line.taxes.map((tax) => ({ ...tax, amount_minor: BigInt(tax.amount_minor) }))),
  )
  return {
    lines: found.map(({ unit_price_minor, taxable_minor, tax_minor, credited_minor, taxes, ...line }) => ({
      ...line,
      unit_price: money(unit_price_minor),
      taxable: money(taxable_minor),
      taxes: taxes.map(({ head, rate, amount_minor }) => ({
        head,
        rate,
        amount: { amount_minor, currency },
      })),
      total: money(taxable_minor + tax_minor),
      credited: money(credited_minor),
    })),
    taxes: perHead.map(({ head, rate, amount_minor }) => ({ head, rate, amount: money(amount_minor) })),
  }
}

async function readPayments(ctx: Pick<Context, 'db'>, { id }: FoundInvoice): Promise<ShownPayment[]> {
  return rows<ShownPayment>(
    ctx.db,
    sql`select id, status, provider, method, reference, received_on,
               json_build_object('amount_minor', amount_minor, 'currency', currency) as amount,
               json_build_object('amount_minor', applied_minor, 'currency', currency) as applied,
               json_build_object('amount_minor', refunded_minor, 'currency', currency) as refunded
        from public.payments where invoice_id = ${id} order by created_at, id`,
  )
}

async function readSettlements(
  ctx: Pick<Context, 'db'>,
  { id, currency }: FoundInvoice,
): Promise<ShownSettlement[]> {
  const found = await rows<Omit<ShownSettlement, 'at'> & { at: Date }>(
    ctx.db,
    sql`select id, kind, settled_on, json_build_object('amount_minor', amount_minor, 'currency', ${currency}::text) as amount, section, certificate,
               note, payment_id, operator, created_at as at
        from public.settlement_lines where invoice_id = ${id} order by created_at, id`,
  )
  return found.map((line) => ({ ...line, at: line.at.toISOString() }))
}

async function readCredits(ctx: Pick<Context, 'db'>, { id }: FoundInvoice): Promise<ShownCredit[]> {
  return rows<ShownCredit>(
    ctx.db,
    sql`select id, number, issue_date, reason, taxed,
               json_build_object('amount_minor', total_minor, 'currency', currency) as total,
               json_build_object('amount_minor', applied_minor, 'currency', currency) as applied
        from public.credit_notes where invoice_id = ${id} order by created_at, number`,
  )
}
