/** `token revoke`: one token, at once. */
import { formatRevoked } from '../../terminal/session-report.js'
import { TokenCommand, tokenFlags } from '../../terminal/token-command.js'
import { revokeToken, type RevokedToken } from '../../people/sessions/revoke-token.js'

export default class TokenRevoke extends TokenCommand {
  static override summary =
    'Revoke an access token by itself, a refresh token with its session, or an API key.'
  static override description =
    'At once wherever erpmax verifies it; a program that verifies access tokens by itself sees it when they expire. The second time it says that nothing was left to do.'
  static override examples = [
    'echo "$ACCESS_TOKEN" | <%= config.bin %> token revoke --token-stdin',
    'echo "$REFRESH_TOKEN" | <%= config.bin %> token revoke --token-stdin --json',
  ]
  static override flags = { ...tokenFlags }

  async run(): Promise<RevokedToken> {
    const { flags } = await this.parse(TokenRevoke)
    const token = await this.tokenFrom(flags)
    return this.report(await revokeToken(await this.open('use'), token), formatRevoked)
  }
}
