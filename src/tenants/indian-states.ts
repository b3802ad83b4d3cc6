/** Indian states and union territories: ISO 3166-2 suffix and the two-digit code of the GST (the GSTIN's first two digits). */

export interface IndianState {
  iso: string
  gst: string
  name: string
}

/** Codes of the GST portal's state list; ISO suffixes as of the 2023 edition, with the older ones people still type. */
export const indianStates: readonly IndianState[] = [
  ['JK', '01', 'Jammu and Kashmir'],
  ['HP', '02', 'Himachal Pradesh'],
  ['PB', '03', 'Punjab'],
  ['CH', '04', 'Chandigarh'],
  ['UK', '05', 'Uttarakhand'],
  ['HR', '06', 'Haryana'],
  ['DL', '07', 'Delhi'],
  ['RJ', '08', 'Rajasthan'],
  ['UP', '09', 'Uttar Pradesh'],
  ['BR', '10', 'Bihar'],
  ['SK', '11', 'Sikkim'],
  ['AR', '12', 'Arunachal Pradesh'],
  ['NL', '13', 'Nagaland'],
  ['MN', '14', 'Manipur'],
  ['MZ', '15', 'Mizoram'],
  ['TR', '16', 'Tripura'],
  ['ML', '17', 'Meghalaya'],
  ['AS', '18', 'Assam'],
  ['WB', '19', 'West Bengal'],
  ['JH', '20', 'Jharkhand'],
  ['OD', '21', 'Odisha'],
  ['CG', '22', 'Chhattisgarh'],
  ['MP', '23', 'Madhya Pradesh'],
  ['GJ', '24', 'Gujarat'],
  ['DH', '26', 'Dadra and Nagar Haveli and Daman and Diu'],
  ['MH', '27', 'Maharashtra'],
  ['KA', '29', 'Karnataka'],
  ['GA', '30', 'Goa'],
  ['LD', '31', 'Lakshadweep'],
  ['KL', '32', 'Kerala'],
  ['TN', '33', 'Tamil Nadu'],
  ['PY', '34', 'Puducherry'],
  ['AN', '35', 'Andaman and Nicobar Islands'],
  ['TS', '36', 'Telangana'],
  ['AP', '37', 'Andhra Pradesh'],
  ['LA', '38', 'Ladakh'],
].map(([iso = '', gst = '', name = '']) => ({ iso, gst, name }))

const olderSuffixes: Readonly<Record<string, string>> = {
  UT: 'UK',
  OR: 'OD',
  CT: 'CG',
  TG: 'TS',
  DN: 'DH',
  DD: 'DH',
}

/** Finds a state by its ISO suffix (with or without `IN-`) or its GST code. */
export function findIndianState(text: string): IndianState | null {
  const key = text.trim().toUpperCase().replace(/^IN-/, '')
  const iso = olderSuffixes[key] ?? key
  return indianStates.find((state) => state.iso === iso || state.gst === key) ?? null
}
