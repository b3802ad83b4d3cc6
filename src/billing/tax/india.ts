/** India's GST: where a service is supplied, which heads that gives, and when it goes out without tax. */
import { half, type Decimal } from '../../kernel/decimal.js'
import { indianStates } from '../../tenants/indian-states.js'
import { rateOn, ruleMissing, type TaxRate } from './rates.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { HeadRate, Ruling, TaxableLine, TaxRecipient, TaxSupplier } from './tax.js'

/** GST codes of the union territories without a legislature (section 2(114) of the CGST Act). */
export const unionTerritories = ['04', '26', '31', '35', '38']

const places = new Map(indianStates.map(({ gst, name }) => [gst, { code: gst, name }]))

/** The GST portal's code for what lies outside India. */
const abroad = { code: '96', name: 'Other countries' }

const zeroRate: HeadRate[] = [{ head: 'IGST', rate: { units: 0n, scale: 0 } }]

/** The two endorsements of Rule 46 of the CGST Rules. */
const zeroRated = 'SUPPLY MEANT FOR EXPORT/SUPPLY TO SEZ UNIT OR SEZ DEVELOPER FOR AUTHORISED OPERATIONS'
export const withoutPayment = `${zeroRated} UNDER BOND OR LETTER OF UNDERTAKING WITHOUT PAYMENT OF INTEGRATED TAX`
export const onPayment = `${zeroRated} ON PAYMENT OF INTEGRATED TAX`

/**
 * Sections 7, 8, 12 and 16 of the IGST Act. A line without a code, or with one that has no rate on the day, has no
 * rule, whether the supply is zero-rated or not.
 */
export function indianGst(
  supplier: TaxSupplier,
  recipient: TaxRecipient,
  day: PlainDate,
  rates: readonly TaxRate[],
): Ruling {
  const supply = supplyOf(recipient)
  const place = supply === 'export' ? abroad : placeOfSupply(supplier, recipient, day)
  const common = { regime: 'in_gst', place_of_supply: place, reverse_charge: false, keepsSac: true } as const
  const rateOf = ({ sac }: TaxableLine): Decimal => rateOn(rates, 'IN', sac ?? 'none', day)
  if (supply !== null) {
    const lut = supplier.luts.find(({ from, to }) => from <= day && day < to)?.number ?? null
    return {
      ...common,
      supply,
      endorsement: lut === null ? onPayment : withoutPayment,
      lut,
      rate: (line) => {
        const rate = rateOf(line)
        return lut === null ? [{ head: 'IGST', rate }] : zeroRate
      },
    }
  }
  const local = place.code === supplier.gst_state_code
  const second = unionTerritories.includes(place.code) ? 'UTGST' : 'SGST'
  return {
    ...common,
    supply: local ? 'intra_state' : 'inter_state',
    endorsement: null,
    lut: null,
    rate: (line) => {
      const rate = rateOf(line)
      if (!local) return [{ head: 'IGST', rate }]
      return [
        { head: 'CGST', rate: half(rate) },
        { head: second, rate: half(rate) },
      ]
    },
  }
}

/** What is zero-rated under section 16 of the IGST Act; null for everything else. */
function supplyOf(recipient: TaxRecipient): 'export' | 'sez' | null {
  if (recipient.country_code !== 'IN') return 'export'
  return recipient.gst_treatment === 'sez' ? 'sez' : null
}

/** The state of the recipient's GSTIN, else of its address, else the supplier's own. */
function placeOfSupply(
  supplier: TaxSupplier,
  recipient: TaxRecipient,
  day: PlainDate,
): { code: string; name: string } {
  const code = recipient.gstin?.slice(0, 2) ?? recipient.gst_state_code ?? supplier.gst_state_code ?? 'none'
  const place = places.get(code)
  if (place) return place
  throw ruleMissing(
    `No state of India has the GST code ${code}`,
    { country: 'IN', code, day },
    'Correct the GSTIN or the state of the customer',
  )
}
