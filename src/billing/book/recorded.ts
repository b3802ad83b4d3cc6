/** What is on record under a reference already, so that the same payment is booked once. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney } from '../../kernel/money.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'
import type { FoundInvoice } from './find-invoice.js'
import type { CheckedPayment, SettlementKind } from './payment-input.js'

interface Recorded {
  paymentId: string | null
  invoiceId: string | null
  invoice: string | null
  amount: bigint | null
  currency: string
  parts: { kind: SettlementKind; amount: bigint }[]
}

/** Of a payment by hand: the reference is one within its tenant. */
export function manualKey(tenantId: TenantId, reference: string): string {
  return `${tenantId}/${reference}`
}

/**
 * Null where nothing is on record: it is to be booked. Else the id of the payment that says the same, or of none where
 * only settlement lines were recorded.
 * @throws conflict `payment.duplicate` where something else is on record under the reference; and, without one, where a
 *   payment of the same day and amount is, which would as likely be the same again
 */
export async function recordedAlready(
  ctx: Pick<Context, 'db'>,
  invoice: FoundInvoice,
  payment: CheckedPayment,
): Promise<{ paymentId: string | null } | null> {
  if (payment.reference === null) {
    await refuseTwin(ctx, invoice, payment)
    return null
  }
  const was = await readRecorded(ctx, invoice.tenant_id, payment.reference)
  if (!was) return null
  const sums = (parts: readonly { kind: string; amount: bigint }[]): string =>
    parts
      .map(({ kind, amount }) => `${kind} ${amount}`)
      .sort()
      .join()
  const same =
    was.invoiceId === invoice.id && was.amount === payment.amount && sums(was.parts) === sums(payment.parts)
  if (same) return { paymentId: was.paymentId }
  const text = formatMoney({ amountMinor: was.amount ?? total(was.parts), currency: was.currency })
  throw new ErpmaxError(
    'conflict',
    'payment.duplicate',
    `${payment.reference} is on record already: ${text} for ${was.invoice ?? 'no invoice'}`,
    {
      hint: was.paymentId ? `erpmax payment show ${was.paymentId}` : `erpmax payment list ${invoice.tenant}`,
      details: { reference: payment.reference, payment_id: was.paymentId, invoice: was.invoice },
    },
  )
}

async function readRecorded(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  reference: string,
): Promise<Recorded | null> {
  const paid = await firstRow<Omit<Recorded, 'parts'>>(
    ctx.db,
    sql`select p.id as "paymentId", p.invoice_id as "invoiceId", i.number as invoice, p.amount_minor as amount, p.currency
        from public.payments p left join public.invoices i on i.id = p.invoice_id
        where p.provider = 'manual' and p.provider_payment_id = ${manualKey(tenantId, reference)}`,
  )
  const parts = await rows<{
    kind: SettlementKind
    amount: bigint
    invoiceId: string
    invoice: string
    currency: string
  }>(
    ctx.db,
    sql`select s.kind, s.amount_minor as amount, i.id as "invoiceId", i.number as invoice, i.currency
        from public.settlement_lines s join public.invoices i on i.id = s.invoice_id
        where i.tenant_id = ${tenantId} and s.reference = ${reference}`,
  )
  const [first] = parts
  if (paid) return { ...paid, parts }
  return first ? { ...first, paymentId: null, amount: null, parts } : null
}

async function refuseTwin(
  ctx: Pick<Context, 'db'>,
  { id, number }: FoundInvoice,
  { amount, received_on, parts }: CheckedPayment,
): Promise<void> {
  const twin =
    amount === null
      ? await firstRow<{ id: string }>(
          ctx.db,
          sql`select s.id from public.settlement_lines s
              join jsonb_to_recordset(${JSON.stringify(parts.map((part) => ({ ...part, amount: Number(part.amount) })))}::jsonb) as r (kind text, amount bigint)
                on r.kind = s.kind and r.amount = s.amount_minor
              where s.invoice_id = ${id} and s.payment_id is null and s.reference is null limit 1`,
        )
      : await firstRow<{ id: string }>(
          ctx.db,
          sql`select id from public.payments
              where invoice_id = ${id} and provider = 'manual' and reference is null and amount_minor = ${amount} and received_on = ${received_on} limit 1`,
        )
  if (!twin) return
  throw new ErpmaxError(
    'conflict',
    'payment.duplicate',
    `The same is on record for ${number} already, without a reference`,
    {
      hint: '--reference <what the bank calls it>, if this is another one',
      details: { invoice: number, [amount === null ? 'settlement_line_id' : 'payment_id']: twin.id },
    },
  )
}

function total(parts: readonly { amount: bigint }[]): bigint {
  return parts.reduce((sum, { amount }) => sum + amount, 0n)
}
