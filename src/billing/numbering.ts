/** The numbers of documents: prefix, financial year and a counter, at most 16 characters (billing rule 17). */
import { ErpmaxError } from '../kernel/errors.js'
import type { PlainDate } from '../kernel/dates.js'

/** A number is unique within it. `label` is how it stands in the number: `26-27` in India, `26` elsewhere. */
export interface FinancialYear {
  label: string
  /** Half-open: the days `[from, to)`. */
  from: PlainDate
  to: PlainDate
}

/** Rule 46 of India's CGST Rules; kept for every supplier, so that one shape fits all. */
const longest = 16
const fewestDigits = 5

/**
 * India's begins on 1 April, everybody else's is the calendar year.
 * @param day of issue in the supplier's own zone: in India the year turns at midnight IST
 */
export function financialYear(country: string, day: PlainDate): FinancialYear {
  const year = Number(day.slice(0, 4))
  if (country !== 'IN') return { label: twoDigits(year), from: `${year}-01-01`, to: `${year + 1}-01-01` }
  const first = day.slice(5) >= '04-01' ? year : year - 1
  return {
    label: `${twoDigits(first)}-${twoDigits(first + 1)}`,
    from: `${first}-04-01`,
    to: `${first + 1}-04-01`,
  }
}

/**
 * `ERP/26-27/00001`; from 100,000 on it grows by a digit.
 * @throws conflict `numbering.series_full` where it would be longer than 16 characters
 */
export function documentNumber(prefix: string, year: Pick<FinancialYear, 'label'>, counter: bigint): string {
  const number = `${prefix}/${year.label}/${counter.toString().padStart(fewestDigits, '0')}`
  if (number.length <= longest) return number
  throw new ErpmaxError(
    'conflict',
    'numbering.series_full',
    `${number} would have ${number.length} characters; a number has at most ${longest}`,
    {
      hint: `erpmax billing supplier set --prefix ${prefix.slice(0, -1) || 'A'}`,
      details: { prefix, year: year.label, counter: counter.toString() },
    },
  )
}

/** The largest number that a prefix has room for in a year. */
export function lastCounter(country: string, prefix: string): bigint {
  const digits = longest - prefix.length - labelLength(country) - 2
  return 10n ** BigInt(Math.max(digits, 0)) - 1n
}

/**
 * Refuses a prefix whose numbers would not be legal.
 * @param field `prefix` or `credit_note_prefix`
 * @throws usage `supplier.<field>_invalid`
 */
export function checkPrefix(country: string, prefix: string, field: string): void {
  const length = prefix.length + labelLength(country) + 2 + fewestDigits
  const most = longest - (length - prefix.length)
  const wrong = !/^[A-Z0-9/-]+$/.test(prefix)
    ? 'has other characters than A-Z, 0-9, / and -'
    : /^[0/-]/.test(prefix)
      ? 'begins with 0, / or -'
      : length > longest
        ? `makes numbers of ${length} characters, and ${longest} are allowed`
        : null
  if (wrong === null) return
  throw new ErpmaxError(
    'usage',
    `supplier.${field}_invalid`,
    `The prefix "${prefix.slice(0, 40)}" ${wrong}`,
    {
      hint: `At most ${most} characters, such as --${field.replaceAll('_', '-')} ERP`,
      details: { field, most },
    },
  )
}

function labelLength(country: string): number {
  return country === 'IN' ? '26-27'.length : '26'.length
}

function twoDigits(year: number): string {
  return String(year % 100).padStart(2, '0')
}
