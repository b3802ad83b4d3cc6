/** The company that issues the invoices: one at a time, in versions; without it nothing is issued (billing rule 11). */
import { firstRow, sql, type Sql } from '../database/sql.js'
import { addDays, dayIn, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { documentNumber, financialYear } from './numbering.js'
import type { Context } from '../kernel/context.js'
import type { Lut } from './tax/tax.js'

/** Keys are the columns of `public.billing_suppliers`. */
export interface Particulars {
  name: string
  legal_name: string
  country_code: string
  state_code: string | null
  gst_state_code: string | null
  gstin: string | null
  vat_id: string | null
  address_line1: string
  address_line2: string | null
  city: string | null
  postal_code: string | null
  email: string | null
  currency: string
  time_zone: string
  invoice_prefix: string
  credit_note_prefix: string
  payment_terms_days: number
  /** How it is paid by bank, in words, on one line. */
  payment_details: string | null
}

/** One version; `taxOf` takes it as it is. */
export interface Supplier extends Particulars {
  id: string
  /** Null: the first version, for every day before the second. */
  valid_from: PlainDate | null
  recorded_on: PlainDate
  luts: Lut[]
}

export interface SupplierJson extends Omit<Particulars, 'country_code' | 'state_code'> {
  id: string
  country: string
  state: string | null
  valid_from: PlainDate | null
  /** Letters of undertaking, oldest first; `last_day` belongs to it. */
  luts: { number: string; first_day: PlainDate; last_day: PlainDate }[]
  /** The number of a letter that covers today, where there is one. */
  lut_in_force: string | null
  /** The first numbers of the financial year it is. */
  first_numbers: { invoice: string; credit_note: string }
}

/**
 * The version in force on a day of issue, or null.
 * @param day null: the day it is where the supplier is
 */
export async function findSupplier(
  ctx: Pick<Context, 'db' | 'clock'>,
  day: PlainDate | null = null,
): Promise<Supplier | null> {
  const on = sql`coalesce(${day}::date, (${ctx.clock.now()}::timestamptz at time zone s.time_zone)::date)`
  return readVersion(ctx, sql`s.validity @> ${on}`)
}

/** The version that nothing has closed, whatever day it is. */
export async function latestSupplier(ctx: Pick<Context, 'db'>): Promise<Supplier | null> {
  return readVersion(ctx, sql`upper_inf(s.validity) and not isempty(s.validity)`)
}

/** @throws conflict `billing.supplier_missing` */
export async function requireSupplier(
  ctx: Pick<Context, 'db' | 'clock'>,
  day: PlainDate | null = null,
): Promise<Supplier> {
  const supplier = await findSupplier(ctx, day)
  if (supplier) return supplier
  throw new ErpmaxError('conflict', 'billing.supplier_missing', 'Nobody is set up who issues the invoices', {
    hint: 'erpmax billing supplier set --legal-name "Acme Private Limited" --address-line1 "1 MG Road" --city Mumbai --gstin 27AAPFU0939F1ZV',
  })
}

async function readVersion(ctx: Pick<Context, 'db'>, where: Sql): Promise<Supplier | null> {
  return firstRow<Supplier>(
    ctx.db,
    sql`select s.id, s.name, s.legal_name, s.country_code, s.state_code, s.gst_state_code, s.gstin, s.vat_id, s.address_line1,
               s.address_line2, s.city, s.postal_code, s.email, s.currency, s.time_zone, s.invoice_prefix, s.credit_note_prefix,
               s.payment_terms_days, s.payment_details, s.recorded_on, lower(s.validity) as valid_from,
               (select coalesce(jsonb_agg(jsonb_build_object('number', l.number, 'from', lower(l.validity), 'to', upper(l.validity))
                                          order by l.validity), '[]')
                from public.billing_luts l where l.gstin = s.gstin) as luts
        from public.billing_suppliers s where ${where} order by lower(s.validity) desc nulls last limit 1`,
  )
}

/** The day it is where the supplier is: of issue, of its series of numbers, of its letters of undertaking. */
export function supplierDay(ctx: Pick<Context, 'clock'>, supplier: Pick<Supplier, 'time_zone'>): PlainDate {
  return dayIn(supplier.time_zone, ctx.clock.now())
}

/** That of an instant, for money that moves: in UTC where nobody is set up yet. */
export async function supplierDayAt(ctx: Pick<Context, 'db' | 'clock'>, at: Date): Promise<PlainDate> {
  const supplier = await findSupplier(ctx)
  return dayIn(supplier?.time_zone ?? 'UTC', at)
}

export function supplierJson(ctx: Pick<Context, 'clock'>, supplier: Supplier): SupplierJson {
  const { country_code: country, state_code: state, recorded_on: _, luts, ...rest } = supplier
  const today = supplierDay(ctx, supplier)
  const year = financialYear(country, today)
  return {
    ...rest,
    country,
    state,
    luts: luts.map(({ number, from, to }) => ({ number, first_day: from, last_day: addDays(to, -1) })),
    lut_in_force: luts.find(({ from, to }) => from <= today && today < to)?.number ?? null,
    first_numbers: {
      invoice: documentNumber(rest.invoice_prefix, year, 1n),
      credit_note: documentNumber(rest.credit_note_prefix, year, 1n),
    },
  }
}
