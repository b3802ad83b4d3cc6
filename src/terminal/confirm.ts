/** Confirmation by danger: y/N for moderate things, the typed name for severe ones; flags where nobody is there. */
import { ErpmaxError } from '../kernel/errors.js'
import type { Terminal } from './terminal.js'

/**
 * Severe: the name is typed, or given with --confirm; --yes is not enough.
 * @throws usage without a terminal and without the flag; declined for another name
 */
export async function confirmByName(
  what: string,
  name: string,
  given: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (given === undefined && !terminal.interactive) {
    throw new ErpmaxError(
      'usage',
      'usage.confirmation_missing',
      `${what} cannot be undone and needs the name as confirmation`,
      {
        hint: `--confirm ${name}`,
      },
    )
  }
  const typed = given ?? (await askName(what, name))
  if (typed === name) return
  throw new ErpmaxError('declined', 'declined', `"${typed}" is not ${name}: nothing was done`)
}

async function askName(what: string, name: string): Promise<string> {
  const { default: inquirer } = await import('inquirer')
  const prompt = inquirer.createPromptModule({ output: process.stderr })
  const { typed } = await prompt([
    { type: 'input', name: 'typed', message: `${what} cannot be undone. Type ${name} to go on:` },
  ])
  return typed.trim()
}
