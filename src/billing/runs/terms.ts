/** What holds for a whole run: who issues, on which day, at which rates. Read once at its beginning. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { findIndianState } from '../../tenants/indian-states.js'
import { PriceBook } from '../price-book.js'
import { requireSupplier, supplierDay, type Supplier } from '../supplier.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { DocumentParty } from '../document.js'
import type { TaxRate } from '../tax/rates.js'
import type { Files } from './prepare.js'

export interface RunTerms {
  supplier: Supplier
  /** The supplier as the documents show it. */
  supplierParty: DocumentParty
  /** Today where the supplier is, and never before the last document of the series (rule 12). */
  issueDate: PlainDate
  /** Null: the day it is in each tenant's own zone. */
  asOf: PlainDate | null
  catchUp: number
}

/**
 * @param asOf only chooses what is due; later than today only for a dry run
 * @throws conflict `billing.supplier_missing`, `billing.month_closed`; usage `billing.as_of_future`
 */
export async function readTerms(
  ctx: Pick<Context, 'db' | 'clock'>,
  { asOf, catchUp, dryRun }: { asOf: PlainDate | null; catchUp: number; dryRun: boolean },
): Promise<RunTerms> {
  const supplier = await requireSupplier(ctx)
  const today = supplierDay(ctx, supplier)
  if (asOf !== null && asOf > today && !dryRun) {
    throw new ErpmaxError(
      'usage',
      'billing.as_of_future',
      `${asOf} is later than today, ${today}: nothing is due yet`,
      {
        hint: `--as-of ${asOf} --dry-run shows what will be`,
      },
    )
  }
  const { issue_date: issueDate, closed } = await issueDay(ctx, supplier, today)
  if (closed && !dryRun) {
    throw new ErpmaxError(
      'conflict',
      'billing.month_closed',
      `The month of ${issueDate} is closed: nothing is issued into it`,
      {
        hint: 'erpmax billing runs list',
        details: { issue_date: issueDate },
      },
    )
  }
  return { supplier, supplierParty: partyOf(supplier), issueDate, asOf, catchUp }
}

async function issueDay(
  ctx: Pick<Context, 'db'>,
  supplier: Supplier,
  today: PlainDate,
): Promise<{ issue_date: PlainDate; closed: boolean }> {
  const found = await firstRow<{ issue_date: PlainDate; closed: boolean }>(
    ctx.db,
    sql`select d.issue_date, exists (select 1 from public.closed_months c where c.month = date_trunc('month', d.issue_date)::date) as closed
        from (select greatest(${today}::date, max(last_issue_date)) as issue_date from public.number_series
              where prefix in (${supplier.invoice_prefix}, ${supplier.credit_note_prefix})) d`,
  )
  return found ?? { issue_date: today, closed: false }
}

/** Prices, tax rates, codes and exchange rates, in memory for the length of a run. */
export async function readFiles(ctx: Pick<Context, 'db'>, { supplier, issueDate }: RunTerms): Promise<Files> {
  const prices = await PriceBook.read(ctx)
  const rates = await rows<TaxRate>(
    ctx.db,
    sql`select country_code, code, trim_scale(rate)::text as rate, lower(validity) as from, upper(validity) as to
        from public.tax_rates where validity @> ${issueDate}::date`,
  )
  const codes = await rows<{ module_code: string | null; code: string }>(
    ctx.db,
    sql`select module_code, code from public.module_tax_codes where validity @> ${issueDate}::date`,
  )
  const exchange = await rows<{ currency: string; rate: string; date: PlainDate; source: string }>(
    ctx.db,
    sql`select distinct on (currency) currency, trim_scale(rate)::text as rate, day as date, source from public.fx_rates
        where to_currency = ${supplier.currency} and day <= ${issueDate}::date order by currency, day desc, updated_at desc`,
  )
  const sacs = new Map(codes.map(({ module_code, code }) => [module_code, code]))
  const exchanges = new Map(exchange.map(({ currency, ...rate }) => [currency, rate]))
  return {
    prices,
    rates,
    sacOf: (code) => sacs.get(code) ?? sacs.get(null) ?? null,
    exchangeOf: (currency) => exchanges.get(currency) ?? null,
  }
}

export function partyOf(supplier: Supplier): DocumentParty {
  const state = supplier.gst_state_code ? findIndianState(supplier.gst_state_code) : null
  return {
    name: supplier.name,
    legal_name: supplier.legal_name,
    address: addressLines(supplier),
    country: supplier.country_code,
    state: state ? { code: state.iso, gst_code: state.gst, name: state.name } : null,
    gstin: supplier.gstin,
    vat_id: supplier.vat_id,
    email: supplier.email,
  }
}

export function addressLines(from: {
  address_line1: string | null
  address_line2: string | null
  city: string | null
  postal_code: string | null
}): string[] {
  const town = [from.postal_code, from.city].filter((part) => part !== null).join(' ')
  return [from.address_line1, from.address_line2, town].filter(
    (line): line is string => line !== null && line !== '',
  )
}
