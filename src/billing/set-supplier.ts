/** Sets up who issues the invoices, or changes it: a new version that closes the one before. */
import { execute, firstRow, sql } from '../database/sql.js'
import { changeOrRehearse } from '../database/rehearse.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { recordLut, type LutInput } from './letters.js'
import { completeParticulars, type ParticularsInput } from './supplier-particulars.js'
import {
  latestSupplier,
  supplierDay,
  supplierJson,
  type Particulars,
  type Supplier,
  type SupplierJson,
} from './supplier.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export interface SupplierInput extends ParticularsInput {
  lut?: LutInput | undefined
}

export interface SetSupplier {
  dry_run: boolean
  /** What is new, by the names of JSON; empty where everything was so already. */
  changed: string[]
  supplier: SupplierJson
}

type Ctx = Pick<Context, 'db' | 'clock' | 'actor' | 'warn'>

/**
 * @throws usage `supplier.<field>_invalid`, `usage.missing`
 * @throws conflict `supplier.prefix_taken`, `supplier.later_version`, `supplier.lut_overlap`
 */
export async function setSupplier(ctx: Ctx, input: SupplierInput, dryRun: boolean): Promise<SetSupplier> {
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    await execute(inner.db, sql`lock table public.billing_suppliers in share row exclusive mode`)
    const was = await latestSupplier(inner)
    const wanted = await completeParticulars(was, input)
    const fields = was ? changedFields(was, wanted) : (Object.keys(wanted) as (keyof Particulars)[])
    if (fields.length > 0) {
      await refuseTakenPrefix(inner, wanted)
      await recordVersion(inner, was, wanted)
    }
    const lutChanged = input.lut ? await recordLut(inner, wanted.gstin, input.lut) : false
    const supplier = supplierJson(inner, await latest(inner))
    const changed = [...fields.map(keyOf), ...(lutChanged ? ['luts' as const] : [])]
    if (changed.length > 0) await tell(inner, was, supplier, changed)
    if (changed.includes('time_zone') && supplier.time_zone === 'UTC' && input.timeZone === undefined) {
      ctx.warn({
        code: 'supplier.time_zone_unknown',
        message: `Issue dates are counted in UTC: ${supplier.country} has several time zones, --time-zone names one`,
      })
    }
    return { dry_run: dryRun, changed, supplier }
  })
}

function changedFields(was: Particulars, wanted: Particulars): (keyof Particulars)[] {
  return (Object.keys(wanted) as (keyof Particulars)[]).filter((key) => was[key] !== wanted[key])
}

/** Numbers of one kind must not come again as numbers of the other. */
async function refuseTakenPrefix(ctx: Ctx, wanted: Particulars): Promise<void> {
  const taken = await firstRow<{ prefix: string }>(
    ctx.db,
    sql`select case when credit_note_prefix = ${wanted.invoice_prefix} then credit_note_prefix else invoice_prefix end as prefix
        from public.billing_suppliers
        where not isempty(validity)
          and (credit_note_prefix = ${wanted.invoice_prefix} or invoice_prefix = ${wanted.credit_note_prefix}) limit 1`,
  )
  if (!taken) return
  throw new ErpmaxError(
    'conflict',
    'supplier.prefix_taken',
    `The prefix ${taken.prefix} has been used for documents of the other kind`,
    { hint: 'Take another --prefix or --credit-note-prefix', details: { prefix: taken.prefix } },
  )
}

/**
 * A version holds from the day it is recorded. What was recorded the same day is corrected: the new version holds
 * from where the old one did.
 */
async function recordVersion(ctx: Ctx, was: Supplier | null, wanted: Particulars): Promise<void> {
  const today = supplierDay(ctx, wanted)
  let from: PlainDate | null = null
  if (was) {
    from = was.recorded_on === today ? was.valid_from : today
    if (was.valid_from !== null && from !== null && from < was.valid_from) throw laterVersion(was)
    const closed =
      from === was.valid_from ? sql`'empty'::daterange` : sql`daterange(lower(validity), ${from}::date)`
    await execute(ctx.db, sql`update public.billing_suppliers set validity = ${closed} where id = ${was.id}`)
  }
  await execute(
    ctx.db,
    sql`insert into public.billing_suppliers
          (validity, recorded_on, name, legal_name, country_code, state_code, gst_state_code, gstin, vat_id, address_line1, address_line2,
           city, postal_code, email, currency, time_zone, invoice_prefix, credit_note_prefix, payment_terms_days,
           payment_details, operator)
        values (daterange(${from}::date, null), ${today}, ${wanted.name}, ${wanted.legal_name}, ${wanted.country_code},
                ${wanted.state_code}, ${wanted.gst_state_code}, ${wanted.gstin}, ${wanted.vat_id}, ${wanted.address_line1},
                ${wanted.address_line2}, ${wanted.city}, ${wanted.postal_code}, ${wanted.email}, ${wanted.currency},
                ${wanted.time_zone}, ${wanted.invoice_prefix}, ${wanted.credit_note_prefix}, ${wanted.payment_terms_days},
                ${wanted.payment_details}, ${ctx.actor.operator})`,
  )
}

function laterVersion({ valid_from }: Supplier): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'supplier.later_version',
    `A version of the supplier begins on ${valid_from}, which is later than today`,
    { hint: 'Correct the clock (ERPMAX_NOW), or wait for that day', details: { valid_from } },
  )
}

async function latest(ctx: Ctx): Promise<Supplier> {
  const supplier = await latestSupplier(ctx)
  if (!supplier) throw new Error('the supplier that was just recorded is not there')
  return supplier
}

async function tell(
  ctx: Ctx,
  was: Supplier | null,
  supplier: SupplierJson,
  changed: readonly (keyof SupplierJson)[],
): Promise<void> {
  const before = was && supplierJson(ctx, was)
  await audit(ctx, {
    action: 'billing.supplier.set',
    subjectKind: 'supplier',
    subject: supplier.legal_name,
    outcome: 'succeeded',
    ...(before ? { before: only(before, changed) } : {}),
    after: only(supplier, changed),
  })
}

/** JSON has its own names for two of the columns. */
function keyOf(field: keyof Particulars): keyof SupplierJson {
  if (field === 'country_code') return 'country'
  return field === 'state_code' ? 'state' : field
}

function only(supplier: SupplierJson, keys: readonly (keyof SupplierJson)[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, supplier[key]]))
}
