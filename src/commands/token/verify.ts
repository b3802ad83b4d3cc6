/** `token verify`: does it count now, and why not? */
import { Flags } from '@oclif/core'
import { formatInspected } from '../../terminal/session-report.js'
import { TokenCommand, tokenFlags } from '../../terminal/token-command.js'
import { inspectToken, type InspectedToken } from '../../people/sessions/inspect-token.js'

export default class TokenVerify extends TokenCommand {
  static override summary = 'Say whether an access token, refresh token or API key counts now, and why not.'
  static override description =
    'Signature (ES256), issuer, audience, time, tenant, session, user, membership and the state of the tenant. Uses nothing up. Exit code 0 where it is valid, 4 where it is not; the result is printed either way.'
  static override examples = [
    'echo "$ACCESS_TOKEN" | <%= config.bin %> token verify --token-stdin',
    'echo "$ACCESS_TOKEN" | <%= config.bin %> token verify --tenant acme --token-stdin --json',
  ]
  static override flags = {
    tenant: Flags.string({ description: 'subdomain or id that it must be for' }),
    ...tokenFlags,
  }

  async run(): Promise<{ token: InspectedToken }> {
    const { flags } = await this.parse(TokenVerify)
    const token = await this.tokenFrom(flags)
    const result = await inspectToken(await this.open('use'), token, flags.tenant ?? null)
    if (!result.token.valid) this.endAs('permission')
    return this.report(result, formatInspected)
  }
}
