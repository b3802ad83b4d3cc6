/** What foreign money is worth in the supplier's: rates by day and source, and exact conversion (billing rule 9). */
import { execute, firstRow, sql } from '../database/sql.js'
import { changeOrRehearse } from '../database/rehearse.js'
import { dayIn, plainDate, type PlainDate } from '../kernel/dates.js'
import { decimalText, denominator, parseDecimal, type Decimal } from '../kernel/decimal.js'
import { ErpmaxError } from '../kernel/errors.js'
import { currencyCode, minorDigits } from '../kernel/money.js'
import { audit } from '../operations/audit.js'
import { divideHalfUp } from './proration.js'
import { findSupplier, supplierDay } from './supplier.js'
import type { Context } from '../kernel/context.js'

export interface ExchangeRate {
  currency: string
  to_currency: string
  /** What one unit of `currency` is worth, as decimal text. */
  rate: string
  date: PlainDate
  source: string
}

export interface ExchangeRateInput {
  currency: string
  rate: string
  /** The supplier's currency where it is left out; without a supplier INR. */
  to?: string | undefined
  /** Today where it is left out. */
  date?: string | undefined
  source?: string | undefined
}

export interface SetExchangeRate {
  dry_run: boolean
  /** False where the same rate was on file, and nothing was written. */
  changed: boolean
  fx_rate: ExchangeRate
  /** The rate of that day and source that this one replaces. */
  was: string | null
}

type Ctx = Pick<Context, 'db' | 'clock' | 'actor' | 'warn'>

/** Beyond this factor against the rate before it a rate is more often upside down than right. */
const largestStep = 2n

/** @throws usage `fx.rate_invalid`, `fx.same_currency`, `currency.invalid`, `usage.date_invalid` */
export async function setExchangeRate(
  ctx: Ctx,
  input: ExchangeRateInput,
  dryRun: boolean,
): Promise<SetExchangeRate> {
  const currency = currencyCode(input.currency)
  const rate = checkedRate(input.rate)
  const source = input.source?.trim() || 'manual'
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    const supplier = await findSupplier(inner)
    const to_currency = currencyCode(input.to ?? supplier?.currency ?? 'INR')
    if (currency === to_currency)
      throw new ErpmaxError(
        'usage',
        'fx.same_currency',
        `${currency} is the currency amounts are counted in`,
        {
          hint: 'erpmax billing fx list',
          details: { currency },
        },
      )
    const today = supplier ? supplierDay(inner, supplier) : dayIn('UTC', inner.clock.now())
    const date = input.date === undefined ? today : plainDate(input.date)
    const fx_rate = { currency, to_currency, rate: decimalText(rate), date, source }
    await execute(inner.db, sql`lock table public.fx_rates in share row exclusive mode`)
    const was = await filedRate(inner, fx_rate)
    const changed = was !== fx_rate.rate
    if (changed) {
      await warnOfStep(inner, fx_rate)
      await store(inner, fx_rate)
      await audit(inner, {
        action: 'billing.fx.set',
        subjectKind: 'fx_rate',
        subject: `${currency} ${date}`,
        outcome: 'succeeded',
        ...(was === null ? {} : { before: { rate: was } }),
        after: { ...fx_rate },
      })
    }
    return { dry_run: dryRun, changed, fx_rate, was }
  })
}

/** The rate of a day, else the latest before it; of several sources the one set last. Null: none is on file. */
export async function exchangeRateOn(
  ctx: Pick<Context, 'db'>,
  currency: string,
  toCurrency: string,
  day: PlainDate,
): Promise<ExchangeRate | null> {
  return firstRow<ExchangeRate>(
    ctx.db,
    sql`select currency, to_currency, trim_scale(rate)::text as rate, day as date, source from public.fx_rates
        where currency = ${currency} and to_currency = ${toCurrency} and day <= ${day}::date
        order by day desc, updated_at desc, id limit 1`,
  )
}

/** An amount in minor units of `to_currency`, rounded half up once. */
export function convert(
  amountMinor: bigint,
  { currency, to_currency, rate }: Pick<ExchangeRate, 'currency' | 'to_currency' | 'rate'>,
): bigint {
  const exact = parseDecimal(rate)
  if (!exact) throw new TypeError(`not a rate: ${rate}`)
  const up = 10n ** BigInt(minorDigits(to_currency))
  const down = 10n ** BigInt(minorDigits(currency))
  return divideHalfUp(amountMinor * exact.units * up, denominator(exact) * down)
}

async function filedRate(
  ctx: Ctx,
  { currency, to_currency, date, source }: ExchangeRate,
): Promise<string | null> {
  const found = await firstRow<{ rate: string }>(
    ctx.db,
    sql`select trim_scale(rate)::text as rate from public.fx_rates
        where currency = ${currency} and to_currency = ${to_currency} and day = ${date}::date and source = ${source}`,
  )
  return found?.rate ?? null
}

async function store(ctx: Ctx, { currency, to_currency, rate, date, source }: ExchangeRate): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.fx_rates (currency, to_currency, rate, day, source, operator)
        values (${currency}, ${to_currency}, ${rate}, ${date}, ${source}, ${ctx.actor.operator})
        on conflict (currency, to_currency, day, source)
        do update set rate = excluded.rate, operator = excluded.operator, updated_at = clock_timestamp()`,
  )
}

async function warnOfStep(ctx: Ctx, { currency, to_currency, rate, date }: ExchangeRate): Promise<void> {
  const last = await exchangeRateOn(ctx, currency, to_currency, date)
  const [now, before] = [parseDecimal(rate), last && parseDecimal(last.rate)]
  if (!last || !now || !before) return
  const [a, b] = [now.units * denominator(before), before.units * denominator(now)]
  if (a <= largestStep * b && b <= largestStep * a) return
  ctx.warn({
    code: 'fx.large_step',
    message: `The rate of ${last.date} is ${last.rate}: is ${rate} ${to_currency} for one ${currency} meant?`,
  })
}

function checkedRate(text: string): Decimal {
  const rate = parseDecimal(text.trim())
  if (rate && rate.units > 0n && /^\d{1,9}(\.\d{1,10})?$/.test(decimalText(rate))) return rate
  throw new ErpmaxError('usage', 'fx.rate_invalid', `"${text.slice(0, 40)}" is not a rate of exchange`, {
    hint: 'What one unit is worth, above zero, with at most ten decimals: 83.245',
    details: { rate: text.slice(0, 40) },
  })
}
