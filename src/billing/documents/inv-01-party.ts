/** A party of an e-invoice: name, address, place, PIN and state as the portal's schema wants them. */
import type { DocumentParty } from '../document.js'

/** Names and lengths are the schema's. */
export interface Party {
  Gstin: string
  LglNm: string
  TrdNm?: string
  Addr1: string
  Addr2?: string
  Loc: string
  Pin: number | null
  Stcd: string
  Em?: string
}

/** The portal's code for every place abroad, and its PIN. */
export const abroad = { state: '96', pin: 999_999 }

/** @param where `SellerDtls` or `BuyerDtls`, for the problems it adds */
export function partyOf(party: DocumentParty, where: string, problems: string[]): Party {
  const inIndia = party.country === 'IN'
  const { street, place, pin } = addressOf(party)
  if (inIndia && pin === null) problems.push(`${where}.Pin: the address has no PIN code`)
  if (place.length < 3) problems.push(`${where}.Loc: the address names no place`)
  if (street.length === 0) problems.push(`${where}.Addr1: there is no address`)
  const state = inIndia ? (party.gstin?.slice(0, 2) ?? party.state?.gst_code ?? '') : abroad.state
  const rest = clean(street.slice(1).join(', '), 100)
  return {
    Gstin: party.gstin ?? 'URP',
    LglNm: clean(party.legal_name, 100),
    ...(party.name !== party.legal_name && party.name.length >= 3 && { TrdNm: clean(party.name, 100) }),
    Addr1: clean(street[0] ?? '', 100),
    ...(rest.length >= 3 && { Addr2: rest }),
    Loc: clean(place, 50),
    Pin: inIndia ? pin : abroad.pin,
    Stcd: state,
    ...(party.email && /^[\w+.-]{1,64}@[A-Za-z0-9.-]{4,100}$/.test(party.email) && { Em: party.email }),
  }
}

/**
 * Reads street, place and PIN off lines such as `14 MG Road`, `Andheri East, Mumbai 400069`. The first line is never
 * the place unless it is the only one; the name of the state is only where there is no other (Delhi, Chandigarh).
 */
function addressOf(party: DocumentParty): { street: string[]; place: string; pin: number | null } {
  const isState = (text: string): boolean => text.toLowerCase() === party.state?.name.toLowerCase()
  const lines = party.address.map((line) => line.trim()).filter((line) => !/^(india)?$/i.test(line))
  const code = /(?<!\d)([1-9]\d{2}) ?(\d{3})(?!\d)/
  const coded = party.country === 'IN' ? lines.findLastIndex((line) => code.test(line)) : -1
  const found = coded >= 0 ? code.exec(lines[coded] ?? '') : null
  const at = coded >= 0 ? coded : lines.length - 1
  const parts = (lines[at] ?? '')
    .replace(found?.[0] ?? '', '')
    .split(',')
    .map((part) => part.replace(/^[\s-]+|[\s-]+$/g, ''))
    .filter((part) => part !== '')
  const places = [...parts.toReversed(), ...lines.slice(1, Math.max(at, 1)).reverse()]
  const place = places.find((one) => !isState(one)) ?? places[0] ?? ''
  const street = lines.filter(
    (line, index) => line !== place && !isState(line) && (index !== at || parts.length > 1),
  )
  return {
    street: street.length > 0 ? street : lines,
    place,
    pin: found ? Number(`${found[1]}${found[2]}`) : null,
  }
}

/** Without the two characters the schema forbids, and no longer than it allows. */
export function clean(text: string, length: number): string {
  return [...text.replaceAll('"', "'").replaceAll('\\', '/').replace(/\s+/g, ' ').trim()]
    .slice(0, length)
    .join('')
}
