/** Secrets from stdin: one line, never from a flag's value. */
import { ErpmaxError } from '../kernel/errors.js'
import { Secret } from '../kernel/secret.js'

/** Reads stdin to its end; a trailing line break is not part of the secret. */
export async function readSecretFromStdin(what: string): Promise<Secret> {
  if (process.stdin.isTTY) {
    throw new ErpmaxError(
      'usage',
      'usage.stdin_is_terminal',
      `--${what}-stdin reads a pipe, and stdin is the terminal`,
      {
        hint: `echo "$SECRET" | erpmax ... --${what}-stdin`,
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
