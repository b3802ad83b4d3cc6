/** Parameters as a provider documents them: names, types and limits; whatever else is sent is refused. */

export type Rule =
  | 'string'
  | 'integer'
  | 'boolean'
  /** Texts by name, each at most 500 long. */
  | 'map'
  /** A whole number, or bounds: `gt`, `gte`, `lt`, `lte`. */
  | 'range'
  | { upTo: number }
  | { oneOf: readonly string[] }
  | { list: Rule }
  | { object: Readonly<Record<string, Rule>>; required?: readonly string[] }

export interface Wrong {
  param: string
  why: 'unknown' | 'missing' | 'invalid' | 'too_long'
}

/** The first thing wrong, or null. Numbers and booleans may be texts, as in a form. */
export function firstWrong(value: unknown, rule: Rule, param = ''): Wrong | null {
  const invalid: Wrong = { param, why: 'invalid' }
  if (rule === 'string') return typeof value === 'string' ? null : invalid
  if (rule === 'integer') return /^-?\d{1,12}$/.test(String(value)) && !isObject(value) ? null : invalid
  if (rule === 'boolean') return /^(true|false)$/.test(String(value)) ? null : invalid
  if (rule === 'range')
    return isObject(value)
      ? firstWrong(value, { object: { gt: 'integer', gte: 'integer', lt: 'integer', lte: 'integer' } }, param)
      : firstWrong(value, 'integer', param)
  if (rule === 'map') {
    if (!isObject(value)) return invalid
    const long = Object.entries(value).find(([name, text]) => name.length > 40 || String(text).length > 500)
    const nested = Object.entries(value).find(([, text]) => typeof text === 'object')
    if (nested) return { param: `${param}[${nested[0]}]`, why: 'invalid' }
    return long ? { param: `${param}[${long[0]}]`, why: 'too_long' } : null
  }
  if ('upTo' in rule)
    return typeof value !== 'string' ? invalid : value.length > rule.upTo ? { param, why: 'too_long' } : null
  if ('oneOf' in rule) return rule.oneOf.includes(String(value)) ? null : invalid
  if ('list' in rule) {
    const items = Array.isArray(value) ? (value as unknown[]) : isObject(value) ? Object.values(value) : null
    if (!items) return invalid
    return first(items.map((item, index) => firstWrong(item, rule.list, `${param}[${index}]`)))
  }
  if (!isObject(value)) return invalid
  const inside = (name: string) => (param === '' ? name : `${param}[${name}]`)
  const missing = (rule.required ?? []).find((name) => value[name] === undefined || value[name] === '')
  return first([
    ...Object.entries(value).map(([name, given]) => {
      const known = rule.object[name]
      return known === undefined
        ? ({ param: inside(name), why: 'unknown' } as const)
        : firstWrong(given, known, inside(name))
    }),
    missing === undefined ? null : { param: inside(missing), why: 'missing' },
  ])
}

function first(all: readonly (Wrong | null)[]): Wrong | null {
  return all.find((one) => one !== null) ?? null
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `a[b][0]=c` as `{a: {b: {0: 'c'}}}`. */
export function nested(form: URLSearchParams): Record<string, unknown> {
  const whole: Record<string, unknown> = {}
  for (const [key, value] of form) {
    const [head = '', ...rest] = key.split(/\[|\]\[|\]/).filter((part, index) => part !== '' || index === 0)
    const names = key.endsWith('[]')
      ? [head, ...rest, String(count(whole, [head, ...rest]))]
      : [head, ...rest]
    let at = whole
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>
    at[names.at(-1) ?? ''] = value
  }
  return whole
}

function count(whole: Record<string, unknown>, names: readonly string[]): number {
  let at: unknown = whole
  for (const name of names) at = isObject(at) ? at[name] : undefined
  return isObject(at) ? Object.keys(at).length : 0
}
