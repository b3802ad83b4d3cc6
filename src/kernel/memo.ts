/** Remembers what a pure function gave, for the few arguments that a long run asks over and over. */

/** More answers than this are all forgotten at once: what a run asks for are some hundred. */
const most = 10_000

export function remembered<Arguments extends readonly (string | number)[], Result>(
  compute: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  const known = new Map<string, Result>()
  return (...args) => {
    const key = args.join(' ')
    const found = known.get(key)
    if (found !== undefined) return found
    const result = compute(...args)
    if (known.size >= most) known.clear()
    known.set(key, result)
    return result
  }
}
