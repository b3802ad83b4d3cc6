/** `sso-token revoke`: a token opens nothing any more. */
import { Args, Flags } from '@oclif/core'
import { ErpmaxError } from '../../kernel/errors.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { tokenInput } from '../../terminal/sso-input.js'
import { formatRevokedToken } from '../../terminal/sso-report.js'
import { revokeToken, type RevokedToken } from '../../people/sso/tokens.js'

export default class SsoTokenRevoke extends BaseCommand {
  static override summary = 'Revoke a token before it is used.'
  static override description =
    'One that was used is refused: the session it opened belongs to the site, and is ended there.'
  static override examples = [
    '<%= config.bin %> sso-token revoke 1f6b2c9e',
    'echo "$TOKEN" | <%= config.bin %> sso-token revoke --token-stdin',
  ]
  static override args = {
    id: Args.string({
      description: 'its id, or at least four characters of the beginning: not the token',
    }),
  }
  static override flags = {
    'token-stdin': Flags.boolean({ description: 'read the token itself from stdin', default: false }),
  }

  async run(): Promise<RevokedToken> {
    const { args, flags } = await this.parse(SsoTokenRevoke)
    const id = args.id
    if ((id === undefined) !== flags['token-stdin'])
      throw new ErpmaxError(
        'usage',
        'usage.token_missing',
        id === undefined ? 'Which token?' : 'Name a token, or send it with --token-stdin: not both',
        { hint: 'erpmax sso-token list' },
      )
    // What was typed as an id may have been the token.
    const subject = id !== undefined && id.length <= 36 ? id : 'token'
    this.auditFailuresAs({ action: 'sso_token.revoke', kind: 'sso_token', subject })
    const ctx = await this.open('use')
    const asking = { terminal: this.terminal, signal: this.interruption() }
    const choice = id === undefined ? { token: await tokenInput(true, asking) } : { id }
    return this.report(await revokeToken(ctx, choice), formatRevokedToken)
  }
}
