/** Where `sso-token` takes a token from, and a site's key: stdin, the settings, a hidden prompt; never a flag's value. */
import { ErpmaxError } from '../kernel/errors.js'
import { Secret } from '../kernel/secret.js'
import { readSecretFromStdin } from './secrets.js'
import type { Config } from '../kernel/config.js'
import type { Terminal } from './terminal.js'

interface Asking {
  terminal: Terminal
  signal: AbortSignal
}

/** @throws usage `usage.token_missing` where nobody can be asked */
export async function tokenInput(fromStdin: boolean, asking: Asking): Promise<Secret> {
  const [token] = fromStdin ? await secretLines() : [await askFor('Token:', asking)]
  return token ?? missingToken()
}

/**
 * The token on the first line, the site's key on the second, or in ERPMAX_SSO_SITE_KEY.
 * @throws usage `usage.token_missing`, `usage.site_key_missing`
 */
export async function tokenAndKeyInput(
  fromStdin: boolean,
  settings: Config,
  asking: Asking,
): Promise<{ token: Secret; key: Secret }> {
  const [token = missingToken(), second] = fromStdin ? await secretLines() : [await askFor('Token:', asking)]
  const key = second ?? settings.secret('ERPMAX_SSO_SITE_KEY')
  if (key) return { token, key }
  if (!fromStdin) return { token, key: await askFor("The site's key:", asking) }
  throw new ErpmaxError('usage', 'usage.site_key_missing', "A token is redeemed with its site's key", {
    hint: 'Set ERPMAX_SSO_SITE_KEY or ERPMAX_SSO_SITE_KEY_FILE, or send the key as the second line of stdin',
  })
}

async function secretLines(): Promise<Secret[]> {
  const text = (await readSecretFromStdin('token')).reveal()
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => new Secret(line))
}

async function askFor(message: string, { terminal, signal }: Asking): Promise<Secret> {
  if (!terminal.interactive) return missingToken()
  const { Prompter } = await import('./prompter.js')
  const validate = (text: string): true | string => text.trim() !== '' || 'Nothing was typed'
  return new Secret((await new Prompter(terminal, signal).secret({ message, validate })).trim())
}

function missingToken(): never {
  throw new ErpmaxError('usage', 'usage.token_missing', 'Which token?', { hint: '--token-stdin' })
}
