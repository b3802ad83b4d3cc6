/** `user invite`: somebody is asked to join a tenant; the link is mailed, and shown once. */
import { Args, Flags } from '@oclif/core'
import { inviteUser, type InvitedUser } from '../../people/invitations/invite.js'
import { userLanguages, type UserLanguage } from '../../people/particulars.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatInvited } from '../../terminal/invitation-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { asFlag, tenantArg } from '../../terminal/user-flags.js'

export default class UserInvite extends BaseCommand {
  static override summary = 'Invite somebody to a tenant: the link is mailed, and shown once.'
  static override description =
    'It works once, for seven days; only its hash is stored. Who has a password keeps it, and only accepts. Without ERPMAX_PUBLIC_URL nothing is mailed, and the token is shown for you to hand over. Exits 6 where an invitation is open already, or the tier has no room.'
  static override examples = [
    '<%= config.bin %> user invite acme asha@acme.test --role user',
    '<%= config.bin %> user invite acme asha@acme.test --role accountant --name "Asha Rao" --language hi',
    '<%= config.bin %> user invite acme asha@acme.test --role admin --as owner@acme.test --json',
  ]
  static override args = {
    tenant: tenantArg,
    email: Args.string({ description: 'address of the person', required: true }),
  }
  static override flags = {
    role: Flags.string({ description: 'owner, admin, user, member, or a role of your own', required: true }),
    name: Flags.string({ description: 'full name of somebody new; they may change it when they accept' }),
    language: Flags.string({
      description: "of the mail to somebody new; the tenant's unless given",
      options: [...userLanguages],
    }),
    as: asFlag,
    'dry-run': dryRunFlag,
  }

  async run(): Promise<InvitedUser> {
    const { args, flags } = await this.parse(UserInvite)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'user.invite', kind: 'user', subject: args.email })
    const ctx = await this.open('use')
    const input = {
      ...{ tenant: args.tenant, email: args.email, role: flags.role, name: flags.name ?? null },
      ...{ language: (flags.language ?? null) as UserLanguage | null, as: flags.as ?? null, dryRun },
    }
    return this.report(await inviteUser(ctx, input), formatInvited)
  }
}
