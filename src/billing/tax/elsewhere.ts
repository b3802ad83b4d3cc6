/** Tax of a supplier outside India and the European Union: nothing but what is on file for its country. */
import { exportCode, rateOn, standardCode, type TaxRate } from './rates.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { Ruling, TaxRecipient, TaxSupplier } from './tax.js'

/** One rate at home, another for customers abroad: neither stands for the other, and zero is a rate to be filed too. */
export function filedTax(
  supplier: TaxSupplier,
  recipient: TaxRecipient,
  day: PlainDate,
  rates: readonly TaxRate[],
): Ruling {
  const home = recipient.country_code === supplier.country_code
  const rate = rateOn(rates, supplier.country_code, home ? standardCode : exportCode, day)
  return {
    regime: 'other',
    supply: home ? 'domestic' : 'export',
    place_of_supply: null,
    reverse_charge: false,
    endorsement: null,
    lut: null,
    keepsSac: false,
    rate: () => [{ head: 'VAT', rate }],
  }
}
