/** An unknown command: says which known one is nearest; never asks, never runs it. */
import { ErpmaxError } from '../kernel/errors.js'
import { nearest } from '../kernel/nearest.js'
import type { Hook } from '@oclif/core'

const hook: Hook.CommandNotFound = async function ({ id, config }) {
  const typed = id.replaceAll(':', ' ')
  const names = config.commandIDs.map((known) => known.replaceAll(':', ' '))
  const guess = nearest(typed, names)
  throw new ErpmaxError('usage', 'command.unknown', `There is no command "${typed}"`, {
    hint: guess ? `erpmax ${guess}` : 'erpmax --help',
  })
}

export default hook
