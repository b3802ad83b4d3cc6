/** `auth switch`: the same session in another tenant of its user. */
import { Args } from '@oclif/core'
import { formatSignedIn } from '../../terminal/session-report.js'
import { TokenCommand, tokenFlags } from '../../terminal/token-command.js'
import { switchTenant } from '../../people/sessions/switch-tenant.js'
import type { SignedIn } from '../../people/sessions/signed-in.js'

export default class AuthSwitch extends TokenCommand {
  static override summary = 'Go on in another tenant of the same user: an access token names one tenant.'
  static override description =
    'Takes an access token, and the refresh token there is goes on in the new tenant; or a refresh token, which is used up and followed by the next. An access token for the former tenant works until it expires.'
  static override examples = [
    'echo "$ACCESS_TOKEN" | <%= config.bin %> auth switch globex --token-stdin',
    'echo "$REFRESH_TOKEN" | <%= config.bin %> auth switch globex --token-stdin --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = { ...tokenFlags }

  async run(): Promise<SignedIn> {
    const { args, flags } = await this.parse(AuthSwitch)
    const token = await this.tokenFrom(flags)
    return this.report(await switchTenant(await this.open('use'), token, args.tenant), formatSignedIn)
  }
}
