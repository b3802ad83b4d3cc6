/** The token of an invitation and the password of a new person: from a pipe, or asked without showing what is typed. */
import { ErpmaxError, messageOf } from '../kernel/errors.js'
import { Secret } from '../kernel/secret.js'
import { requireGoodPassword } from '../people/passwords.js'
import { readSecretFromStdin } from './secrets.js'
import type { Terminal } from './terminal.js'

export interface SecretFlags {
  'token-stdin': boolean
  'password-stdin': boolean
}

export interface AcceptSecrets {
  token: Secret
  /** Asked once it is known that a password is needed; null where nobody can be asked. */
  password(who: { email: string; company: string }): Promise<Secret | null>
}

/**
 * The token is the first line of the pipe, the password the second.
 * @throws usage `usage.token_missing`, `usage.secret_empty`
 */
export async function acceptSecrets(
  flags: SecretFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<AcceptSecrets> {
  if (flags['token-stdin']) {
    const text = (await readSecretFromStdin('token')).reveal()
    const [token = '', password = ''] = text.split(/\r?\n/)
    if (flags['password-stdin'] && password === '') {
      throw new ErpmaxError('usage', 'usage.secret_empty', 'The second line of stdin holds no password', {
        hint: `printf '%s\\n%s\\n' "$TOKEN" "$PASSWORD" | erpmax user accept --token-stdin --password-stdin`,
      })
    }
    const given = flags['password-stdin'] ? new Secret(password) : null
    return { token: new Secret(token), password: () => Promise.resolve(given) }
  }
  if (!terminal.interactive || flags['password-stdin']) {
    throw new ErpmaxError('usage', 'usage.token_missing', 'The token of the invitation is missing', {
      hint: 'echo "$TOKEN" | erpmax user accept --token-stdin',
    })
  }
  const { Prompter } = await import('./prompter.js')
  const prompter = new Prompter(terminal, signal)
  const token = await prompter.secret({
    message: 'Token, or link, of the invitation:',
    validate: (text) => text.trim() !== '' || 'Paste it here; it is not shown',
  })
  return {
    token: new Secret(token.trim()),
    password: async ({ email, company }) => {
      prompter.say(`  ${company}: a password for ${email}, 12 characters or more.`)
      for (;;) {
        const first = await prompter.secret({
          message: 'New password:',
          validate: (text) => problemOf(text) ?? true,
        })
        const second = await prompter.secret({ message: 'Password again:', validate: () => true })
        if (first === second) return new Secret(first)
        prompter.say(`  ${prompter.looks.paint.red('The two are not the same. Once more.')}`)
      }
    },
  }
}

function problemOf(password: string): string | null {
  try {
    requireGoodPassword(new Secret(password))
    return null
  } catch (error) {
    return messageOf(error)
  }
}
