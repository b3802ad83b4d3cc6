/** Dated data in versions: what a new value from a day on does to the rows that are there. */
import type { PlainDate } from '../../kernel/dates.js'

export interface Version<Value> {
  id: string
  from: PlainDate
  /** Exclusive; null: until further notice. */
  to: PlainDate | null
  value: Value
}

export type Supersession<Value> =
  | { kind: 'none' }
  /** A row that begins on that very day is corrected. */
  | { kind: 'correct'; old: Version<Value> }
  /** The row in force, if any, is closed; the new one lasts as long as it did, or up to the next one. */
  | { kind: 'add'; close: Version<Value> | null; to: PlainDate | null }

/** @param versions of one thing, not overlapping, in any order */
export function supersede<Value>(
  versions: readonly Version<Value>[],
  from: PlainDate,
  same: (value: Value) => boolean,
): Supersession<Value> {
  const current = versions.find((one) => one.from <= from && (one.to === null || from < one.to)) ?? null
  if (current && same(current.value)) return { kind: 'none' }
  if (current?.from === from) return { kind: 'correct', old: current }
  const next = versions
    .map((one) => one.from)
    .filter((begin) => begin > from)
    .sort()[0]
  return { kind: 'add', close: current, to: current ? current.to : (next ?? null) }
}
