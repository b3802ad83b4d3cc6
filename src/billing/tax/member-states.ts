/** The member states of the European Union, and their money. */

/** ISO 3166 codes, in force since 2021; Greece is GR here and EL in VAT ids. */
export const memberStates: readonly string[] =
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ')

/** Money of member states outside the euro area. */
const ownMoney: Readonly<Record<string, string>> = {
  ...{ CZ: 'CZK', DK: 'DKK', HU: 'HUF', PL: 'PLN', RO: 'RON', SE: 'SEK' },
}

export function isMemberState(country: string): boolean {
  return memberStates.includes(country)
}

/** The currency of a member state. */
export function currencyOfMember(country: string): string {
  return ownMoney[country] ?? 'EUR'
}
