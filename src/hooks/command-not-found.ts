/** An unknown command: says which known one is nearest; never asks, never runs it. */
import { ErpmaxError } from '../kernel/errors.js'
import { nearest } from '../kernel/nearest.js'
import type { Hook } from '@oclif/core'

const hook: Hook.CommandNotFound = async function ({ id, config }) {
  const words = id.split(':')
  const names = config.commandIDs.map((one) => one.replaceAll(':', ' '))
  const known = [3, 2, 1].map((count) => words.slice(0, count).join(' ')).find((name) => names.includes(name))
  if (known !== undefined) {
    const extra = words.slice(known.split(' ').length).join(' ')
    throw new ErpmaxError('usage', 'usage', `"${known}" takes no argument, so what is "${extra}"?`, {
      hint: `erpmax ${known} --help`,
    })
  }
  // What follows the command's own words are its arguments: they count for nothing.
  const guesses = [1, 2, 3].map((count) =>
    nearest(
      words.slice(0, count).join(' '),
      names.filter((name) => name.split(' ').length === count),
    ),
  )
  const guess = guesses.findLast((name) => name !== null) ?? null
  const topic = config.topics.some(({ name }) => name === words[0])
    ? `erpmax ${words[0]} --help`
    : 'erpmax --help'
  throw new ErpmaxError('usage', 'command.unknown', `There is no command "${words.slice(0, 2).join(' ')}"`, {
    hint: guess ? `erpmax ${guess}` : topic,
  })
}

export default hook
