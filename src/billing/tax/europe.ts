/** VAT of a supplier in the European Union: Directive 2006/112/EC, Articles 44, 58, 59 and 196. */
import { isMemberState } from './member-states.js'
import { rateOn, standardCode, type TaxRate } from './rates.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { Ruling, TaxRecipient, TaxSupplier } from './tax.js'

export const reverseChargeWords =
  'Reverse charge: VAT is to be accounted for by the recipient (Article 196 of Directive 2006/112/EC)'
export const outOfScopeWords = 'Outside the scope of EU VAT (Articles 44 and 59 of Directive 2006/112/EC)'

/**
 * The rate at home; reverse charge for a VAT id of the customer's own country; else the rate of that country. A VAT
 * id is checked when it is stored (tenants/profile.ts), so what stands on the recipient is a valid one.
 */
export function europeanVat(
  supplier: TaxSupplier,
  recipient: TaxRecipient,
  day: PlainDate,
  rates: readonly TaxRate[],
): Ruling {
  // Article 7: what is supplied to Monaco counts as supplied to France.
  const country = recipient.country_code === 'MC' ? 'FR' : recipient.country_code
  const common = { regime: 'eu_vat', place_of_supply: null, lut: null, keepsSac: false } as const
  if (country !== supplier.country_code && !isMemberState(country)) {
    return {
      ...common,
      supply: 'out_of_scope',
      reverse_charge: false,
      endorsement: outOfScopeWords,
      rate: () => [],
    }
  }
  if (country !== supplier.country_code && recipient.vat_id?.startsWith(country === 'GR' ? 'EL' : country)) {
    return {
      ...common,
      supply: 'reverse_charge',
      reverse_charge: true,
      endorsement: reverseChargeWords,
      rate: () => [],
    }
  }
  const rate = rateOn(rates, country, standardCode, day)
  return {
    ...common,
    supply: country === supplier.country_code ? 'domestic' : 'customer_country',
    reverse_charge: false,
    endorsement: null,
    rate: () => [{ head: 'VAT', rate }],
  }
}
