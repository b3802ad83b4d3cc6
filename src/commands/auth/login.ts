/** `auth login`: tokens for somebody who knows their password. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { secretAnswer } from '../../terminal/secrets.js'
import { formatSignedIn } from '../../terminal/session-report.js'
import { login } from '../../people/sessions/login.js'
import type { SignedIn } from '../../people/sessions/signed-in.js'

export default class AuthLogin extends BaseCommand {
  static override summary = 'Sign a user of the ERP in: an access token and a refresh token for one tenant.'
  static override description =
    'For trying out and for scripts of front ends: erpmax itself stores no token. The access token works for 30 minutes, the refresh token once, within 7 days. Five wrong passwords lock the account for 15 minutes; unknown, wrong and locked get one answer. The user, the membership and the tenant must be active.'
  static override examples = [
    '<%= config.bin %> auth login asha@acme.test',
    'echo "$PASSWORD" | <%= config.bin %> auth login asha@acme.test --tenant acme --password-stdin --json',
  ]
  static override args = { email: Args.string({ description: 'e-mail address', required: true }) }
  static override flags = {
    tenant: Flags.string({ description: 'subdomain or id; the default one where it is left out' }),
    'password-stdin': Flags.boolean({ description: 'read the password from stdin', default: false }),
  }

  async run(): Promise<SignedIn> {
    const { args, flags } = await this.parse(AuthLogin)
    const fromStdin = flags['password-stdin']
    const password = await secretAnswer('password', fromStdin, this.terminal, this.interruption())
    const ctx = await this.open('use')
    const result = await login(ctx, { email: args.email, password, tenant: flags.tenant ?? null })
    return this.report(result, formatSignedIn)
  }
}
