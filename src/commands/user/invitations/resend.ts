/** `user invitations resend`: a new link; the old one dies. */
import { resendInvitation, type ResentInvitation } from '../../../people/invitations/renew.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatResent } from '../../../terminal/invitation-report.js'
import { asFlag, tenantArg, userArg } from '../../../terminal/user-flags.js'

export default class UserInvitationsResend extends BaseCommand {
  static override summary = 'Send an invitation again, for seven days from now; earlier links are dead.'
  static override description =
    'For a first administrator too who never set a password. Mailed and shown once, as by user invite.'
  static override examples = [
    '<%= config.bin %> user invitations resend acme asha@acme.test',
    '<%= config.bin %> user invitations resend acme asha@acme.test --json',
  ]
  static override args = { tenant: tenantArg, user: userArg }
  static override flags = { as: asFlag }

  async run(): Promise<ResentInvitation> {
    const { args, flags } = await this.parse(UserInvitationsResend)
    this.auditFailuresAs({ action: 'invitation.resend', kind: 'user', subject: args.user })
    const ctx = await this.open('use')
    return this.report(await resendInvitation(ctx, { ...args, as: flags.as ?? null }), formatResent)
  }
}
