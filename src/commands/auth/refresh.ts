/** `auth refresh`: the next pair of tokens for a refresh token. */
import { formatSignedIn } from '../../terminal/session-report.js'
import { TokenCommand, tokenFlags } from '../../terminal/token-command.js'
import { refresh } from '../../people/sessions/refresh.js'
import type { SignedIn } from '../../people/sessions/signed-in.js'

export default class AuthRefresh extends TokenCommand {
  static override summary = 'Exchange a refresh token for a new access token and the next refresh token.'
  static override description =
    'Each refresh token works once, without grace: one that comes a second time was stolen, and ends its session for thief and owner, with a mail to the owner. A client therefore sends one refresh at a time.'
  static override examples = [
    'echo "$REFRESH_TOKEN" | <%= config.bin %> auth refresh --token-stdin',
    'echo "$REFRESH_TOKEN" | <%= config.bin %> auth refresh --token-stdin --json | jq -r .data.access_token',
  ]
  static override flags = { ...tokenFlags }

  async run(): Promise<SignedIn> {
    const { flags } = await this.parse(AuthRefresh)
    const token = await this.tokenFrom(flags)
    return this.report(await refresh(await this.open('use'), token), formatSignedIn)
  }
}
