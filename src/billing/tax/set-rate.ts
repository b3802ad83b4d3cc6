/** Puts a rate of tax on file from a day on, and in India the code under which modules are billed. */
import { execute, rows, sql } from '../../database/sql.js'
import { changeOrRehearse } from '../../database/rehearse.js'
import { dayIn, plainDate, type PlainDate } from '../../kernel/dates.js'
import { compareDecimals, decimalText, parseDecimal } from '../../kernel/decimal.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { isCountry } from '../../tenants/profile.js'
import { findSupplier, supplierDay } from '../supplier.js'
import { setModuleCodes } from './module-codes.js'
import { regimeOf, standardCode, type TaxRegime } from './rates.js'
import { readTaxCodes } from './rates-on-file.js'
import { supersede, type Supersession, type Version } from './supersede.js'
import type { Context } from '../../kernel/context.js'

export interface TaxRateInput {
  country: string
  /** Per cent, as decimal text. */
  rate: string
  /** In India the services accounting code; `standard` elsewhere where it is left out. */
  code?: string | undefined
  /** Today where it is left out. */
  from?: string | undefined
  source?: string | undefined
  /** India: modules that are billed under the code from that day on. */
  modules?: readonly string[] | undefined
}

export interface TaxRateJson {
  regime: TaxRegime
  country: string
  code: string
  /** Per cent, as decimal text. */
  rate: string
  from: PlainDate
  /** Exclusive; null: until further notice. */
  to: PlainDate | null
  source: string
}

export interface SetTaxRate {
  dry_run: boolean
  /** False where everything was so already, and nothing was written. */
  changed: boolean
  tax_rate: TaxRateJson
  /** What was in force on that day before. */
  was: { rate: string; from: PlainDate } | null
  /** Those that are billed under another code than before. */
  modules: string[]
}

interface Filed {
  rate: string
  source: string
}

type Ctx = Pick<Context, 'db' | 'clock' | 'actor' | 'warn'>

/** @throws usage `tax.rate_invalid`, `tax.code_invalid`, `tax.country_invalid`, `usage.date_invalid`, `module.unknown` */
export async function setTaxRate(ctx: Ctx, input: TaxRateInput, dryRun: boolean): Promise<SetTaxRate> {
  const country = checkedCountry(input.country)
  const rate = checkedRate(input.rate)
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    const today = await todayOf(inner)
    const from = input.from === undefined ? today : plainDate(input.from)
    const code = checkedCode(country, input, (await readTaxCodes(inner, from))('platform', ''))
    await execute(
      inner.db,
      sql`lock table public.tax_rates, public.module_tax_codes in share row exclusive mode`,
    )
    const step = supersede(await versionsOf(inner, country, code), from, (filed) => filed.rate === rate)
    const old = step.kind === 'add' ? step.close : step.kind === 'correct' ? step.old : null
    await record(inner, step, { country, code, rate, from, source: input.source ?? 'set by hand' })
    const modules = await setModuleCodes(inner, input.modules ?? [], code, from)
    const tax_rate = await inForce(inner, country, code, from)
    const was = old && { rate: old.value.rate, from: old.from }
    const changed = step.kind !== 'none' || modules.length > 0
    if (changed) {
      await audit(inner, {
        action: 'billing.tax_rate.set',
        subjectKind: 'tax_rate',
        subject: `${country} ${code}`,
        outcome: 'succeeded',
        ...(was ? { before: was } : {}),
        after: { ...tax_rate, modules },
      })
    }
    if (was && from < today) {
      ctx.warn({
        code: 'tax.backdated',
        message: `Documents issued since ${from} keep the rate they were issued with`,
      })
    }
    return { dry_run: dryRun, changed, tax_rate, was, modules }
  })
}

async function record(
  ctx: Ctx,
  step: Supersession<Filed>,
  { country, code, rate, from, source }: Omit<TaxRateJson, 'regime' | 'to'>,
): Promise<void> {
  if (step.kind === 'correct') {
    await execute(
      ctx.db,
      sql`update public.tax_rates set rate = ${rate}, source = ${source}, updated_at = clock_timestamp() where id = ${step.old.id}`,
    )
  } else if (step.kind === 'add') {
    if (step.close)
      await execute(
        ctx.db,
        sql`update public.tax_rates set validity = daterange(lower(validity), ${from}::date), updated_at = clock_timestamp() where id = ${step.close.id}`,
      )
    await execute(
      ctx.db,
      sql`insert into public.tax_rates (regime, country_code, code, rate, validity, source)
          values (${regimeOf(country)}, ${country}, ${code}, ${rate}, daterange(${from}::date, ${step.to}::date), ${source})`,
    )
  }
}

async function versionsOf(ctx: Ctx, country: string, code: string): Promise<Version<Filed>[]> {
  const found = await rows<Filed & Omit<Version<Filed>, 'value'>>(
    ctx.db,
    sql`select id, lower(validity) as from, upper(validity) as to, trim_scale(rate)::text as rate, source
        from public.tax_rates where country_code = ${country} and code = ${code}`,
  )
  return found.map(({ id, from, to, rate, source }) => ({ id, from, to, value: { rate, source } }))
}

async function inForce(ctx: Ctx, country: string, code: string, day: PlainDate): Promise<TaxRateJson> {
  const [found] = await rows<TaxRateJson>(
    ctx.db,
    sql`select regime, country_code as country, code, trim_scale(rate)::text as rate, lower(validity) as from, upper(validity) as to, source
        from public.tax_rates where country_code = ${country} and code = ${code} and validity @> ${day}::date`,
  )
  if (!found) throw new Error('the rate that was just recorded is not there')
  return found
}

/** The day it is where the supplier is; without one, in UTC. */
async function todayOf(ctx: Ctx): Promise<PlainDate> {
  const supplier = await findSupplier(ctx)
  return supplier ? supplierDay(ctx, supplier) : dayIn('UTC', ctx.clock.now())
}

/** In its shortest form: `18.00` is `18`. */
function checkedRate(text: string): string {
  const rate = parseDecimal(text.trim().replace(/\s*%$/, ''))
  const written = rate && decimalText(rate)
  if (
    rate &&
    written &&
    compareDecimals(rate, { units: 100n, scale: 0 }) <= 0 &&
    /^\d+(\.\d{1,4})?$/.test(written)
  )
    return written
  throw new ErpmaxError('usage', 'tax.rate_invalid', `"${text.slice(0, 40)}" is not a rate in per cent`, {
    hint: 'From 0 to 100 with at most four decimals: 18, 25.5',
    details: { rate: text.slice(0, 40) },
  })
}

/** @param usual the code of platform fees and of modules without one of their own */
function checkedCode(
  country: string,
  { code: given, modules = [] }: TaxRateInput,
  usual: string | null,
): string {
  const code = (given ?? (country === 'IN' ? usual : standardCode) ?? '').trim().toLowerCase()
  if (modules.length > 0 && (country !== 'IN' || given === undefined))
    throw invalidCode(
      'Modules are billed under a services accounting code of India',
      '--code 998314 --module crm',
      code,
    )
  if (country === 'IN' && !/^99\d{2,4}$/.test(code))
    throw invalidCode(`"${code.slice(0, 40)}" is not a services accounting code`, '--code 997331', code)
  if (country !== 'IN' && (!/^[a-z0-9]{1,20}$/.test(code) || /^\d{4,8}$/.test(code)))
    throw invalidCode(
      `"${code.slice(0, 40)}" is not a code of a rate`,
      '--code standard or --code export',
      code,
    )
  return code
}

function invalidCode(message: string, hint: string, code: string): ErpmaxError {
  return new ErpmaxError('usage', 'tax.code_invalid', message, { hint, details: { code: code.slice(0, 40) } })
}

function checkedCountry(text: string): string {
  const country = text.trim().toUpperCase()
  if (isCountry(country)) return country
  throw new ErpmaxError(
    'usage',
    'tax.country_invalid',
    `"${text.slice(0, 40)}" is not an ISO 3166 country code`,
    {
      hint: 'Two letters, such as IN or DE',
      details: { country: text.slice(0, 40) },
    },
  )
}
