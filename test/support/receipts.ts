/** What comes in for an invoice, and its being void, as rows: for tests of what is read of it. */
import { execute, oneRow, sql } from '../../src/database/sql.js'
import { asOperator } from '../../src/tenants/move.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'

export interface Received {
  on: PlainDate
  paid: bigint
  tds?: bigint
}

/** A bank transfer, and what was withheld of it; the sums of the invoice follow, whoever keeps them. */
export async function receive(
  ctx: Pick<Context, 'db'>,
  number: string,
  { on, paid, tds = 0n }: Received,
): Promise<void> {
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`with payment as (
          insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on, reference, operator)
          select tenant_id, id, 'succeeded', 'manual', gen_random_uuid()::text, 'bank_transfer', currency, ${paid}::bigint, ${paid}::bigint, ${on}::date, 'UTR 7', 'test'
          from public.invoices where number = ${number} returning id)
        select id from payment`,
  )
  await execute(
    ctx.db,
    sql`update public.invoices set paid_minor = ${paid} where number = ${number} and paid_minor = 0`,
  )
  if (tds === 0n) return
  await execute(
    ctx.db,
    sql`insert into public.settlement_lines (invoice_id, payment_id, settled_on, kind, amount_minor, section, operator)
        select i.id, ${id}::uuid, ${on}::date, 'tds', ${tds}::bigint, '194J', 'test' from public.invoices i where i.number = ${number}`,
  )
  await execute(
    ctx.db,
    sql`update public.invoices set settled_minor = ${tds} where number = ${number} and settled_minor = 0`,
  )
}

export async function makeVoid(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  number: string,
  reason: string,
): Promise<void> {
  await asOperator(ctx)
  await execute(
    ctx.db,
    sql`update public.invoices set status = 'void', void_reason = ${reason} where number = ${number}`,
  )
}
