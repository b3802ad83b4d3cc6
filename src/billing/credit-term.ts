/** Until when a credit note takes the tax of its invoice back with it. */
import { financialYear } from './numbering.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TaxRegime } from './tax/rates.js'

/**
 * Section 34(2) of India's CGST Act: 30 November following the financial year of the supply is the last day on which a
 * credit note lowers the tax. Afterwards a credit is commercial: of the net alone, and the tax stays. Null: no limit.
 * @param issued the invoice's day of issue
 */
export function lastTaxedCredit(regime: TaxRegime, issued: PlainDate): PlainDate | null {
  return regime === 'in_gst' ? `${financialYear('IN', issued).to.slice(0, 4)}-11-30` : null
}
