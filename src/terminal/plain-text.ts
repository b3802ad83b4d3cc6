/** Text of other people as text: what a terminal would act upon, or read in another direction, is written out. */

/** All controls but the line break and the tab; line and paragraph separators; what turns the direction of a text. */
const acting = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
// The same, with colours where we paint: those that came with somebody's text are gone by then.
const actingOrColour = new RegExp(`\u001b\\[[0-9;]*m|${acting.source}`, 'g')

/** `\u001b[2J` becomes the letters `\x1b[2J`, and a line ends as it does here. */
export function plainText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(acting, written)
}

/** The same of every text in a result, which is not touched itself. */
export function plainly<Value>(value: Value): Value {
  if (typeof value === 'string') return plainText(value) as Value
  if (Array.isArray(value)) return value.map((one) => plainly(one as unknown)) as Value
  if (value === null || typeof value !== 'object') return value
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [plainText(key), plainly(one)]),
  ) as Value
}

/** What goes to the screen as a whole. @param painted whether colours are ours to use */
export function plainOutput(text: string, painted: boolean): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(actingOrColour, (found) => (found.length > 1 && painted ? found : written(found)))
}

function written(found: string): string {
  const code = found.charCodeAt(0)
  const sign = code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  return sign + found.slice(1)
}
