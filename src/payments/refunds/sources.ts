/** Where the money of a refund or a lost dispute comes from: what was overpaid, what credit notes gave back, else the invoice itself. */
import { execute, oneRow, sql } from '../../database/sql.js'
import { supplierDayAt } from '../../billing/supplier.js'
import { givenBack } from '../../billing/book/given-back.js'
import type { RefundedPayment } from './refund-rows.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { Context } from '../../kernel/context.js'
import type { RefundRow } from './refund-rows.js'

/** What is asked of a payment to know where its money is. */
export type PaidAccount = Pick<
  RefundedPayment,
  'id' | 'tenant_id' | 'invoice_id' | 'currency' | 'amount_minor' | 'applied_minor' | 'refunded_minor'
>

/** In minor units; what is none of the three is still to be found. */
export interface Sources {
  /** Overpaid, and still in the credit balance. */
  overpaid: bigint
  /** Brought to the credit balance by credit notes of the invoice, still there, and not given back yet. */
  charged: bigint
}

/**
 * The account is held. What was overpaid goes first; what is in the balance may have paid other invoices since, and then
 * it is not there to be given back.
 */
export async function sourcesOf(
  ctx: Pick<Context, 'db'>,
  payment: PaidAccount,
  wanted: bigint,
): Promise<Sources> {
  const { id, tenant_id, invoice_id, currency } = payment
  const { balance, ofNotes, given } = await oneRow<{ balance: bigint; ofNotes: bigint; given: bigint }>(
    ctx.db,
    sql`select coalesce((select balance_minor from public.credit_balances where tenant_id = ${tenant_id} and currency = ${currency}), 0)::bigint as balance,
               coalesce((select sum(b.charged_minor) from ${givenBack} b where b.payment_id = ${id}), 0)::bigint as given,
               (coalesce((select sum(l.amount_minor) from public.credit_ledger l join public.credit_notes n on n.id = l.credit_note_id
                          where n.invoice_id = ${invoice_id} and l.kind = 'credit_note'), 0)
                - coalesce((select sum(b.charged_minor) from ${givenBack} b join public.payments p on p.id = b.payment_id
                            where p.invoice_id = ${invoice_id}), 0))::bigint as "ofNotes"`,
  )
  const leftOver = payment.amount_minor - payment.refunded_minor - payment.applied_minor + given
  const overpaid = least(wanted, leftOver, balance)
  return { overpaid, charged: least(wanted - overpaid, ofNotes, balance - overpaid) }
}

export interface Parts {
  amount: bigint
  /** Out of the credit balance, brought there by credit notes. */
  charged: bigint
  /** Taken back from the invoice, which is open again by so much. */
  reopened: bigint
}

/** Of money that is gone whatever the book says. @returns null where it has paid other invoices since: that is for a person */
export async function partsOfLoss(
  ctx: Pick<Context, 'db'>,
  payment: PaidAccount,
  amount: bigint,
): Promise<Parts | null> {
  const { overpaid, charged } = await sourcesOf(ctx, payment, amount)
  const rest = amount - overpaid - charged
  const reopened = least(rest, payment.applied_minor)
  return reopened === rest ? { amount, charged, reopened } : null
}

/** The money leaves the account: the balance, and the invoice where it is taken back from it. */
export async function takeOut(
  ctx: Pick<Context, 'db'>,
  { id, tenant_id, currency }: Pick<PaidAccount, 'id' | 'tenant_id' | 'currency'>,
  { amount, reopened }: Parts,
  day: PlainDate,
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.payments
        set refunded_minor = refunded_minor + ${amount}, applied_minor = applied_minor - ${reopened}, updated_at = clock_timestamp()
        where id = ${id}`,
  )
  if (amount === reopened) return
  await execute(
    ctx.db,
    sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id, moved_on)
        values (${tenant_id}, ${currency}, ${reopened - amount}, 'refunded', ${id}, ${day})`,
  )
}

/**
 * The money is back: it pays the invoice again as far as it had been taken from it and that is still open, the rest is
 * in the credit balance.
 */
export async function putBack(ctx: Pick<Context, 'db' | 'clock'>, row: RefundRow): Promise<void> {
  const { payment_id, tenant_id, currency, amount_minor, reopened_minor } = row
  const { open } = await oneRow<{ open: bigint }>(
    ctx.db,
    sql`select coalesce((select case when i.status = 'void' then 0
                                     else i.total_minor - i.credit_applied_minor - i.paid_minor - i.settled_minor - i.credited_minor end
                         from public.invoices i join public.payments p on p.invoice_id = i.id where p.id = ${payment_id}), 0)::bigint as open`,
  )
  const applied = least(reopened_minor, open)
  await execute(
    ctx.db,
    sql`update public.payments
        set refunded_minor = refunded_minor - ${amount_minor}, applied_minor = applied_minor + ${applied}, updated_at = clock_timestamp()
        where id = ${payment_id}`,
  )
  if (amount_minor === applied) return
  await execute(
    ctx.db,
    sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id, moved_on)
        values (${tenant_id}, ${currency}, ${amount_minor - applied}, 'refund_failed', ${payment_id}, ${await supplierDayAt(ctx, ctx.clock.now())})`,
  )
}

/** Not below zero. */
export function least(...amounts: bigint[]): bigint {
  const smallest = amounts.reduce((low, one) => (one < low ? one : low))
  return smallest < 0n ? 0n : smallest
}
