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
  const typed = given ?? (await ask(`${what} cannot be undone. Type ${name} to go on:`))
  if (typed === name) return
  throw new ErpmaxError('declined', 'declined', `"${typed}" is not ${name}: nothing was done`)
}

/**
 * Moderate: y/N, or --yes.
 * @param what `Suspend acme`
 * @throws usage without a terminal and without the flag; declined for a no
 */
export async function confirmYes(what: string, yes: boolean | undefined, terminal: Terminal): Promise<void> {
  if (yes) return
  if (!terminal.interactive) {
    throw new ErpmaxError('usage', 'usage.confirmation_missing', `${what}: this needs a confirmation`, {
      hint: '--yes',
    })
  }
  const { default: inquirer } = await import('inquirer')
  const prompt = inquirer.createPromptModule({ output: process.stderr })
  const { sure } = await prompt([{ type: 'confirm', name: 'sure', message: `${what}?`, default: false }])
  if (!sure) throw new ErpmaxError('declined', 'declined', 'Nothing was done')
}

/**
 * Many at once: the number of tenants is typed, or given with --confirm.
 * @param what `This suspends`
 */
export async function confirmCount(
  what: string,
  names: readonly string[],
  given: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const count = String(names.length)
  const shown =
    names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
  const message = `${what} ${count} tenants: ${shown}`
  if (given === undefined && !terminal.interactive) {
    throw new ErpmaxError(
      'usage',
      'usage.confirmation_missing',
      `${message}. The number is needed as confirmation`,
      {
        hint: `--confirm ${count}`,
        details: { count: names.length },
      },
    )
  }
  const typed = given ?? (await ask(`${message}. Type ${count} to go on:`))
  if (typed === count) return
  throw new ErpmaxError('declined', 'declined', `"${typed}" is not ${count}: nothing was done`, {
    details: { count: names.length },
  })
}

async function ask(message: string): Promise<string> {
  const { default: inquirer } = await import('inquirer')
  const prompt = inquirer.createPromptModule({ output: process.stderr })
  const { typed } = await prompt([{ type: 'input', name: 'typed', message }])
  return typed.trim()
}
