/** `sso-token inspect`: what a token would open. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { tokenInput } from '../../terminal/sso-input.js'
import { formatToken } from '../../terminal/sso-report.js'
import { inspectToken, type InspectedToken } from '../../people/sso/tokens.js'

export default class SsoTokenInspect extends BaseCommand {
  static override summary = 'Show what a token would open, without using it up.'
  static override examples = [
    'echo "$TOKEN" | <%= config.bin %> sso-token inspect --token-stdin',
    'echo "$TOKEN" | <%= config.bin %> sso-token inspect --token-stdin --json',
  ]
  static override flags = {
    'token-stdin': Flags.boolean({ description: 'read the token from stdin', default: false }),
  }

  async run(): Promise<InspectedToken> {
    const { flags } = await this.parse(SsoTokenInspect)
    const ctx = await this.open('use')
    const asking = { terminal: this.terminal, signal: this.interruption() }
    const token = await tokenInput(flags['token-stdin'], asking)
    return this.report(await inspectToken(ctx, token), formatToken)
  }
}
