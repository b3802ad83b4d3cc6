/** Tax identifiers with their check digits: GSTIN (India) and VAT ids (EU, UK), by way of stdnum. */
import type { Validator } from 'stdnum'

/** Under which name stdnum keeps a country's VAT id. */
const vatNames: Readonly<Record<string, string>> = {
  ...{
    AT: 'uid',
    BE: 'vat',
    BG: 'vat',
    CY: 'vat',
    CZ: 'dic',
    DE: 'vat',
    DK: 'cvr',
    EE: 'kmkr',
    ES: 'nif',
    FI: 'alv',
  },
  ...{
    FR: 'tva',
    GB: 'vat',
    GR: 'vat',
    HR: 'oib',
    HU: 'anum',
    IE: 'vat',
    IT: 'iva',
    LT: 'pvm',
    LU: 'tva',
    LV: 'pvn',
  },
  ...{ MT: 'vat', NL: 'btw', PL: 'nip', PT: 'nif', RO: 'cf', SE: 'vat', SI: 'ddv', SK: 'dph' },
}

/** A CommonJS module: bundled and loaded late, it has its names on the default export alone. */
async function loadStdnum(): Promise<Pick<typeof import('stdnum'), 'stdnum'>> {
  return (await import('stdnum')).default
}

/** The GSTIN in its usual form, or null where length, state, PAN or check digit is wrong. */
export async function validGstin(text: string): Promise<string | null> {
  const { stdnum } = await loadStdnum()
  const compact = text.replace(/[\s-]/g, '').toUpperCase()
  const verdict = stdnum.IN?.gstin?.validate(compact)
  return verdict?.isValid ? verdict.compact : null
}

/** The VAT id with its country's prefix (`EL` for Greece), or null where it is wrong. Elsewhere the form alone is judged. */
export async function validVatId(country: string, text: string): Promise<string | null> {
  const compact = text.replace(/[\s.-]/g, '').toUpperCase()
  const prefix = country === 'GR' ? 'EL' : country
  const number = compact.startsWith(prefix) ? compact.slice(prefix.length) : compact
  const name = vatNames[country]
  if (name) {
    const { stdnum } = await loadStdnum()
    const validator = (stdnum[country] as Record<string, Validator> | undefined)?.[name]
    if (validator && !validator.validate(number).isValid && !validator.validate(prefix + number).isValid)
      return null
  }
  return /^[A-Z0-9]{2,13}$/.test(number) ? prefix + number : null
}
