/** The tax of a document's lines: pure, from both sides, the day and the rates on file (billing rules 6 and 21). */
import {
  compareDecimals,
  decimalText,
  denominator,
  parseDecimal,
  type Decimal,
} from '../../kernel/decimal.js'
import { divideHalfUp } from '../proration.js'
import { filedTax } from './elsewhere.js'
import { europeanVat } from './europe.js'
import { indianGst } from './india.js'
import { regimeOf, type TaxRate, type TaxRegime } from './rates.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { DocumentTax, TaxHead } from '../document.js'

/** A letter of undertaking; half-open days. */
export interface Lut {
  number: string
  from: PlainDate
  to: PlainDate
}

/** The columns of `billing_suppliers` that tax depends on. */
export interface TaxSupplier {
  country_code: string
  gst_state_code: string | null
  luts: readonly Lut[]
}

/** The columns of `tenants` that tax depends on. */
export interface TaxRecipient {
  country_code: string
  gst_state_code: string | null
  gstin: string | null
  /** Valid, or it would not have been stored. */
  vat_id: string | null
  gst_treatment: string | null
}

export interface TaxableLine {
  /** The net amount, rounded, in minor units; not negative. */
  taxable_minor: bigint
  /** Services accounting code; outside India it is not looked at. */
  sac: string | null
}

export type Supply =
  | 'intra_state'
  | 'inter_state'
  | 'sez'
  | 'export'
  | 'domestic'
  | 'customer_country'
  | 'reverse_charge'
  | 'out_of_scope'

export interface TaxedLine {
  sac: string | null
  taxable_minor: bigint
  taxes: DocumentTax[]
  tax_minor: bigint
}

export interface Assessment {
  regime: TaxRegime
  supply: Supply
  /** GST: state code and name. */
  place_of_supply: { code: string; name: string } | null
  reverse_charge: boolean
  endorsement: string | null
  /** Number of the letter of undertaking that makes the supply zero-rated. */
  lut: string | null
  /** In the order given. */
  lines: TaxedLine[]
  /** Sums by head and rate, in the order CGST, SGST, UTGST, IGST, VAT, lower rates first. */
  taxes: DocumentTax[]
  taxable_minor: bigint
  tax_minor: bigint
}

export interface HeadRate {
  head: TaxHead
  rate: Decimal
}

/** What the law of a regime says of one supply; `rate` of one of its lines. */
export interface Ruling extends Omit<Assessment, 'lines' | 'taxes' | 'taxable_minor' | 'tax_minor'> {
  keepsSac: boolean
  rate(line: TaxableLine): readonly HeadRate[]
}

const headOrder: readonly TaxHead[] = ['CGST', 'SGST', 'UTGST', 'IGST', 'VAT']

const laws = { in_gst: indianGst, eu_vat: europeanVat, other: filedTax }

/**
 * Each head is rounded half up on each rounded net line, then summed (rule 6).
 * @param day of issue
 * @param rates every rate that may be in force on the day; one list for a whole run is read once, so do not change it
 * @throws conflict `tax.rule_missing`: the account is to be parked; zero is never assumed
 */
export function taxOf(
  supplier: TaxSupplier,
  recipient: TaxRecipient,
  lines: readonly TaxableLine[],
  day: PlainDate,
  rates: readonly TaxRate[],
): Assessment {
  const { keepsSac, rate, ...ruling } = laws[regimeOf(supplier.country_code)](supplier, recipient, day, rates)
  const taxed = lines.map((line) => {
    const taxes = taxesOn(line.taxable_minor, rate(line))
    return {
      sac: keepsSac ? line.sac : null,
      taxable_minor: line.taxable_minor,
      taxes,
      tax_minor: sumOf(taxes),
    }
  })
  const taxes = sumByHead(taxed.flatMap((line) => line.taxes))
  return {
    ...ruling,
    lines: taxed,
    taxes,
    taxable_minor: taxed.reduce((sum, line) => sum + line.taxable_minor, 0n),
    tax_minor: sumOf(taxes),
  }
}

function taxesOn(taxable: bigint, heads: readonly HeadRate[]): DocumentTax[] {
  if (taxable < 0n) throw new RangeError(`a line of ${taxable} is a credit, not a charge`)
  return heads.map(({ head, rate }) => ({
    head,
    rate: decimalText(rate),
    amount_minor: divideHalfUp(taxable * rate.units, 100n * denominator(rate)),
  }))
}

/** Amounts of one head and rate together; also for the lines of a document that is already issued. */
export function sumByHead(taxes: readonly DocumentTax[]): DocumentTax[] {
  const sums = new Map<string, DocumentTax>()
  for (const { head, rate, amount_minor } of taxes) {
    const key = `${head} ${rate}`
    sums.set(key, { head, rate, amount_minor: (sums.get(key)?.amount_minor ?? 0n) + amount_minor })
  }
  return [...sums.values()].sort(
    (a, b) => headOrder.indexOf(a.head) - headOrder.indexOf(b.head) || compareRates(a.rate, b.rate),
  )
}

function compareRates(a: string, b: string): number {
  const [one, other] = [parseDecimal(a), parseDecimal(b)]
  return one && other ? compareDecimals(one, other) : 0
}

function sumOf(taxes: readonly DocumentTax[]): bigint {
  return taxes.reduce((sum, tax) => sum + tax.amount_minor, 0n)
}
