/** Secrets from stdin: one line, never from a flag's value. */
import { ErpmaxError } from '../kernel/errors.js'
import { Secret } from '../kernel/secret.js'
import { shellWord } from '../kernel/shell-word.js'
import type { Terminal } from './terminal.js'

/** The command as it was typed, its secret from a pipe. */
export function pipedCommand(what: string, typed: readonly string[]): string {
  const flag = `--${what}-stdin`
  const words = typed.includes(flag) ? typed : [...typed, flag]
  return [`echo "$${what.toUpperCase()}" | erpmax`, ...words.map(shellWord)].join(' ')
}

/** Reads stdin to its end; a trailing line break is not part of the secret. */
export async function readSecretFromStdin(what: string): Promise<Secret> {
  if (process.stdin.isTTY) {
    throw new ErpmaxError(
      'usage',
      'usage.stdin_is_terminal',
      `--${what}-stdin reads a pipe, and stdin is the terminal`,
      {
        hint: pipedCommand(what, process.argv.slice(2)),
      },
    )
  }
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (text === '')
    throw new ErpmaxError('usage', 'usage.secret_empty', `Nothing came on stdin for --${what}-stdin`)
  return new Secret(text)
}

/**
 * From stdin where that is asked for, else by a hidden prompt where a person is there.
 * @param what `password`: the flag is --password-stdin
 * @throws usage `usage.missing`, and as `readSecretFromStdin`
 */
export async function secretAnswer(
  what: 'password' | 'token',
  fromStdin: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Secret> {
  if (fromStdin) return readSecretFromStdin(what)
  if (!terminal.interactive) {
    throw new ErpmaxError(
      'usage',
      'usage.missing',
      `The ${what} is missing, and nobody is there to type it`,
      {
        hint: pipedCommand(what, process.argv.slice(2)),
      },
    )
  }
  const { Prompter } = await import('./prompter.js')
  const message = what === 'password' ? 'Password' : 'Token'
  const typed = await new Prompter(terminal, signal).secret({
    message,
    validate: (text) => (text === '' ? `${message}: nothing was typed` : true),
  })
  return new Secret(typed)
}
