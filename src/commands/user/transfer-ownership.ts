/** `user transfer-ownership`: a tenant gets another owner. */
import { Flags } from '@oclif/core'
import { transferOwnership, type TransferredOwnership } from '../../people/change-role.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { dryRunFlag, yesFlag } from '../../terminal/subscription-input.js'
import { asFlag, tenantArg, userArg } from '../../terminal/user-flags.js'
import { formatTransferred } from '../../terminal/user-report.js'

export default class UserTransferOwnership extends BaseCommand {
  static override summary = 'Hand a tenant over: a member becomes its owner, the former one administrator.'
  static override description =
    'Where there are several owners, --from says who steps back. As a member only an owner may do it, and steps back themselves.'
  static override examples = [
    '<%= config.bin %> user transfer-ownership acme asha@acme.test',
    '<%= config.bin %> user transfer-ownership acme asha@acme.test --from owner@acme.test --yes',
  ]
  static override args = { tenant: tenantArg, user: userArg }
  static override flags = {
    from: Flags.string({ description: 'the owner who steps back', helpValue: '<email>' }),
    as: asFlag,
    yes: yesFlag,
    'dry-run': dryRunFlag,
  }

  async run(): Promise<TransferredOwnership> {
    const { args, flags } = await this.parse(UserTransferOwnership)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'user.transfer_ownership', kind: 'user', subject: args.user })
    const ctx = await this.open('use')
    if (!dryRun) await confirmYes(`Make ${args.user} the owner of ${args.tenant}`, flags.yes, this.terminal)
    const handing = { ...args, from: flags.from ?? null, as: flags.as ?? null, dryRun }
    return this.report(await transferOwnership(ctx, handing), formatTransferred)
  }
}
