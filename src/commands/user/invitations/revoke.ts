/** `user invitations revoke`: an invitation is taken back. */
import { revokeInvitation, type RevokedInvitation } from '../../../people/invitations/renew.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatRevoked } from '../../../terminal/invitation-report.js'
import { asFlag, tenantArg, userArg } from '../../../terminal/user-flags.js'

export default class UserInvitationsRevoke extends BaseCommand {
  static override summary = 'Take an invitation back: its link is dead, and the seat is free.'
  static override examples = [
    '<%= config.bin %> user invitations revoke acme asha@acme.test',
    '<%= config.bin %> user invitations revoke acme asha@acme.test --as admin@acme.test --json',
  ]
  static override args = { tenant: tenantArg, user: userArg }
  static override flags = { as: asFlag }

  async run(): Promise<RevokedInvitation> {
    const { args, flags } = await this.parse(UserInvitationsRevoke)
    this.auditFailuresAs({ action: 'invitation.revoke', kind: 'user', subject: args.user })
    const ctx = await this.open('use')
    return this.report(await revokeInvitation(ctx, { ...args, as: flags.as ?? null }), formatRevoked)
  }
}
