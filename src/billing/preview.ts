/**
 * What the next run would bill one tenant: the dry run of today, or of the day on which its next period begins. That
 * day is really taken for today, so that supplier, tax, letters of undertaking and rates are those of then.
 */
import { firstRow, oneRow, rows, sql } from '../database/sql.js'
import { dayIn, noonIn, type PlainDate } from '../kernel/dates.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import { findTenant } from '../tenants/find.js'
import { generateInvoices, type GeneratedRun } from './runs/generate.js'
import { partyOf } from './party.js'
import { requireSupplier, supplierDay, type Supplier } from './supplier.js'
import { sumByHead } from './tax/tax.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { DocumentParty, DocumentTax, TaxHead } from './document.js'
import type { DocumentJson } from './runs/document-json.js'

export interface PreviewTax {
  head: TaxHead
  rate: string
  amount: MoneyJson
}

export interface PreviewDocument {
  kind: DocumentJson['kind']
  /** Of a `cycle` invoice, half-open. */
  period: DocumentJson['period']
  issue_date: PlainDate
  due_date: PlainDate | null
  lines: {
    description: string
    period: { from: PlainDate; to: PlainDate }
    taxable: MoneyJson
    taxes: PreviewTax[]
  }[]
  taxable: MoneyJson
  taxes: PreviewTax[]
  total: MoneyJson
  /** Of the credit balance as it is now. */
  credit_applied: MoneyJson
}

export interface InvoicePreview {
  tenant: string
  recipient: DocumentParty
  /** Up to which day is billed, where the tenant is. */
  as_of: PlainDate
  /** True where nothing is due by now, and the documents are those of the next period. */
  ahead: boolean
  documents: PreviewDocument[]
  /** The first day on which something is to be billed, as things stand; null where nothing is any more. */
  next_billing_on: PlainDate | null
  /** Why nothing is billed, where something stands against it. */
  outcome: { status: 'parked' | 'skipped'; code: string; reason: string } | null
  credit_balances: MoneyJson[]
}

/**
 * Writes nothing.
 * @param asOf null: today; where nothing is due then, the day on which something will be
 * @throws not_found `tenant.not_found`; conflict `tenant.deleted`, `billing.supplier_missing`
 */
export async function previewInvoice(
  ctx: Context,
  subdomainOrId: string,
  asOf: PlainDate | null,
): Promise<{ preview: InvoicePreview }> {
  const tenant = await findTenant(ctx, subdomainOrId)
  const supplier = await requireSupplier(ctx)
  const { today, ...recipient } = await readRecipient(ctx, tenant.id)
  let day = asOf ?? today
  let run = await dryRun(ctx, tenant.id, supplier, asOf)
  const next = await nextDay(ctx, tenant.id)
  const ahead = asOf === null && isEmpty(run) && next !== null && next > today
  if (ahead) {
    day = next
    run = await dryRun(ctx, tenant.id, supplier, next)
  }
  const balances = await readBalances(ctx, tenant.id)
  const outcome = run.accounts.find((account) => account.tenant === tenant.subdomain)
  return {
    preview: {
      tenant: tenant.subdomain,
      recipient: partyOf(recipient),
      as_of: day,
      ahead,
      next_billing_on: next,
      documents: withCredit(run.documents, balances),
      outcome: outcome ? { status: outcome.outcome, code: outcome.code, reason: outcome.reason } : null,
      credit_balances: balances.map(({ currency, balance_minor }) =>
        moneyJson({ amountMinor: balance_minor, currency }),
      ),
    },
  }
}

async function dryRun(
  ctx: Context,
  tenant: TenantId,
  supplier: Supplier,
  asOf: PlainDate | null,
): Promise<GeneratedRun> {
  const later = asOf !== null && asOf > supplierDay(ctx, supplier)
  const then = later ? { ...ctx, clock: { now: () => noonIn(supplier.time_zone, asOf) } } : ctx
  const run = generateInvoices(then, {
    ...{ tenants: [tenant], asOf, catchUp: null, dryRun: true, wait: false },
  })
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
  }
}

function isEmpty({ documents, accounts }: GeneratedRun): boolean {
  return documents.length === 0 && accounts.length === 0
}

async function nextDay(ctx: Pick<Context, 'db'>, tenant: TenantId): Promise<PlainDate | null> {
  const found = await firstRow<{ next: PlainDate | null }>(
    ctx.db,
    sql`select min(next_billing_on) as next from public.subscriptions
        where tenant_id = ${tenant} and (status <> 'cancelled' or next_billing_on < cancel_on)
          and (cancel_on is null or next_billing_on < cancel_on)`,
  )
  return found?.next ?? null
}

async function readRecipient(ctx: Pick<Context, 'db' | 'clock'>, tenant: TenantId) {
  const { time_zone, ...recipient } = await oneRow<Parameters<typeof partyOf>[0] & { time_zone: string }>(
    ctx.db,
    sql`select name, legal_name, country_code, state_code, gst_state_code, gstin, vat_id, address_line1, address_line2, city, postal_code,
               billing_email as email, time_zone
        from public.tenants where id = ${tenant}`,
  )
  return { ...recipient, today: dayIn(time_zone, ctx.clock.now()) }
}

interface Balance {
  currency: string
  balance_minor: bigint
}

async function readBalances(ctx: Pick<Context, 'db'>, tenant: TenantId): Promise<Balance[]> {
  return rows<Balance>(
    ctx.db,
    sql`select currency, balance_minor from public.credit_balances where tenant_id = ${tenant} and balance_minor > 0 order by currency`,
  )
}

/** Oldest first, as a run applies it (rule 8). */
function withCredit(documents: readonly DocumentJson[], balances: readonly Balance[]): PreviewDocument[] {
  const left = new Map(balances.map(({ currency, balance_minor }) => [currency, Number(balance_minor)]))
  return documents.map((document) => {
    const { currency, kind, total_minor } = document
    const balance = kind === 'credit_note' ? 0 : (left.get(currency) ?? 0)
    const applied = Math.min(balance, total_minor)
    left.set(currency, (left.get(currency) ?? 0) - applied)
    return previewOf(document, applied)
  })
}

function previewOf(document: DocumentJson, applied: number): PreviewDocument {
  const { kind, period, issue_date, due_date, currency, lines } = document
  const money = (amount_minor: number): MoneyJson => ({ amount_minor, currency })
  const taxes = (list: readonly object[]): DocumentTax[] =>
    (list as (Omit<DocumentTax, 'amount_minor'> & { amount_minor: number })[]).map((tax) => ({
      ...tax,
      amount_minor: BigInt(tax.amount_minor),
    }))
  const json = ({ head, rate, amount_minor }: DocumentTax): PreviewTax => {
    return { head, rate, amount: money(Number(amount_minor)) }
  }
  return {
    ...{ kind, period, issue_date, due_date },
    lines: lines.map((line) => ({
      description: line.description,
      period: { from: line.from, to: line.to },
      taxable: money(line.amount_minor),
      taxes: taxes(line.taxes).map(json),
    })),
    taxable: money(document.taxable_minor),
    taxes: sumByHead(lines.flatMap((line) => taxes(line.taxes))).map(json),
    total: money(document.total_minor),
    credit_applied: money(applied),
  }
}
