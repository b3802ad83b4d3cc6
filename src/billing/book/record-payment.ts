/** Records what came in for an invoice by hand, and what settles the rest of it (rule 10). */
import { changeOrRehearse } from '../../database/rehearse.js'
import { execute, firstRow, oneRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney, moneyJson, type MoneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { holdAccount, liftWhenSettled } from './account.js'
import { findInvoice, type FoundInvoice } from './find-invoice.js'
import { checkPayment, type CheckedPayment, type PaymentInput, type SettlementPart } from './payment-input.js'
import { readPayment, type PaymentJson } from './read-payment.js'
import { manualKey, recordedAlready } from './recorded.js'
import { standingAfter, type InvoiceStanding } from './standing.js'
import type { Context } from '../../kernel/context.js'

export interface RecordedPayment {
  dry_run: boolean
  /** False where the reference had recorded the same before. */
  changed: boolean
  /** Null where no money came in; in a dry run the id is of nothing that stays. */
  payment: PaymentJson | null
  settlement_lines: { kind: string; amount: MoneyJson; section: string | null; certificate: string | null }[]
  invoice: InvoiceStanding
  /** What the tenant has to its credit now, in the currency of the invoice. */
  credit_balance: MoneyJson
  suspension_lifted: boolean
}

/**
 * Money beyond what is open goes to the credit balance. Works for suspended and archived tenants too.
 * @throws not_found `invoice.not_found`; what `checkPayment` throws; conflict `invoice.void`, `payment.duplicate`,
 *   `payment.settlement_exceeds`
 */
export async function recordPayment(
  ctx: Pick<Context, 'db' | 'clock' | 'actor' | 'warn'>,
  text: string,
  input: PaymentInput,
  dryRun: boolean,
): Promise<RecordedPayment> {
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    await holdAccount(inner, (await findInvoice(inner, text)).tenant_id)
    const invoice = await findInvoice(inner, text, { lock: true })
    const checked = await checkPayment(inner, invoice, input)
    const was = await recordedAlready(inner, invoice, checked)
    if (!was) requireRoom(invoice, checked)
    const id = was ? was.paymentId : await book(inner, invoice, checked)
    const suspension_lifted = was ? false : await liftWhenSettled(inner, invoice.tenant_id)
    const payment = id === null ? null : await readPayment(inner, id)
    const { currency } = invoice
    const result = {
      ...{ dry_run: dryRun, changed: !was, payment },
      settlement_lines: checked.parts.map(({ kind, amount, section, certificate }) => ({
        ...{ kind, amount: moneyJson({ amountMinor: amount, currency }), section, certificate },
      })),
      invoice: await standingAfter(inner, invoice, id ?? (await lastLine(inner, invoice))),
      credit_balance: await balanceOf(inner, invoice),
      suspension_lifted,
    }
    if (!was) await tell(inner, invoice, result)
    return result
  })
}

/**
 * Tax that was withheld settles up to what is open. Charges, rounding and write-offs settle only what the money leaves:
 * nobody writes off what came in.
 */
function requireRoom(invoice: FoundInvoice, { amount, parts }: CheckedPayment): void {
  const { number, currency, status, open_minor } = invoice
  if (status === 'void')
    throw new ErpmaxError('conflict', 'invoice.void', `${number} is void: nothing is owed on it`, {
      hint: `erpmax invoice list`,
      details: { invoice: number },
    })
  const tds = sumOf(parts.filter(({ kind }) => kind === 'tds'))
  const others = sumOf(parts) - tds
  const left = open_minor - tds
  const most = others > 0n ? left - (amount ?? 0n) : left
  if (tds <= open_minor && others <= (most > 0n ? most : 0n)) return
  const shown = formatMoney({ amountMinor: tds > open_minor ? open_minor : most > 0n ? most : 0n, currency })
  throw new ErpmaxError(
    'conflict',
    'payment.settlement_exceeds',
    `${formatMoney({ amountMinor: tds > open_minor ? tds : others, currency })} is to be settled, and ${shown} of ${number} ${tds > open_minor ? 'is open' : 'would be left open'}`,
    {
      hint: `erpmax invoice show ${number}`,
      details: { invoice: number, open_minor: Number(open_minor), currency },
    },
  )
}

async function book(
  ctx: Pick<Context, 'db' | 'actor'>,
  invoice: FoundInvoice,
  { amount, method, received_on, reference, note, parts }: CheckedPayment,
): Promise<string | null> {
  const { id, tenant_id, currency } = invoice
  const open = invoice.open_minor - sumOf(parts)
  let paymentId: string | null = null
  if (amount !== null) {
    const applied = amount < open ? amount : open
    const key = reference === null ? sql`gen_random_uuid()::text` : sql`${manualKey(tenant_id, reference)}`
    const inserted = await oneRow<{ id: string }>(
      ctx.db,
      sql`insert into public.payments
            (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on,
             reference, operator)
          values (${tenant_id}, ${id}, 'succeeded', 'manual', ${key}, ${method}, ${currency}, ${amount}, ${applied}, ${received_on},
                  ${reference}, ${ctx.actor.operator})
          returning id`,
    )
    paymentId = inserted.id
    if (amount > applied)
      await execute(
        ctx.db,
        sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
            values (${tenant_id}, ${currency}, ${amount - applied}, 'overpayment', ${paymentId})`,
      )
  }
  for (const { kind, amount: settled, section, certificate } of parts)
    await execute(
      ctx.db,
      sql`insert into public.settlement_lines (invoice_id, payment_id, settled_on, kind, amount_minor, section, certificate, reference, note, operator)
          values (${id}, ${paymentId}, ${received_on}, ${kind}, ${settled}, ${section}, ${certificate}, ${reference}, ${note}, ${ctx.actor.operator})`,
    )
  return paymentId
}

async function tell(
  ctx: Pick<Context, 'db' | 'actor'>,
  { tenant_id, number, id, tenant }: FoundInvoice,
  { payment, settlement_lines, invoice, suspension_lifted }: RecordedPayment,
): Promise<void> {
  await audit(ctx, {
    ...{ action: 'payment.record', subjectKind: 'invoice', subject: number ?? id, tenantId: tenant_id },
    outcome: 'succeeded',
    after: {
      ...(payment ? { payment_id: payment.id, amount: payment.amount, applied: payment.applied } : {}),
      ...{ settlement_lines, status: invoice.status, open: invoice.open, suspension_lifted },
    },
  })
  if (!payment) return
  await enqueue(ctx, {
    ...{ topic: 'payment.received', key: payment.id, tenantId: tenant_id },
    payload: { tenant, invoice: number, amount: payment.amount, applied: payment.applied },
  })
}

async function lastLine(ctx: Pick<Context, 'db'>, { id }: FoundInvoice): Promise<string> {
  const line = await firstRow<{ id: string }>(
    ctx.db,
    sql`select id from public.settlement_lines where invoice_id = ${id} order by created_at desc, id limit 1`,
  )
  return line?.id ?? ''
}

async function balanceOf(
  ctx: Pick<Context, 'db'>,
  { tenant_id, currency }: FoundInvoice,
): Promise<MoneyJson> {
  const found = await firstRow<{ balance: bigint }>(
    ctx.db,
    sql`select balance_minor as balance from public.credit_balances where tenant_id = ${tenant_id} and currency = ${currency}`,
  )
  return moneyJson({ amountMinor: found?.balance ?? 0n, currency })
}

function sumOf(parts: readonly SettlementPart[]): bigint {
  return parts.reduce((sum, { amount }) => sum + amount, 0n)
}
