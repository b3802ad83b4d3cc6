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
  // Short ones are near to anything: the first letter is seldom the one that is mistyped.
  const topics = config.topics
    .map(({ name }) => name.replaceAll(':', ' '))
    .filter((name) => name[0] === id[0])
  // What follows the command's own words are its arguments: they count for nothing.
  const guesses = [1, 2, 3].map((count) =>
    nearest(
      words.slice(0, count).join(' '),
      [...names, ...topics].filter((name) => name.split(' ').length === count),
    ),
  )
  const among = (some: typeof guesses): string | null => some.findLast((name) => name !== null) ?? null
  // Names of more words than were typed are for words that were run together.
  const guess = among(guesses.slice(0, words.length)) ?? among(guesses)
  const help = guess === null || !names.includes(guess) ? ' --help' : ''
  throw new ErpmaxError('usage', 'command.unknown', `There is no command "${words.slice(0, 2).join(' ')}"`, {
    hint: `erpmax${guess === null ? '' : ` ${guess}`}${help}`,
  })
}

export default hook
