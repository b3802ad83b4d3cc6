/** What holds for a whole run: who issues, on which day, at which rates. Read once at its beginning. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { exchangeRateOn, type ExchangeRate } from '../exchange.js'
import { partyOf } from '../party.js'
import { PriceBook } from '../price-book.js'
import { requireSupplier, supplierDay, type Supplier } from '../supplier.js'
import { readTaxCodes, readTaxRates } from '../tax/rates-on-file.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { DocumentParty } from '../document.js'
import type { DayOptions } from './due.js'
import type { Files } from './prepare.js'

export interface RunTerms extends DayOptions {
  supplier: Supplier
  /** The supplier as the documents show it. */
  supplierParty: DocumentParty & { payment_details: string | null }
  /** Today where the supplier is, and never before the last document of the series (rule 12). */
  issueDate: PlainDate
  /** Periods of one subscription at most (rule 12). */
  catchUp: number
}

/**
 * @param asOf only chooses what is due; later than today only for a dry run
 * @throws conflict `billing.supplier_missing`, `billing.month_closed`; usage `billing.as_of_future`
 */
export async function readTerms(
  ctx: Pick<Context, 'db' | 'clock'>,
  { asOf, catchUp, dryRun }: DayOptions & { catchUp: number },
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
  if (closed) {
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
  const { payment_details } = supplier
  const supplierParty = { ...partyOf(supplier), payment_details }
  return { supplier, supplierParty, issueDate, asOf, catchUp, dryRun }
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
  const currencies = await rows<{ currency: string }>(
    ctx.db,
    sql`select distinct currency from public.subscriptions where currency <> ${supplier.currency}`,
  )
  const exchange = new Map<string, ExchangeRate>()
  for (const { currency } of currencies) {
    const rate = await exchangeRateOn(ctx, currency, supplier.currency, issueDate)
    if (rate) exchange.set(currency, rate)
  }
  return {
    prices: await PriceBook.read(ctx),
    rates: await readTaxRates(ctx),
    sacOf: await readTaxCodes(ctx, issueDate),
    exchange,
  }
}
