/** `user reset-password`: a link to set a new password. */
import { requestReset, type RequestedReset } from '../../people/reset-password.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { asFlag, userArg } from '../../terminal/user-flags.js'
import { formatReset } from '../../terminal/user-report.js'

export default class UserResetPassword extends BaseCommand {
  static override summary = 'Make a link with which somebody sets a new password: mailed, and shown once.'
  static override description =
    'It works once, for two hours; the password stays as it is until then, and sessions end when it is used. A newer link ends the older. Without ERPMAX_PUBLIC_URL nothing is mailed, and the token is shown.'
  static override examples = [
    '<%= config.bin %> user reset-password asha@acme.test',
    '<%= config.bin %> user reset-password asha@acme.test --as owner@acme.test --json',
  ]
  static override args = { user: userArg }
  static override flags = { as: asFlag }

  async run(): Promise<RequestedReset> {
    const { args, flags } = await this.parse(UserResetPassword)
    this.auditFailuresAs({ action: 'user.reset_password', kind: 'user', subject: args.user })
    const ctx = await this.open('use')
    return this.report(await requestReset(ctx, { user: args.user, as: flags.as ?? null }), formatReset)
  }
}
