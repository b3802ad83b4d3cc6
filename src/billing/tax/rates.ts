/** Rates of tax as dated data; one that is not on file is an error, never zero. */
import { ErpmaxError } from '../../kernel/errors.js'
import { parseDecimal, type Decimal } from '../../kernel/decimal.js'
import { isMemberState } from './member-states.js'
import type { PlainDate } from '../../kernel/dates.js'

/** Which law a supplier is under: its country decides. */
export type TaxRegime = 'in_gst' | 'eu_vat' | 'other'

export interface TaxRate {
  country_code: string
  /** In India the services accounting code; elsewhere `standard`, and `export` for customers abroad. */
  code: string
  /** Per cent, as decimal text. */
  rate: string
  from: PlainDate
  /** Exclusive; null: in force until further notice. */
  to: PlainDate | null
}

export const standardCode = 'standard'
export const exportCode = 'export'

export function regimeOf(country: string): TaxRegime {
  if (country === 'IN') return 'in_gst'
  return isMemberState(country) ? 'eu_vat' : 'other'
}

interface Filed {
  rate: Decimal
  from: PlainDate
  to: PlainDate | null
}

/** By country and code, read once for each list: a run asks the same one for every line. */
const indexes = new WeakMap<readonly TaxRate[], Map<string, Filed[]>>()

/** @throws conflict `tax.rule_missing` where no rate is on file for the code on that day */
export function rateOn(rates: readonly TaxRate[], country: string, code: string, day: PlainDate): Decimal {
  const versions = indexOf(rates).get(`${country} ${code}`) ?? []
  const found = versions.find(({ from, to }) => from <= day && (to === null || day < to))
  if (found) return found.rate
  const named = code === standardCode ? '' : ` --code ${code}`
  throw ruleMissing(
    `There is no rate of tax on file for ${country}, code ${code}, on ${day}`,
    { country, code, day },
    `erpmax billing tax-rate set ${country} <per cent>${named} --from ${day}`,
  )
}

function indexOf(rates: readonly TaxRate[]): Map<string, Filed[]> {
  const known = indexes.get(rates)
  if (known) return known
  const index = new Map<string, Filed[]>()
  for (const { country_code, code, rate, from, to } of rates) {
    const parsed = parseDecimal(rate)
    if (!parsed) throw new TypeError(`not a rate: ${rate}`)
    const key = `${country_code} ${code}`
    index.set(key, [...(index.get(key) ?? []), { rate: parsed, from, to }])
  }
  indexes.set(rates, index)
  return index
}

/** The account is parked until somebody has put on file what is missing. */
export function ruleMissing(
  message: string,
  details: { country: string; code: string; day: PlainDate },
  hint: string,
): ErpmaxError {
  return new ErpmaxError('conflict', 'tax.rule_missing', message, { hint, details })
}
