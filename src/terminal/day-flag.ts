/** A flag that takes a day. */
import { Flags } from '@oclif/core'
import { plainDate } from '../kernel/dates.js'

export function dayFlag(description: string, more: { helpGroup?: string } = {}) {
  return Flags.string({
    description: `${description}; YYYY-MM-DD`,
    parse: (text) => Promise.resolve(plainDate(text)),
    ...more,
  })
}
