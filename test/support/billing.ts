/** A supplier, its customers and the biller on one day after another, in a transaction that is taken back. */
import { generateInvoices, type GeneratedRun, type GenerateInput } from '../../src/billing/runs/generate.js'
import { setSupplier, type SupplierInput } from '../../src/billing/set-supplier.js'
import { identifier, rows, sql } from '../../src/database/sql.js'
import { rolledBackAt } from './rolled-back.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'

export const indianSupplier: SupplierInput = {
  legalName: 'Acme Private Limited',
  ...{ addressLine1: '1 MG Road', city: 'Mumbai', gstin: '27AAPFU0939F1ZV' },
}

/** Its customers in America pay no tax: what is invoiced is the net. Amounts are in dollars, and need no rate. */
export const europeanSupplier: SupplierInput = {
  ...{
    legalName: 'Muster GmbH',
    addressLine1: 'Allee 1',
    city: 'Berlin',
    country: 'DE',
    vatId: 'DE136695976',
  },
}

export interface Biller {
  /** The same transaction at another instant. */
  at(instant: string): Context
  /** The same transaction at noon UTC of another day. */
  on(day: PlainDate): Context
  /** A run at noon UTC of that day. */
  bill(day: PlainDate, input?: Partial<GenerateInput>): Promise<GeneratedRun>
}

/** A transaction that is taken back, in which there are no tenants but those it makes: a run bills whomever it finds. */
export async function alone(...[now, work]: Parameters<typeof rolledBackAt>): Promise<void> {
  await rolledBackAt(now, async (ctx, at) => {
    for (const table of [
      ...['subscription_adjustments', 'subscription_changes', 'subscription_items', 'subscriptions'],
      ...['tenant_placements', 'mails', 'tenants'],
    ])
      await rows(
        ctx.db,
        sql`set local session_replication_role = replica; delete from public.${identifier(table)}; set local session_replication_role = origin`,
      )
    await work(ctx, at)
  })
}

/** @param day the supplier is set up on it */
export async function billing(
  day: PlainDate,
  work: (ctx: Context, biller: Biller) => Promise<void>,
  supplier: SupplierInput = indianSupplier,
): Promise<void> {
  await alone(noon(day), async (ctx, at) => {
    const on = (other: PlainDate): Context => at(noon(other))
    await setSupplier(ctx, supplier, false)
    await work(ctx, { at, on, bill: (other, input) => billed(on(other), input) })
  })
}

function noon(day: PlainDate): string {
  return `${day}T12:00:00Z`
}

export async function billed(ctx: Context, input: Partial<GenerateInput> = {}): Promise<GeneratedRun> {
  const events = generateInvoices(ctx, {
    ...{ tenants: null, asOf: null, catchUp: null, dryRun: false, wait: false },
    ...input,
  })
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
  }
}

/** Every document line there is: `ERP/26-27/00001 cycle 2026-01-05 2026-02-05 49900 + 8982`, oldest first. */
export async function bookOf(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select concat_ws(' ', t.subdomain, i.number, i.kind, l.description, lower(l.period), upper(l.period), l.taxable_minor, '+', l.tax_minor) as line
        from public.invoices i join public.tenants t on t.id = i.tenant_id join public.invoice_lines l on l.invoice_id = i.id
        where i.status <> 'void'
        union all
        select concat_ws(' ', t.subdomain, c.number, 'credit', l.description, lower(l.period), upper(l.period), l.taxable_minor, '+', l.tax_minor)
        from public.credit_notes c join public.tenants t on t.id = c.tenant_id join public.credit_note_lines l on l.credit_note_id = c.id
        order by 1`,
  )
  return found.map(({ line }) => line)
}
