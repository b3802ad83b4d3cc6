/** `user remove`: somebody does not belong to a tenant any more. */
import { removeMember, type RemovedMember } from '../../people/remove-member.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { dryRunFlag, yesFlag } from '../../terminal/subscription-input.js'
import { asFlag, tenantArg, userArg } from '../../terminal/user-flags.js'
import { formatRemoved } from '../../terminal/user-report.js'

export default class UserRemove extends BaseCommand {
  static override summary = 'Remove somebody from a tenant; their sessions in it end.'
  static override description =
    'The account stays, and places in other tenants. In the ERP they are disabled, and what they wrote stays. An invitation that is open is taken back. The last owner stays.'
  static override examples = [
    '<%= config.bin %> user remove acme asha@acme.test',
    '<%= config.bin %> user remove acme asha@acme.test --yes --json',
    '<%= config.bin %> user remove acme asha@acme.test --as admin@acme.test --dry-run',
  ]
  static override args = { tenant: tenantArg, user: userArg }
  static override flags = { as: asFlag, yes: yesFlag, 'dry-run': dryRunFlag }

  async run(): Promise<RemovedMember> {
    const { args, flags } = await this.parse(UserRemove)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'user.remove', kind: 'user', subject: args.user })
    const ctx = await this.open('use')
    if (!dryRun) await confirmYes(`Remove ${args.user} from ${args.tenant}`, flags.yes, this.terminal)
    return this.report(await removeMember(ctx, { ...args, as: flags.as ?? null, dryRun }), formatRemoved)
  }
}
