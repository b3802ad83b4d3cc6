/** Which modules come along when one is chosen, and which go with one that is given up. */
import type { Module } from './catalogue.js'

/** What is chosen once `code` is too: all that it needs, and what that needs, comes along. */
export function withModule(
  modules: readonly Module[],
  chosen: ReadonlySet<string>,
  code: string,
): Set<string> {
  const result = new Set(chosen)
  const add = (wanted: string): void => {
    const module = modules.find((one) => one.code === wanted)
    if (!module || module.is_base || result.has(wanted)) return
    result.add(wanted)
    module.requires.forEach(add)
  }
  add(code)
  return result
}

/** What stays chosen without `code`: all that needs it, and what needs that, goes too. */
export function withoutModule(
  modules: readonly Module[],
  chosen: ReadonlySet<string>,
  code: string,
): Set<string> {
  const result = new Set(chosen)
  const remove = (unwanted: string): void => {
    if (!result.delete(unwanted)) return
    modules.filter((one) => one.requires.includes(unwanted)).forEach((one) => remove(one.code))
  }
  remove(code)
  return result
}
