/** An invoice of amounts that a test chooses, numbered and written as the biller writes its own. */
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { addDays, type PlainDate } from '../../src/kernel/dates.js'
import { partyOf } from '../../src/billing/party.js'
import { takeNumbers } from '../../src/billing/series.js'
import { requireSupplier } from '../../src/billing/supplier.js'
import { taxesJson } from '../../src/billing/runs/taxes-json.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'
import type { DocumentTax } from '../../src/billing/document.js'

export interface IssuedLine {
  net: bigint
  taxes: DocumentTax[]
}

/** 9 % CGST and 9 % SGST, given as the amount of each. */
export function local(net: bigint, each: bigint): IssuedLine {
  const tax = (head: 'CGST' | 'SGST') => ({ head, rate: '9', amount_minor: each })
  return { net, taxes: [tax('CGST'), tax('SGST')] }
}

export function untaxed(net: bigint): IssuedLine {
  return { net, taxes: [] }
}

interface Terms {
  on: PlainDate
  /** Seven days later unless given. */
  due?: PlainDate
  currency?: string
}

/** A manual invoice; its id and number. */
export async function issued(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenantId: TenantId,
  lines: readonly IssuedLine[],
  { on, due = addDays(on, 7), currency = 'INR' }: Terms,
): Promise<{ id: string; number: string }> {
  const supplier = await requireSupplier(ctx, on)
  const taxOf = ({ taxes }: IssuedLine): bigint => taxes.reduce((sum, tax) => sum + tax.amount_minor, 0n)
  const net = lines.reduce((sum, line) => sum + line.net, 0n)
  const tax = lines.reduce((sum, line) => sum + taxOf(line), 0n)
  const party = JSON.stringify(partyOf(supplier))
  return transaction(ctx, async (inner) => {
    const [number = ''] = await takeNumbers(inner, 'invoice', supplier.invoice_prefix, 1, {
      supplier,
      issueDate: on,
    })
    const { id } = await oneRow<{ id: string }>(
      inner.db,
      sql`insert into public.invoices (tenant_id, kind, status, number, issue_date, due_date, currency, supplier, recipient, tax_regime,
                                       supply, taxable_minor, tax_minor, total_minor, language, finalized_at)
          values (${tenantId}, 'manual', 'open', ${number}, ${on}, ${due}, ${currency}, ${party}, '{}',
                  ${supplier.country_code === 'IN' ? 'in_gst' : 'eu_vat'}, 'intra_state', ${net}, ${tax}, ${net + tax}, 'en', now())
          returning id`,
    )
    const columns = lines.map((line, index) => ({
      ...{ position: index + 1, net: Number(line.net), tax: Number(taxOf(line)) },
      taxes: taxesJson(line.taxes),
    }))
    await execute(
      inner.db,
      sql`insert into public.invoice_lines (invoice_id, position, description, unit_price_minor, taxable_minor, tax_minor, taxes)
          select ${id}, r.position, 'Item ' || r.position, r.net, r.net, r.tax, r.taxes
          from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) as r (position smallint, net bigint, tax bigint, taxes jsonb)`,
    )
    return { id, number }
  })
}

/** `open 118.00: paid 0.00 settled 0.00 credited 0.00`, in minor units, and the credit balance of the tenant. */
export async function standing(ctx: Pick<Context, 'db'>, id: string): Promise<string> {
  const { text } = await oneRow<{ text: string }>(
    ctx.db,
    sql`select concat_ws(' ', i.status, 'paid', i.paid_minor, 'settled', i.settled_minor, 'credited', i.credited_minor, 'of', i.total_minor,
                         'balance', coalesce((select b.balance_minor from public.credit_balances b
                                              where b.tenant_id = i.tenant_id and b.currency = i.currency), 0)) as text
        from public.invoices i where i.id = ${id}`,
  )
  return text
}

/** Fails where the book breaks one of its rules. */
export async function faultsOf(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ fault: string }>(
    ctx.db,
    sql`select 'overpaid ' || number as fault from public.invoices
          where status <> 'void' and total_minor < credit_applied_minor + paid_minor + settled_minor + credited_minor
        union all
        select 'not the sum of what came in ' || i.number from public.invoices i
          where i.paid_minor <> (select coalesce(sum(p.applied_minor), 0) from public.payments p where p.invoice_id = i.id)
             or i.settled_minor <> (select coalesce(sum(s.amount_minor), 0) from public.settlement_lines s where s.invoice_id = i.id)
             or i.credited_minor <> (select coalesce(sum(c.applied_minor), 0) from public.credit_notes c where c.invoice_id = i.id)
        union all
        select 'balance of ' || t.subdomain from public.tenants t
          where exists (
            select 1 from (select currency, sum(amount_minor) as amount from public.credit_ledger where tenant_id = t.id group by currency) l
            full join (select currency, balance_minor from public.credit_balances where tenant_id = t.id) b using (currency)
            where coalesce(l.amount, 0) <> coalesce(b.balance_minor, 0) or coalesce(b.balance_minor, 0) < 0)
        union all
        select 'credited more than charged ' || i.number from public.invoices i
          where i.total_minor < (select sum(c.total_minor) from public.credit_notes c where c.invoice_id = i.id)
        union all
        select 'line credited more than charged of ' || i.number from public.invoice_lines l join public.invoices i on i.id = l.invoice_id
          where (l.taxable_minor, l.tax_minor) < (select sum(c.taxable_minor), sum(c.tax_minor) from public.credit_note_lines c where c.invoice_line_id = l.id)
             or l.credited_minor <> (select coalesce(sum(c.taxable_minor), 0) from public.credit_note_lines c where c.invoice_line_id = l.id)
        union all
        select 'gap in ' || prefix from public.number_series s
          where last_number <> case kind when 'invoice' then (select count(*) from public.invoices where number like s.prefix || '/' || s.year_label || '/%')
                                         else (select count(*) from public.credit_notes where number like s.prefix || '/' || s.year_label || '/%') end
        union all
        select 'charged twice ' || a.item_id from public.invoice_lines a join public.invoice_lines b
          on a.item_id = b.item_id and a.id < b.id and a.period && b.period and a.live and b.live`,
  )
  return found.map(({ fault }) => fault)
}

/** The credit balance pays so much of the invoice, as it does when one is written. */
export async function spendBalance(
  ctx: Pick<Context, 'db'>,
  invoiceId: string,
  minor: bigint,
): Promise<void> {
  await rows(ctx.db, sql`set local session_replication_role = replica`)
  await execute(
    ctx.db,
    sql`update public.invoices set credit_applied_minor = ${minor} where id = ${invoiceId}`,
  )
  await rows(ctx.db, sql`set local session_replication_role = origin`)
  await execute(
    ctx.db,
    sql`insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, invoice_id)
        select tenant_id, currency, ${-minor}, 'applied', id from public.invoices where id = ${invoiceId}`,
  )
}
